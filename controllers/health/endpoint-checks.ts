/**
 * Asks endpoints whether they are well. Groups that ask the same of the same endpoint share one question, whatever data plane
 * they are of; without such groups nothing runs.
 *
 * The first answer decides; until then an endpoint counts as well. Later ones count when there are enough of them in a row.
 */
import { hash } from 'node:crypto';
import type { EndpointIR } from '@causeway/ir/gateway';
import type { EndpointHealth, GroupCheck, WatchedGroups } from '@causeway/targets/nginx/endpoint-health';
import type { Logger } from 'pino';
import { probe } from './probe.ts';

interface Target {
  readonly check: GroupCheck;
  readonly endpoint: EndpointIR;
  /** What is told that it changed. */
  readonly users: Set<() => void>;
  isWell: boolean;
  /** Answers that say otherwise, one after the other. */
  otherwise: number;
  isKnown: boolean;
  timer: NodeJS.Timeout | undefined;
}

interface Group {
  readonly tell: () => void;
  /** By `address port`. */
  readonly targets: ReadonlyMap<string, string>;
}

export class EndpointChecks implements EndpointHealth {
  readonly #log: Logger;
  /** By a hash of the check, with the endpoint. */
  readonly #targets = new Map<string, Target>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Endpoints that are asked. */
  get size(): number {
    return this.#targets.size;
  }

  open(changed: (group: string) => void): WatchedGroups {
    const groups = new Map<string, Group>();
    const forget = (id: string): void => {
      const group = groups.get(id);
      if (group === undefined) return;
      groups.delete(id);
      for (const key of group.targets.values()) this.#leave(key, group.tell);
    };
    return {
      watch: (id, check, endpoints) => {
        const before = groups.get(id);
        const tell = before?.tell ?? (() => changed(id));
        const checkId = hash('sha256', JSON.stringify(check), 'base64url');
        const targets = new Map(endpoints.map((endpoint) => [nameOf(endpoint), `${checkId} ${nameOf(endpoint)}`]));
        // New ones first: what stays is not asked anew.
        for (const endpoint of endpoints) this.#join(`${checkId} ${nameOf(endpoint)}`, { check, endpoint, tell });
        groups.set(id, { tell, targets });
        const kept = new Set(targets.values());
        for (const key of before?.targets.values() ?? []) if (!kept.has(key)) this.#leave(key, tell);
      },
      forget,
      isWell: (id, endpoint) => {
        const key = groups.get(id)?.targets.get(nameOf(endpoint));
        return key === undefined || (this.#targets.get(key)?.isWell ?? true);
      },
      unwell: () =>
        [...groups.values()].flatMap(({ targets }) =>
          [...targets.values()].flatMap((key) => {
            const target = this.#targets.get(key);
            return target === undefined || target.isWell ? [] : [target.endpoint];
          }),
        ),
      close: () => {
        for (const id of [...groups.keys()]) forget(id);
      },
    };
  }

  #join(
    key: string,
    { check, endpoint, tell }: Pick<Target, 'check' | 'endpoint'> & { readonly tell: () => void },
  ): void {
    const known = this.#targets.get(key);
    if (known !== undefined) {
      known.users.add(tell);
      return;
    }
    const target = {
      ...{ check, endpoint, users: new Set([tell]), isWell: true, otherwise: 0, isKnown: false, timer: undefined },
    };
    this.#targets.set(key, target);
    this.#askIn(target, Math.random() * check.jitterMs);
  }

  #leave(key: string, tell: () => void): void {
    const target = this.#targets.get(key);
    if (target === undefined) return;
    target.users.delete(tell);
    if (target.users.size > 0) return;
    clearTimeout(target.timer);
    this.#targets.delete(key);
  }

  #askIn(target: Target, ms: number): void {
    target.timer = setTimeout(() => void this.#ask(target), ms);
    target.timer.unref();
  }

  async #ask(target: Target): Promise<void> {
    const problem = await probe(target.check, target.endpoint);
    if (target.users.size === 0) return;
    this.#note(target, problem);
    this.#askIn(target, target.check.intervalMs);
  }

  #note(target: Target, problem: string | undefined): void {
    const isWell = problem === undefined;
    const needed = target.isKnown ? (isWell ? target.check.successes : target.check.failures) : 1;
    target.isKnown = true;
    target.otherwise = isWell === target.isWell ? 0 : target.otherwise + 1;
    if (target.otherwise < needed) return;
    target.otherwise = 0;
    if (isWell === target.isWell) return;
    target.isWell = isWell;
    const endpoint = nameOf(target.endpoint);
    if (isWell) this.#log.info({ endpoint }, 'an endpoint is well again');
    else this.#log.warn({ endpoint, problem }, 'an endpoint is not well, it gets no requests');
    for (const tell of target.users) tell();
  }
}

function nameOf({ address, port }: EndpointIR): string {
  return `${address} ${port}`;
}
