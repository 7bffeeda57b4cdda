/**
 * Counters per port and route, kept by each worker and handed to the agent as
 * differences (design D15). The request path only adds to numbers; texts are
 * made once a second.
 */
import { new as allocate, cdef, typeof as ctype, fill, sizeof } from 'ffi';
import type { MetricSample, RequestTotals, UpstreamSample } from '../policy/record.ts';
import { BUCKETS, bucketOf, shortHistogram } from './duration-bucket.ts';
import { kindText } from './request-kind.ts';
import type { ServedRoute } from './served-route.ts';
import { takeUpstreams, type UpstreamCounter, type UpstreamCursor, unbindUpstreams } from './upstream-metrics.ts';

/** One block of memory a counter: with many rules, what a request costs is what it misses in the processor's caches. */
cdef(`
typedef struct {
  double duration_ms, first_received, first_sent;
  uint32_t first_kind, first_requests, errors, durations[${BUCKETS}];
} causeway_tally_t;
`);

const TALLY_BYTES = sizeof('causeway_tally_t');
const TALLY = ctype('causeway_tally_t');

interface Tally {
  duration_ms: number;
  /** The kind of the first request, and all of that kind. */
  first_kind: number;
  first_requests: number;
  first_received: number;
  first_sent: number;
  errors: number;
  readonly durations: Record<number, number>;
}

/** What happened on one port to one route since it was last reported. */
export interface Counter extends UpstreamCounter {
  readonly port: number;
  readonly route: string;
  readonly fallback: boolean;
  readonly tally: Tally;
  /** By kind, except the one that came first; made when there is a second kind. */
  others: LuaTable<number, Totals> | undefined;
  /** Requests that a firewall ended, by rule. */
  blocked: LuaTable<string, number> | undefined;
  /** In the queue of what is to be reported. */
  touched: boolean;
}

interface Totals {
  requests: number;
  received: number;
  sent: number;
}

const byPort: LuaTable<number, LuaTable<string, Counter>> = new LuaTable();
const fallbackByPort: LuaTable<number, Counter> = new LuaTable();
/** To be reported: first what is left of one list, then those touched since it was begun. */
let reporting: Counter[] = [];
let reported = 0;
let touched: Counter[] = [];
/** Of the counter to be reported next, when a part of its endpoints has been. */
const cursor: UpstreamCursor = { group: undefined, place: 0 };

/** The counter of a route on a port; `''` for requests that no route took. */
export function counterOf(port: number, route: string): Counter {
  let counters = byPort.get(port);
  if (counters === undefined) {
    counters = new LuaTable();
    byPort.set(port, counters);
  }
  const existing = counters.get(route);
  if (existing !== undefined) return existing;
  const counter = newCounter(port, route, false);
  counters.set(route, counter);
  return counter;
}

/** The counter of a route that is served. */
export function counterOfRoute(port: number, route: ServedRoute): Counter {
  const kept = route.counter;
  if (kept !== undefined && kept.port === port) return kept;
  const counter = counterOf(port, route.id);
  route.counter = counter;
  return counter;
}

export function fallbackCounterOf(port: number): Counter {
  const existing = fallbackByPort.get(port);
  if (existing !== undefined) return existing;
  const counter = newCounter(port, '', true);
  fallbackByPort.set(port, counter);
  return counter;
}

/** Releases the memory of a deleted route; what it still has to report is reported. */
export function forgetRoute(port: number, route: string): void {
  const counters = byPort.get(port);
  const counter = counters?.get(route);
  if (counters === undefined || counter === undefined) return;
  counters.delete(route);
  unbindUpstreams(counter);
}

export function forgetAllRoutes(): void {
  for (const [port, counters] of byPort) {
    for (const [, counter] of counters) unbindUpstreams(counter);
    byPort.delete(port);
  }
}

/**
 * @param ms whole
 * @param received bytes of the request
 * @param sent bytes of the answer
 */
