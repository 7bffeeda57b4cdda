/**
 * Bounds how many requests are sent again, as a share of all requests of the same scope, so that retries do not bury a backend that fails. Both
 * are counted over windows that slide, in memory that all workers have: what is left of the window before counts as if it had been even.
 */
import type { RetryBudget } from '../policy/record.ts';

/** A request is on its way for the first time. */
export function countRequest({ scope, intervalMs }: RetryBudget): void {
  const counters = ngx.shared['causeway_limits'];
  if (counters !== undefined) add(counters, `${scope} q `, intervalMs, 1);
}

/** @returns whether a request may be sent again; it is counted then */
export function takeOfBudget({ scope, percent, intervalMs, least, leastMs }: RetryBudget): boolean {
  const counters = ngx.shared['causeway_limits'];
  if (counters === undefined) return true;
  const few = add(counters, `${scope} l `, leastMs, 1);
  const all = add(counters, `${scope} t `, intervalMs, 1);
  if (few <= least || all * 100 <= sum(counters, `${scope} q `, intervalMs) * percent) return true;
  // What is refused is no retry.
  add(counters, `${scope} l `, leastMs, -1);
  add(counters, `${scope} t `, intervalMs, -1);
  return false;
}

/** @returns the sum with it */
function add(counters: SharedDictionary, prefix: string, windowMs: number, count: number): number {
  const now = ngx.now() * 1000;
  const window = Math.floor(now / windowMs);
  const [counted] = counters.incr(prefix + window, count, 0, (2 * windowMs) / 1000);
  return (counted ?? count) + before(counters, prefix, now, windowMs);
}

function sum(counters: SharedDictionary, prefix: string, windowMs: number): number {
  const now = ngx.now() * 1000;
  const [counted] = counters.get(prefix + Math.floor(now / windowMs));
  return (typeof counted === 'number' ? counted : 0) + before(counters, prefix, now, windowMs);
}

/** What still counts of the window before. */
function before(counters: SharedDictionary, prefix: string, now: number, windowMs: number): number {
  const window = Math.floor(now / windowMs);
  const [counted] = counters.get(prefix + (window - 1));
  return typeof counted === 'number' ? counted * (1 - (now - window * windowMs) / windowMs) : 0;
}
