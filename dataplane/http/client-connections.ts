/**
 * Counts the connections of clients, over all workers, from their first request until they are closed. Nothing of ours runs when nginx closes one
 * that is idle; but nginx then cleans the connection's memory up and calls one C function for each thing in it. So each counted connection leaves
 * there that a semaphore be posted: its value is how many have been closed, and whoever counts next, or a timer, takes them off.
 *
 * With another nginx than nginx-structure.ts is for nothing is counted. Connections of a worker that ends after a reload count no more.
 */
import { C, cast, cdef, new as newData } from 'ffi';
import { CLOSED_STATUS, type ClientConnectionsStep } from '../policy/client-connections.ts';
import { countIn, countOut } from './counted.ts';
import type { Answer } from './exchange.ts';
import { requestStructure } from './nginx-request.ts';
import { nginx, type PoolStructure } from './nginx-structure.ts';
import { beginRequest } from './request.ts';
import type { RequestWork, WaitingWork } from './work.ts';

// As large as sem_t of glibc on machines of 64 bits.
cdef(`
typedef union { char bytes[32]; long alignment; } causeway_semaphore_t;
int sem_init(void *semaphore, int shared, unsigned int value);
int sem_trywait(void *semaphore);
int sem_post(void *semaphore);
`);

type CData = import('ffi').CData;

interface SystemLibrary {
  sem_init(this: void, semaphore: CData, shared: number, value: number): number;
  /** 0 when one was taken. */
  sem_trywait(this: void, semaphore: CData): number;
  readonly sem_post: CData;
}

interface Scope {
  /** Of this worker's connections: so many have been closed since somebody looked. nginx knows its address, so it stays. */
  readonly closed: CData;
  /** Those that this worker counts. */
  open: number;
  /** Of the counter of this worker. */
  key: string;
}

const LOOK_SECONDS = 0.1;
const CLOSE: Answer = { status: CLOSED_STATUS, reason: '' };

const system = C as unknown as SystemLibrary;
const POST = cast('void *', system.sem_post);
/** As many as listeners ever had a limit while this worker lives. */
const scopes: LuaTable<string, Scope> = new LuaTable();
let isLooking = false;

export function clientConnectionsWork({ scope, connections, closeDelayMs }: ClientConnectionsStep): RequestWork {
  return () => (isCounted(scope, connections) || closeDelayMs !== undefined ? undefined : CLOSE);
}

/** The rest of it where connections beyond the limit wait for their end. */
export function closeDelayWork({ scope, connections }: ClientConnectionsStep, delayMs: number): WaitingWork {
  return () => {
    if (isCounted(scope, connections)) return undefined;
    ngx.sleep(delayMs / 1000);
    beginRequest();
    return CLOSE;
  };
}

/** Counts the connection of the current request, unless it is counted. @returns false: it would be one too many */
function isCounted(name: string, most: number): boolean {
  const counters = ngx.shared['causeway_limits'];
  const request = requestStructure();
  if (counters === undefined || request === undefined || ngx.worker.exiting()) return true;
  const { pool } = request.connection;
  const scope = scopeOf(name);
  if (hasPost(pool, scope)) return true;
  takeOff(counters, scope);
  const key = countIn(counters, `${name} k `, most);
  if (key === undefined) return false;
  scope.key = key;
  const cleanup = nginx.ngx_pool_cleanup_add(pool, 0);
  if (cleanup === undefined) {
    countOut(counters, key);
    return true;
  }
  cleanup.data = scope.closed;
  cleanup.handler = POST;
  scope.open++;
  lookLater();
  return true;
}

function scopeOf(name: string): Scope {
  const known = scopes.get(name);
  if (known !== undefined) return known;
  const scope: Scope = { closed: newData('causeway_semaphore_t'), open: 0, key: '' };
  system.sem_init(scope.closed, 0, 0);
  scopes.set(name, scope);
  return scope;
}

function hasPost(pool: PoolStructure, { closed }: Scope): boolean {
  const address = cast('void *', closed);
  let cleanup = pool.cleanup;
  while (cleanup !== undefined) {
    if (cleanup.data === address) return true;
    cleanup = cleanup.next;
  }
  return false;
}

/** Connections that have been closed count no more. */
function takeOff(counters: SharedDictionary, scope: Scope): void {
  let closed = 0;
  while (system.sem_trywait(scope.closed) === 0) closed++;
  if (closed === 0) return;
  scope.open -= closed;
  countOut(counters, scope.key, closed);
}

/** Other workers are told of what was closed, too. */
function lookLater(): void {
  if (isLooking) return;
  const [started] = ngx.timer.at(LOOK_SECONDS, look);
  isLooking = started !== undefined;
}

function look(premature: boolean): void {
  isLooking = false;
  const counters = ngx.shared['causeway_limits'];
  if (counters === undefined) return;
  let open = 0;
  for (const [, scope] of scopes) {
    takeOff(counters, scope);
    if (premature) {
      countOut(counters, scope.key, scope.open);
      scope.open = 0;
    }
    open += scope.open;
  }
  if (open > 0) lookLater();
}
