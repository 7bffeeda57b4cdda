/** Refuses requests of client addresses that ask for too much; counters are in memory that all workers have. */
import { compileRanges, isAmongRanges } from '../policy/address-ranges.ts';
import {
  isOverRate,
  type RequestLimitStep,
  type RequestRate,
  type ResponseSpeedStep,
  retryAfterSeconds,
} from '../policy/limit.ts';
import { countIn, countOut } from './counted.ts';
import type { Answer, Exchange } from './exchange.ts';
import { currentRequest } from './request.ts';
import type { LogWork, RequestWork } from './work.ts';

/** Keys of the connections that requests under way are counted by. */
const held: LuaTable<Exchange, string> = new LuaTable();

interface Bucket {
  readonly rate: RequestRate;
  /** Begins its keys. */
  readonly prefix: string;
  readonly refusal: Answer;
}

/** One of its kind per request: a second one would forget the first's connection. */
export function requestLimitWork(step: RequestLimitStep): RequestWork {
  const exempt = compileRanges(step.exempt);
  const buckets: Bucket[] = [];
  for (const rate of step.rates) {
    const retryAfter = `${retryAfterSeconds(rate)}`;
    buckets.push({
      rate,
      prefix: `${step.scope} ${rate.intervalMs} `,
      refusal: {
        status: step.ratesStatus,
        reason: 'TooManyRequests : limit of the rate',
        headers: { 'retry-after': retryAfter },
      },
    });
  }
  const { connections } = step;
  const tooMany: Answer = {
    status: step.connectionsStatus,
    reason: 'TooManyRequests : limit of requests at the same time',
  };
  return (exchange) => {
    const address = currentRequest.sourceAddress();
    if (exempt.length > 0 && isAmongRanges(exempt, address)) return undefined;
    const counters = ngx.shared['causeway_limits'];
    if (counters === undefined) return undefined;
    if (
      connections !== undefined &&
      !begins(counters, exchange, `${step.scope} c ${step.together === true ? '' : address} `, connections)
    )
      return tooMany;
    return refusalFrom(counters, buckets, 0, address);
  };
}

/** A tail call instead of a short loop, see policy/rule-index.ts. */
function refusalFrom(
  counters: SharedDictionary,
  buckets: readonly Bucket[],
  position: number,
  address: string,
): Answer | undefined {
  const bucket = buckets[position];
  if (bucket === undefined) return undefined;
  return isFull(counters, bucket, address) ? bucket.refusal : refusalFrom(counters, buckets, position + 1, address);
}

/** Counts the request as one of those at the same time. @returns false: it would be one too many, and is not counted */
function begins(counters: SharedDictionary, exchange: Exchange, prefix: string, most: number): boolean {
  const key = countIn(counters, prefix, most);
  if (key === undefined) return false;
  held.set(exchange, key);
  return true;
}

/** The request is over. */
export const releaseConnection: LogWork = (exchange) => {
  const key = held.get(exchange);
  if (key === undefined) return;
  held.delete(exchange);
  const counters = ngx.shared['causeway_limits'];
  if (counters !== undefined) countOut(counters, key);
};

/** Adds the request to the bucket unless that is full. */
function isFull(counters: SharedDictionary, { rate, prefix }: Bucket, address: string): boolean {
  const key = prefix + address;
  const nowMs = ngx.now() * 1000;
  const [emptyMs] = counters.incr(key, rate.intervalMs, nowMs);
  // Without memory nobody can be counted.
  if (emptyMs === undefined) return false;
  if (emptyMs < nowMs + rate.intervalMs) {
    counters.set(key, nowMs + rate.intervalMs);
    return false;
  }
  if (!isOverRate(rate, emptyMs, nowMs)) return false;
  counters.incr(key, -rate.intervalMs);
  return true;
}

export function responseSpeedWork({ bytesPerSecond, bytesAtOnce }: ResponseSpeedStep): RequestWork {
  const [perSecond, atOnce] = [`${bytesPerSecond}`, `${bytesAtOnce}`];
  return () => {
    ngx.var['limit_rate'] = perSecond;
    ngx.var['causeway_bytes_at_once'] = atOnce;
    return undefined;
  };
}
