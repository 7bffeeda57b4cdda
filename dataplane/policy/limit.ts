/** Limits of requests per client address, as a leaky bucket. LIM-06. */
import type { RangeList } from './address-ranges.ts';

export interface RequestLimitStep {
  readonly type: 'requestLimit';
  /** Begins the keys of the counters; limits with the same one count together. */
  readonly scope: string;
  /** Requests at the same time. */
  readonly connections?: number;
  /** Of all clients; absent: of each address. */
  readonly together?: true;
  readonly connectionsStatus: number;
  readonly rates: readonly RequestRate[];
  readonly ratesStatus: number;
  /** Addresses without limit. */
  readonly exempt: RangeList;
}

export interface RequestRate {
  /** Between two requests at the allowed rate. */
  readonly intervalMs: number;
  /** Requests that may come at once beyond the one that is always allowed. */
  readonly burst: number;
}

export interface ResponseSpeedStep {
  readonly type: 'responseSpeed';
  readonly bytesPerSecond: number;
  readonly bytesAtOnce: number;
}

/** Times are in ms and added up as doubles: less than this is no excess. */
const TOLERANCE_MS = 0.01;

/**
 * The bucket is a moment: when it will be empty. A request moves it by an interval, from now on if it is past. The moment may
 * be `burst` intervals ahead of the request's own.
 *
 * Source: ITU-T I.371, generic cell rate algorithm, which counts as nginx's limit_req with `nodelay` does.
 *
 * @param emptyMs when the bucket will be empty, this request included
 */
export function isOverRate(rate: RequestRate, emptyMs: number, nowMs: number): boolean {
  return emptyMs - nowMs > (rate.burst + 1) * rate.intervalMs + TOLERANCE_MS;
}

/** Seconds after which it makes sense to try again, at least 1. */
export function retryAfterSeconds(rate: RequestRate): number {
  return Math.max(1, Math.ceil(rate.intervalMs / 1000));
}
