/** After what, and how soon, requests are sent again: of HTTPRoutes and of policies. */
import type { RetryIR } from '@causeway/ir/gateway';

/** nginx makes these answers itself: 413 of a body that is too large, 499 of a client that has gone. */
const OWN_STATUSES: ReadonlySet<number> = new Set([413, 499]);
const FIRST_STATUS = 400;
const LAST_STATUS = 599;
/** Unless it is said, no wait is longer than so many times the first. */
const LONGEST_WAIT = 10;

/** Reports whether requests can be sent again after an answer of that status. */
export function canRepeat(status: number): boolean {
  return status >= FIRST_STATUS && status <= LAST_STATUS && !OWN_STATUSES.has(status);
}

/** @param statuses those of which {@link canRepeat} says no are left out */
export function repeatedAfter(statuses: Iterable<number>): Pick<RetryIR, 'statuses'> {
  const served = [...new Set(statuses)].filter(canRepeat).sort((a, b) => a - b);
  return served.length === 0 ? {} : { statuses: served };
}

/** @param maxMs absent: ten times the first */
export function backoffOf(baseMs = 0, maxMs = baseMs * LONGEST_WAIT): Pick<RetryIR, 'backoff'> {
  return baseMs === 0 ? {} : { backoff: { baseMs, maxMs: Math.max(baseMs, maxMs) } };
}