export function countRequest(counter: Counter, kind: number, ms: number, received: number, sent: number): void {
  touch(counter);
  const tally = counter.tally;
  if (tally.first_requests === 0) tally.first_kind = kind;
  if (tally.first_kind === kind) {
    tally.first_requests = tally.first_requests + 1;
    tally.first_received = tally.first_received + received;
    tally.first_sent = tally.first_sent + sent;
  } else {
    countOther(counter, kind, received, sent);
  }
  const bucket = bucketOf(ms);
  tally.durations[bucket] = (tally.durations[bucket] ?? 0) + 1;
  tally.duration_ms = tally.duration_ms + ms;
}

/** Counts an answer of status 400 or more that the proxy made itself. */
export function countError(counter: Counter): void {
  touch(counter);
  counter.tally.errors = counter.tally.errors + 1;
}

/** Counts a request that a rule of a firewall ended. */
export function countBlocked(counter: Counter, rule: string): void {
  touch(counter);
  countError(counter);
  if (counter.blocked === undefined) counter.blocked = new LuaTable();
  counter.blocked.set(rule, (counter.blocked.get(rule) ?? 0) + 1);
}

/** Number of counters that have something to report. */
export function pendingSamples(): number {
  return reporting.length - reported + touched.length;
}

/** What happened to up to `limit` counters and endpoints, those that waited longest; they start again from 0. */
export function takeSamples(limit: number): readonly MetricSample[] {
  const samples: MetricSample[] = [];
  let left = limit;
  while (left > 0) {
    if (reported === reporting.length) {
      if (touched.length === 0) break;
      reporting = touched;
      reported = 0;
      touched = [];
    }
    const counter = reporting[reported];
    if (counter === undefined) break;
    counter.touched = false; // whoever counts on it from now on puts it into the queue again
    const upstreams: UpstreamSample[] = [];
    const complete = takeUpstreams(counter, cursor, upstreams, left);
    samples.push(takeSample(counter, upstreams));
    left -= 1 + upstreams.length;
    if (complete) {
      reported++;
      cursor.group = undefined;
    }
  }
  return samples;
}

function takeSample(counter: Counter, upstreams: readonly UpstreamSample[]): MetricSample {
  const tally = counter.tally;
  const requests: Record<string, RequestTotals> = {};
  if (tally.first_requests > 0) {
    requests[kindText(tally.first_kind)] = [tally.first_requests, tally.first_received, tally.first_sent];
  }
  if (counter.others !== undefined) {
    for (const [kind, totals] of counter.others) {
      requests[kindText(kind)] = [totals.requests, totals.received, totals.sent];
    }
  }
  const sample: MetricSample = {
    port: counter.port,
    route: counter.route,
    requests,
    durations: shortHistogram(tally.durations),
    durationSumMs: tally.duration_ms,
    errors: tally.errors,
  };
  if (upstreams.length > 0) (sample as { upstreams?: readonly UpstreamSample[] }).upstreams = upstreams;
  if (counter.blocked !== undefined) {
    const blocked: Record<string, number> = {};
    for (const [rule, count] of counter.blocked) blocked[rule] = count;
    (sample as { blocked?: Readonly<Record<string, number>> }).blocked = blocked;
    counter.blocked = undefined;
  }
  if (counter.fallback) (sample as { fallback?: boolean }).fallback = true;
  fill(tally, TALLY_BYTES);
  counter.others = undefined;
  return sample;
}

function countOther(counter: Counter, kind: number, received: number, sent: number): void {
  if (counter.others === undefined) counter.others = new LuaTable();
  const totals = counter.others.get(kind);
  if (totals === undefined) {
    counter.others.set(kind, { requests: 1, received, sent });
    return;
  }
  totals.requests += 1;
  totals.received += received;
  totals.sent += sent;
}

/** It has something to report. */
export function touch(counter: Counter): void {
  if (counter.touched) return;
  counter.touched = true;
  touched.push(counter);
}

function newCounter(port: number, route: string, fallback: boolean): Counter {
  return {
    port,
    route,
    fallback,
    tally: allocate<Tally>(TALLY),
    others: undefined,
    group: undefined,
    upstreamTallies: undefined,
    otherUpstreams: undefined,
    strayUpstreams: undefined,
    blocked: undefined,
    touched: false,
  };
}
