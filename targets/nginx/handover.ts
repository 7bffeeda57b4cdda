/** Ports of which some connections are handed over to the layer 4 process: what it shall do for them. */
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ListenEntry, listenKey } from '@causeway/dataplane/policy/listen-file';
import type { ServerNameIR } from '@causeway/ir/gateway';
import { hasHttp2Door, http2Sockets } from './conf/cleartext-http2.ts';
import type { ServedPort } from './conf/listen.ts';
import { frontedPorts, handoverSockets, hasHandover } from './conf/passthrough.ts';

/** nginx waits this long for the layer 4 process to listen before it hands anything over. */
const READY_MS = 3_000;
const POLL_MS = 10;
const PACE_MS = 1_000;

/**
 * A port with what of it is handed over. One that had handed something over keeps the sockets behind, as long as this nginx runs:
 * connections that a worker of before has accepted arrive there yet.
 *
 * @param inForce text of the configuration that nginx runs with
 */
export function withHandover(port: ServedPort, names: readonly ServerNameIR[], inForce: string): ServedPort {
  if (names.length === 0 && port.optionalHeader !== true && !hasHandover(inForce, port)) return port;
  return { ...port, handover: { names } };
}

/** Names that change are worth a reload a second, not more. */
export class HandoverNames {
  readonly #names = new Map<number, readonly ServerNameIR[]>();
  #changedAt = Number.NEGATIVE_INFINITY;
  #waits = false;

  /** @returns those that a port hands over from now on: what is wanted, or still those of before */
  choose(port: number, wanted: readonly ServerNameIR[], now: number): readonly ServerNameIR[] {
    const before = this.#names.get(port) ?? [];
    if (JSON.stringify(before) === JSON.stringify(wanted)) return before;
    if (this.#changedAt !== now && now - this.#changedAt < PACE_MS) {
      this.#waits = true;
      return before;
    }
    this.#changedAt = now;
    this.#names.set(port, wanted);
    return wanted;
  }

  /** When to choose again; undefined: nothing waits. */
  waitMs(now: number): number | undefined {
    const waits = this.#waits;
    this.#waits = false;
    return waits ? Math.max(0, this.#changedAt + PACE_MS - now) : undefined;
  }
}

/** What the layer 4 process listens on for these ports. */
export function handoverEntries(ports: readonly ServedPort[], trustedProxies: readonly string[]): ListenEntry[] {
  return frontedPorts(ports).map(({ port, proxyProtocol, optionalHeader }) => ({
    protocol: 'tls',
    port,
    trusted: proxyProtocol === true ? [] : trustedProxies,
    ...(optionalHeader === undefined ? {} : { mayHaveHeader: optionalHeader }),
  }));
}

/** Waits for it, for a while. @param sockets that are open, as the process says */
export async function untilListening(
  entries: readonly ListenEntry[],
  sockets: () => ReadonlySet<string>,
): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (!entries.every((entry) => sockets().has(listenKey(entry))) && Date.now() < deadline) await sleep(POLL_MS);
}

/** Sockets that a dead nginx left would be in the way of those of the next one. */
export function removeStaleSockets(ports: readonly ServedPort[], inForce: string, agentSocket: string): void {
  for (const port of ports) {
    const stale = [
      ...(port.handover === undefined || hasHandover(inForce, port) ? [] : handoverSockets(port, agentSocket)),
      ...(port.cleartextHttp2 !== true || hasHttp2Door(inForce, port) ? [] : http2Sockets(port, agentSocket)),
    ];
    for (const socket of stale) rmSync(socket, { force: true });
  }
}
