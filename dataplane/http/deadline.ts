/**
 * Until when requests may go on. Attempts wait no longer than that; where the answer has begun by then, nginx would pass it on as long as it
 * comes: so a timer that looks at all such requests of the worker shuts the connection to the backend down, and nginx ends the request as it
 * does when a backend goes away in the middle of an answer.
 */
import { C, type CData, cast, cdef, typeof as ctype } from 'ffi';
import type { DurationLimitStep } from '../policy/duration-limit.ts';
import type { Exchange } from './exchange.ts';
import { requestStructure } from './nginx-request.ts';
import type { RequestStructure } from './nginx-structure.ts';
import type { RequestWork } from './work.ts';

cdef('int shutdown(int socket, int how);');

interface SystemLibrary {
  shutdown(this: void, socket: number, how: number): number;
}

interface Deadline {
  /** In seconds, as ngx.now() says. */
  atSeconds: number;
  /** Of a request that is ended in the middle of its answer; undefined: that may go on. */
  request: RequestStructure | undefined;
}

const BOTH_WAYS = 2;
const LOOK_SECONDS = 0.25;
/** A worker that is about to end is given so long by nginx. */
const ENDING_SECONDS = 240;
/** Attempts end at the deadline by themselves. */
const LATE_SECONDS = 0.1;
const CONNECTION = ctype('causeway_connection_t *');
const SOCKET_MODULUS = 2 ** 32;

const system = C as unknown as SystemLibrary;
const deadlines: LuaTable<Exchange, Deadline> = new LuaTable();
let count = 0;
let isLooking = false;

/** Each attempt ends by then. */
export function limitAttempts(exchange: Exchange, ms: number): void {
  put(exchange, ngx.now() + ms / 1000, undefined);
}

export function durationLimitWork({ ms }: DurationLimitStep): RequestWork {
  return (exchange) => {
    put(exchange, ngx.req.start_time() + ms / 1000, requestStructure());
    if (!isLooking) lookAgain();
    return undefined;
  };
}

/** A worker that is about to end takes no timers but those that run at once. */
function lookAgain(): void {
  const [started] = ngx.timer.at(ngx.worker.exiting() ? 0 : LOOK_SECONDS, look);
  isLooking = started !== undefined;
}

/** How long the request may still wait for a backend, at least a millisecond. */
export function leftMs(exchange: Exchange): number {
  if (count === 0) return math.huge;
  const deadline = deadlines.get(exchange);
  return deadline === undefined ? math.huge : Math.max(1, (deadline.atSeconds - ngx.now()) * 1000);
}

/** The request is over. */
export function forgetDeadline(exchange: Exchange): void {
  if (count === 0 || !deadlines.has(exchange)) return;
  deadlines.delete(exchange);
  count--;
}

function put(exchange: Exchange, atSeconds: number, request: RequestStructure | undefined): void {
  const before = deadlines.get(exchange);
  if (before === undefined) {
    deadlines.set(exchange, { atSeconds, request });
    count++;
    return;
  }
  before.atSeconds = Math.min(before.atSeconds, atSeconds);
  before.request = before.request ?? request;
}

function look(premature: boolean): void {
  isLooking = true;
  endLate();
  const isEnding = premature || ngx.worker.exiting();
  const until = ngx.now() + ENDING_SECONDS;
  // Nginx calls all timers when its worker is about to end, which still has its requests.
  while (isEnding && count > 0 && ngx.now() < until) {
    ngx.sleep(LOOK_SECONDS);
    endLate();
  }
  if (count > 0 && !isEnding) lookAgain();
  else isLooking = false;
}

function endLate(): void {
  const late = ngx.now() - LATE_SECONDS;
  for (const [, deadline] of deadlines) {
    if (deadline.request !== undefined && deadline.atSeconds < late) end(deadline.request);
  }
}

function end(request: RequestStructure): void {
  const { upstream } = request as { readonly upstream: RequestStructure['upstream'] | undefined };
  if (upstream === undefined) return;
  const address = upstream.peer[0];
  if (address === undefined || tonumber(address) === 0) return;
  const connection = cast(CONNECTION, address) as CData & { readonly handlers: Readonly<Record<number, CData>> };
  // A descriptor has the lower half; what stands beside it nobody sets.
  const socket = (tonumber(connection.handlers[3]) ?? 0) % SOCKET_MODULUS;
  system.shutdown(socket, BOTH_WAYS);
}
