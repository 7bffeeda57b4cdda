/** TLS connections that are passed on as they are: what there is of them in an instance, and their records. */
import type { PassthroughRecord, TlsEnd } from '@causeway/dataplane/policy/record';
import type { ListenerIR, PassthroughIR, ServerNameIR, TlsEndIR } from '@causeway/ir/gateway';
import { forwardGroup, type GroupSpec } from './group-record.ts';
import { isTls } from './listener-port.ts';
import { MultiMap } from './multi-map.ts';
import { streamTlsOf } from './port-records.ts';

export interface RenderedPassthrough {
  /** Absent: none of its listeners speaks TLS. */
  readonly record?: PassthroughRecord;
  readonly group?: GroupSpec;
}

/** @param listeners those that it names and that exist */
export function renderPassthrough(ir: PassthroughIR, listeners: readonly ListenerIR[]): RenderedPassthrough {
  const ports = [...new Set(listeners.filter(isTls).map(({ port }) => String(port)))].sort();
  if (ports.length === 0) return {};
  const { id, hosts, order, action, end } = ir;
  const record = {
    ...({ type: 'passthrough', id, ports, hosts, priority: order.priority, tie: order.tie } as const),
    ...(end === undefined ? {} : { end: renderEnd(end) }),
  };
  if (action.type === 'respond') return { record: { ...record, connectMs: 0, idleMs: 0, attempts: 0 } };
  const { timeouts, retry } = action;
  const group = forwardGroup(action);
  return {
    group,
    record: {
      ...record,
      group: group.id,
      connectMs: timeouts.connectMs,
      idleMs: Math.min(timeouts.readMs, timeouts.sendMs),
      attempts: retry.attempts,
      ...streamTlsOf(action),
    },
  };
}

function renderEnd({ certificates, defaultCertificate, clientCaPem }: TlsEndIR): TlsEnd {
  return {
    certificates,
    ...(defaultCertificate === undefined ? {} : { fallback: defaultCertificate }),
    ...(clientCaPem === undefined ? {} : { clientCaPem }),
  };
}

export class Passthroughs {
  readonly #all = new Map<string, PassthroughIR>();
  readonly #ofListener = new MultiMap();

  get size(): number {
    return this.#all.size;
  }

  get(id: string): PassthroughIR | undefined {
    return this.#all.get(id);
  }

  all(): Iterable<PassthroughIR> {
    return this.#all.values();
  }

  put(id: string, ir: PassthroughIR | undefined): void {
    for (const listener of this.#all.get(id)?.listeners ?? []) this.#ofListener.delete(listener, id);
    for (const listener of ir?.listeners ?? []) this.#ofListener.add(listener, id);
    if (ir === undefined) this.#all.delete(id);
    else this.#all.set(id, ir);
  }

  /** Ids of those that belong to a listener. */
  of(listener: string): ReadonlySet<string> {
    return this.#ofListener.get(listener);
  }

  /** Names that are passed on at the port of these listeners: no duplicates, and none that another covers. */
  names(listeners: readonly ListenerIR[]): readonly ServerNameIR[] {
    const names = new Map<string, ServerNameIR>();
    for (const { id } of listeners.filter(isTls)) {
      for (const passthrough of this.of(id)) {
        for (const host of this.#all.get(passthrough)?.hosts ?? []) names.set(JSON.stringify(host), host);
      }
    }
    const every = [...names.values()].find(({ value }) => value === '');
    if (every !== undefined) return [every];
    const suffixes = new Set([...names.values()].flatMap((name) => (name.op === 'hostSuffix' ? name.value : [])));
    return [...names]
      .filter(([, name]) => name.op === 'hostSuffix' || !suffixes.has(name.value.slice(name.value.indexOf('.'))))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, name]) => name);
  }
}
