/** Requests that are sent again at the same time, or at all: what is beyond keeps the answer it has. */
import type { Again, ParallelRetries, RouteAction } from '../policy/record.ts';
import { countIn, countOut } from './counted.ts';
import type { Exchange } from './exchange.ts';
import { takeOfBudget } from './retry-budget.ts';

/** Keys of what requests under way are counted by, from the first time they are sent again. */
const held: LuaTable<Exchange, string> = new LuaTable();

/** @returns whether the request may be sent again */
export function mayRepeat(exchange: Exchange, { retryBudget }: RouteAction, again: Again): boolean {
  if (again.parallel !== undefined && !takeRetry(exchange, again.parallel)) return false;
  return again.bounded !== true || retryBudget === undefined || takeOfBudget(retryBudget);
}

function takeRetry(exchange: Exchange, { scope, most }: ParallelRetries): boolean {
  if (held.has(exchange)) return true;
  const counters = ngx.shared['causeway_limits'];
  if (counters === undefined) return true;
  const key = countIn(counters, `${scope} r `, most);
  if (key === undefined) return false;
  held.set(exchange, key);
  return true;
}

/** The request is over. */
export function giveRetry(exchange: Exchange): void {
  const key = held.get(exchange);
  if (key === undefined) return;
  held.delete(exchange);
  const counters = ngx.shared['causeway_limits'];
  if (counters !== undefined) countOut(counters, key);
}
