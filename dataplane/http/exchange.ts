/**
 * What the phases of one request hand on to each other, found by the address of
 * nginx's request structure. Three times cheaper than `ngx.ctx`, which moreover does not
 * survive the internal redirect to another location.
 *
 * Every request that opens an exchange passes log_by_lua, which closes it. nginx
 * uses few addresses again and again, so an object stays at its address.
 */
import { type CData, cast, typeof as ctype } from 'ffi';
import { get_request } from 'resty.core.base';
import type { Content } from '../policy/content.ts';
import type { RouteAction } from '../policy/record.ts';
import { forgetDeadline } from './deadline.ts';
import type { Group } from './group.ts';
import type { Counter } from './metrics.ts';
import type { Work } from './work.ts';

/** At most eight fields: LuaJIT would make room for more again and again, since some are set to nil. */
export interface Exchange {
  /** Undefined: the exchange belongs to no request and waits for the next one at this address. */
  counter: Counter | undefined;
  /** What the route says; undefined when none took the request. */
  action: RouteAction | undefined;
  group: Group | undefined;
  /** Attempts made so far; negative between two that the data plane repeats itself (again.ts). */
  attempts: number;
  /** Index of the peer of the last attempt, before the first of the one chosen. */
  peer: number;
  /** When the last attempt began, in seconds. */
  attemptBegan: number;
  /** The proxy answers itself. */
  answer: Answer | undefined;
  /** What is done beside forwarding; undefined for most requests. */
  work: Work | undefined;
}

/** An answer that the proxy makes. Unless it has a content, its body is that of ALB-110, empty below 400. */
export interface Answer {
  readonly status: number;
  /** For gRPC calls; absent: by {@link status}, from 400 on. */
  readonly grpcStatus?: number | undefined;
  /** Value of the error header; `''` for none. */
  readonly reason: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
  readonly content?: Content | undefined;
}

/** A local of the module is quicker than a global. */
const toNumber = tonumber;
const ADDRESS = ctype('uintptr_t');
/** From here on, exchanges that are not open are dropped. */
const KEPT = 16_384;

const exchanges: LuaTable<number, Exchange> = new LuaTable();
let count = 0;
let limit = KEPT;

/** The caller gives it a counter. */
export function openExchange(): Exchange {
  const address = requestAddress();
  return exchanges.get(address) ?? newExchange(address);
}

export function currentExchange(): Exchange | undefined {
  const exchange = exchanges.get(requestAddress());
  return exchange?.counter === undefined ? undefined : exchange;
}

/** After the last use of what {@link currentExchange} returned. */
export function closeExchange(exchange: Exchange): void {
  forgetDeadline(exchange);
  exchange.counter = undefined;
  exchange.action = undefined;
  exchange.group = undefined;
  exchange.attempts = 0;
  exchange.peer = 0;
  exchange.attemptBegan = 0;
  exchange.answer = undefined;
  exchange.work = undefined;
}

function requestAddress(): number {
  return toNumber(cast(ADDRESS, get_request() as CData)) ?? 0;
}

function newExchange(address: number): Exchange {
  if (count >= limit) dropClosed();
  const exchange: Exchange = {
    counter: undefined,
    action: undefined,
    group: undefined,
    attempts: 0,
    peer: 0,
    attemptBegan: 0,
    answer: undefined,
    work: undefined,
  };
  exchanges.set(address, exchange);
  count++;
  return exchange;
}

function dropClosed(): void {
  for (const [address, exchange] of exchanges) {
    if (exchange.counter === undefined) {
      exchanges.delete(address);
      count--;
    }
  }
  limit = Math.max(KEPT, count * 2);
}
