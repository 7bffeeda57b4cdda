/**
 * Counters in a memcached or a Redis, which all instances have. While it does not answer it is asked again once a second, by one
 * request; all others do not wait for it.
 */
import type { LimitStore } from '../policy/global-limit.ts';
import type { LimitStoreReport } from '../policy/record.ts';
import type { Addition, Asked } from './limit-counter.ts';
import { countInMemcached, uncountInMemcached } from './memcached.ts';
import { countInRedis, uncountInRedis } from './redis.ts';
import { endpointsOf, type ServiceEndpoint } from './service-address.ts';

/** What was counted: in the present window, the request included, and in the one before. */
export type Counts = LuaMultiReturn<[count: number | undefined, before?: number | undefined]>;

const RETRY_SECONDS = 1;
/** A store of which nobody has heard for so long is not told about any more. */
const FORGET_SECONDS = 60;
const MEMORY = 'causeway_limits';

/** Addresses of stores that this worker asked. */
const asked: string[] = [];
let answered = 0;
let unanswered = 0;

/**
 * Adds a request to the counter of a window, and reads that of the window before. Waits.
 *
 * @param name of the counters, for all windows: letters and digits, 200 bytes at most
 * @param addition what the request counts
 * @returns undefined when the store does not answer
 */
export function countTogether(store: LimitStore, name: string, window: number, addition: Addition): Counts {
  const memory = ngx.shared[MEMORY];
  if (memory === undefined) return $multi(undefined);
  const text = nameOf(store);
  const [away] = memory.get(awayKey(text));
  if (away !== undefined) {
    const [mine] = memory.add(`store retry ${text}`, 1, RETRY_SECONDS);
    if (mine !== true) {
      unanswered++;
      return $multi(undefined);
    }
  }
  const [count, before, problem] = ask(store, name, window, addition);
  if (count === undefined) {
    memory.set(awayKey(text), problem ?? 'no answer', FORGET_SECONDS);
    unanswered++;
    return $multi(undefined);
  }
  if (away !== undefined) memory.delete(awayKey(text));
  answered++;
  return $multi(count, before);
}

/** Takes a request that was refused off its counter. */
export function uncountTogether(store: LimitStore, name: string, window: number, cost: number): void {
  const [socket] = connect(store, name);
  if (socket === undefined) return;
  const counter = `${name}.${window}`;
  const isDone =
    store.protocol === 'redis' ? uncountInRedis(socket, counter, cost) : uncountInMemcached(socket, counter, cost);
  if (isDone) release(socket, store);
  else socket.close();
}

/** @returns what happened since the last call; undefined when no store was ever asked */
export function takeStoreReport(): LimitStoreReport | undefined {
  if (asked.length === 0) return undefined;
  const report: LimitStoreReport = { together: answered, alone: unanswered, away: awayText() };
  answered = 0;
  unanswered = 0;
  return report;
}

function awayText(): string {
  const memory = ngx.shared[MEMORY];
  if (memory === undefined) return '';
  for (const name of asked) {
    const [problem] = memory.get(awayKey(name));
    if (problem !== undefined) return `${name}: ${problem}`;
  }
  return '';
}

function awayKey(name: string): string {
  return `store away ${name}`;
}

function nameOf({ host, port }: LimitStore): string {
  const name = `${host}:${port}`;
  for (const known of asked) if (known === name) return name;
  asked.push(name);
  return name;
}

function ask(store: LimitStore, name: string, window: number, addition: Addition): Asked {
  const [socket, problem] = connect(store, name);
  if (socket === undefined) return $multi(undefined, 0, problem);
  const reused = (socket.getreusedtimes()[0] ?? 0) > 0;
  const [count, before, failure] = converse(socket, store, name, window, addition);
  if (count !== undefined) {
    release(socket, store);
    return $multi(count, before);
  }
  socket.close();
  if (!reused || failure === 'timeout') return $multi(undefined, 0, failure);
  // A kept connection that the store closed meanwhile, as it does with all of them when it starts again: one that is new.
  const [fresh, freshProblem] = connect(store, name, 'new');
  if (fresh === undefined) return $multi(undefined, 0, freshProblem);
  const [second, secondBefore, secondFailure] = converse(fresh, store, name, window, addition);
  fresh.close();
  return $multi(second, secondBefore, secondFailure);
}

function converse(
  socket: TcpSocket,
  { protocol }: LimitStore,
  name: string,
  window: number,
  addition: Addition,
): Asked {
  const present = `${name}.${window}`;
  const before = `${name}.${window - 1}`;
  if (protocol === 'redis') return countInRedis(socket, present, before, addition);
  return countInMemcached(socket, present, before, addition);
}

/** @param pool `new`: no connection that was kept */
function connect(
  store: LimitStore,
  name: string,
  pool: 'kept' | 'new' = 'kept',
): LuaMultiReturn<[TcpSocket | undefined, (string | undefined)?]> {
  const endpoint = endpointOf(store, name);
  if (endpoint === undefined) return $multi(undefined, 'no address');
  const socket = ngx.socket.tcp();
  socket.settimeouts(store.timeoutMs, store.timeoutMs, store.timeoutMs);
  const [connected, problem] = socket.connect(endpoint.address, endpoint.port, {
    pool: `limits ${pool} ${endpoint.address} ${endpoint.port}`,
  });
  if (connected === undefined) return $multi(undefined, problem);
  return $multi(socket);
}

/** Of several, the same one for all instances, which may know them in different orders (rendezvous hashing). */
function endpointOf(store: LimitStore, name: string): ServiceEndpoint | undefined {
  let chosen: ServiceEndpoint | undefined;
  let most = -1;
  for (const endpoint of endpointsOf(store.host, store.port)) {
    const score = ngx.crc32_short(`${name} ${endpoint.address} ${endpoint.port}`);
    if (score > most) {
      chosen = endpoint;
      most = score;
    }
  }
  return chosen;
}

function release(socket: TcpSocket, store: LimitStore): void {
  socket.setkeepalive(store.idleMs, store.poolSize);
}
