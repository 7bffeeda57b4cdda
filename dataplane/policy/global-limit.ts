/**
 * Limits that all instances count together, over a window that slides.
 *
 * Time is cut into windows of equal length, and each has a counter. Of the window before the present one as large a part of its
 * requests counts as the sliding window still covers, as if they had come evenly: `before * (1 - into / length) + count`. So two counters
 * say nearly what a list of all moments would.
 *
 * Source: Cloudflare, "How we built rate limiting capable of scaling to millions of domains" (the approximation); ADR 0011.
 */
import type { RangeList } from './address-ranges.ts';
import type { Term } from './record.ts';
import type { TemplatePart } from './template.ts';

export interface GlobalLimitStep {
  readonly type: 'globalLimit';
  /** Begins what is hashed to the names of counters. */
  readonly scope: string;
  readonly requests: number;
  readonly windowMs: number;
  /** What a request counts; absent: 1. With 0 it is refused where others have used up all, and counts nothing. */
  readonly cost?: number;
  /** What is counted more when its answer has been sent, whatever is left then. */
  readonly responseCost?: number;
  readonly key: readonly TemplatePart[];
  /** Addresses without limit. */
  readonly exempt: RangeList;
  readonly status: number;
  /** Terms that must hold for a request to count. */
  readonly when?: readonly Term[];
  /** Terms none of which may hold. */
  readonly unless?: readonly Term[];
  /** Lists each of which must have the address. */
  readonly among?: readonly RangeList[];
  /** Selections of none of which a request may be. */
  readonly except?: readonly LimitedRequests[];
  /** Nobody is refused. */
  readonly shadow?: true;
  /** Further headers of the refusal. */
  readonly answerHeaders?: readonly { readonly name: string; readonly value: string }[];
  /**
   * Answers and refusals say how many requests of how many are left, and when the window ends (`X-RateLimit-*`): the number alone, or
   * the window too (`w`, RFC draft-ietf-httpapi-ratelimit-headers-03). Of several limits it is the one of which the least is left.
   */
  readonly rateHeaders?: 'number' | 'window';
  /** Absent: this instance counts alone. */
  readonly store?: LimitStore;
}

export type LimitedRequests = Pick<GlobalLimitStep, 'when' | 'unless' | 'among'>;

/** Where instances count together. */
export interface LimitStore {
  readonly protocol: 'memcached' | 'redis';
  /** Name or address, IPv6 in brackets. */
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly idleMs: number;
  readonly poolSize: number;
  /** While it is away requests are refused; absent: each instance counts alone. */
  readonly failClosed?: true;
}

export interface SlidingWindow {
  readonly requests: number;
  readonly windowMs: number;
  /** Of the request that is asked about; absent: 1. */
  readonly cost?: number;
}

/**
 * @param into ms since the present window began
 * @param before requests in the window before; what exceeds the limit was refused and does not count
 * @param count requests in the present one, with the one that is asked about
 */
export function isWithin({ requests, windowMs }: SlidingWindow, into: number, before: number, count: number): boolean {
  return leftOf({ requests, windowMs }, into, before, count) >= 0;
}

/** How much fits besides, of the same numbers; negative: what was asked about is too much. */
export function leftOf({ requests, windowMs }: SlidingWindow, into: number, before: number, count: number): number {
  return requests - Math.min(before, requests) * (1 - into / windowMs) - count;
}

/**
 * How long it takes at least until another request fits, in ms. Nothing that others do meanwhile makes it shorter.
 *
 * @param count what requests in the present window that passed count
 */
export function waitMs(
  { requests, windowMs, cost = 1 }: SlidingWindow,
  into: number,
  before: number,
  count: number,
): number {
  if (requests === 0 || cost > requests) return windowMs;
  const counted = Math.min(before, requests);
  const room = requests - count - cost;
  if (room >= 0) {
    const at = counted === 0 ? 0 : windowMs * (1 - room / counted);
    return Math.max(0, at - into);
  }
  // The present window is full: it will be the one before.
  return windowMs - into + Math.max(0, windowMs * (1 - (requests - cost) / Math.min(count, requests)));
}
