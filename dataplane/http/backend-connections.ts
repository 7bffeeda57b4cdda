/**
 * A request takes a connection to a backend, waits until there is one, or is answered 503. Counters are in memory that all workers have; who waits
 * looks again and again, since one that another worker gives back tells nobody.
 */
import type { BackendConnectionsStep } from '../policy/backend-connections.ts';
import { countIn, countOut } from './counted.ts';
import type { Answer, Exchange } from './exchange.ts';
import { beginRequest } from './request.ts';
import type { LogWork, WaitingWork } from './work.ts';

/** Keys of what requests under way are counted by. */
const held: LuaTable<Exchange, string> = new LuaTable();

const FIRST_PAUSE_SECONDS = 0.002;
const LONGEST_PAUSE_SECONDS = 0.05;

const OVERFLOW: Answer = { status: 503, reason: 'CircuitBreaker : all connections to the backend are in use' };

export function backendConnectionsWork({ scope, connections, waiting, waitMs }: BackendConnectionsStep): WaitingWork {
  const used = `${scope} b `;
  const queued = `${scope} w `;
  return (exchange) => {
    const counters = ngx.shared['causeway_limits'];
    if (counters === undefined) return undefined;
    const key = countIn(counters, used, connections);
    if (key !== undefined) return take(exchange, key);
    const place = countIn(counters, queued, waiting);
    if (place === undefined) return OVERFLOW;
    held.set(exchange, place);
    const waited = untilTaken(waitMs / 1000, () => countIn(counters, used, connections));
    countOut(counters, place);
    held.delete(exchange);
    beginRequest();
    return waited === undefined ? OVERFLOW : take(exchange, waited);
  };
}

function take(exchange: Exchange, key: string): undefined {
  held.set(exchange, key);
  return undefined;
}

/** Tries again and again. @returns what `take` gives, undefined where it gave nothing for so long */
export function untilTaken<Taken>(seconds: number, take: (this: void) => Taken | undefined): Taken | undefined {
  const end = ngx.now() + seconds;
  let pause = FIRST_PAUSE_SECONDS;
  while (ngx.now() < end) {
    ngx.sleep(pause);
    const taken = take();
    if (taken !== undefined) return taken;
    pause = Math.min(pause * 2, LONGEST_PAUSE_SECONDS);
  }
  return undefined;
}

/** The request is over, also while it waited. */
export const giveBackendConnection: LogWork = (exchange) => {
  const key = held.get(exchange);
  if (key === undefined) return;
  held.delete(exchange);
  const counters = ngx.shared['causeway_limits'];
  if (counters !== undefined) countOut(counters, key);
};
