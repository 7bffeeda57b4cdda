/**
 * Counters per port and route, kept by each worker and handed to the agent as
 * differences (design D15). The request path only adds to numbers; texts are
 * made once a second.
 */
import { new as allocate, cdef, fill, sizeof } from 'ffi';
import { DURATION_BUCKETS_MS, type MetricSample } from '../policy/record.ts';

const BUCKETS = DURATION_BUCKETS_MS.length + 1;

/** One block of memory a counter: with many rules, what a request costs is what it misses in the processor's caches. */
cdef(`
typedef struct {
  double duration_ms, request_bytes, response_bytes;
  uint32_t first_key, first_requests, errors, durations[${BUCKETS}];
} causeway_tally_t;
`);

const TALLY_BYTES = sizeof('causeway_tally_t');

interface Tally {
  duration_ms: number;
  request_bytes: number;
  response_bytes: number;
  /** Method and status of the first request, as in {@link Counter.others}; 0 for none yet. */
  first_key: number;
  first_requests: number;
  errors: number;
  readonly durations: Record<number, number>;
}

/** What happened on one port to one route since it was last reported. */
export interface Counter {
  readonly port: number;
  readonly route: string;
  readonly fallback: boolean;
  readonly tally: Tally;
  /** Requests by code of the method + status, except the kind that came first; made when there is a second kind. */
  others: LuaTable<number, number> | undefined;
  /** In the queue of what is to be reported. */
  touched: boolean;
}

const METHODS: readonly string[] = [
  'OTHER',
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'CONNECT',
  'TRACE',
];
/** Statuses have at most three digits. */
const METHOD_STEP = 1000;
const METHOD_CODES = methodCodes();
/** Up to here buckets are looked up: a loop that ends on its first turn is what LuaJIT compiles worst. */
const TABLE_MS = 1000;
const bucketByMs = bucketTable();

const byPort: LuaTable<number, LuaTable<string, Counter>> = new LuaTable();
const fallbackByPort: LuaTable<number, Counter> = new LuaTable();
/** To be reported: first what is left of one list, then those touched since it was begun. */
let reporting: Counter[] = [];
let reported = 0;
let touched: Counter[] = [];

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
  if (counters !== undefined) counters.delete(route);
}

export function forgetAllRoutes(): void {
  for (const [port] of byPort) byPort.delete(port);
}

export function countRequest(
  counter: Counter,
  method: string,
  status: number,
  ms: number,
  received: number,
  sent: number,
): void {
  touch(counter);
  const tally = counter.tally;
  const key = (METHOD_CODES.get(method) ?? 0) + status;
  if (tally.first_requests === 0) tally.first_key = key;
  if (tally.first_key === key) {
    tally.first_requests = tally.first_requests + 1;
  } else {
    if (counter.others === undefined) counter.others = new LuaTable();
    counter.others.set(key, (counter.others.get(key) ?? 0) + 1);
  }
  const bucket = bucketOf(ms);
  tally.durations[bucket] = (tally.durations[bucket] ?? 0) + 1;
  tally.duration_ms = tally.duration_ms + ms;
  tally.request_bytes = tally.request_bytes + received;
  tally.response_bytes = tally.response_bytes + sent;
}

/** Counts an answer of status 400 or more that the proxy made itself. */
export function countError(counter: Counter): void {
  touch(counter);
  counter.tally.errors = counter.tally.errors + 1;
}

/** Number of counters that have something to report. */
export function pendingSamples(): number {
  return reporting.length - reported + touched.length;
}

/** What happened to up to `limit` counters, those that waited longest; they start again from 0. */
export function takeSamples(limit: number): readonly MetricSample[] {
  const samples: MetricSample[] = [];
  while (samples.length < limit) {
    if (reported === reporting.length) {
      if (touched.length === 0) break;
      reporting = touched;
      reported = 0;
      touched = [];
    }
    const counter = reporting[reported];
    reported++;
    if (counter !== undefined) samples.push(takeSample(counter));
  }
  return samples;
}

function takeSample(counter: Counter): MetricSample {
  const tally = counter.tally;
  const requests: Record<string, number> = {};
  if (tally.first_requests > 0) requests[kindOf(tally.first_key)] = tally.first_requests;
  if (counter.others !== undefined) {
    for (const [key, count] of counter.others) requests[kindOf(key)] = count;
  }
  const durations: number[] = [];
  for (let i = 0; i < BUCKETS; i++) durations.push(tally.durations[i] ?? 0);
  const sample: MetricSample = {
    port: counter.port,
    route: counter.route,
    requests,
    durations,
    durationSumMs: tally.duration_ms,
    requestBytes: tally.request_bytes,
    responseBytes: tally.response_bytes,
    errors: tally.errors,
  };
  if (counter.fallback) (sample as { fallback?: boolean }).fallback = true;
  fill(tally, TALLY_BYTES);
  counter.others = undefined;
  counter.touched = false;
  return sample;
}

/** @param key code of a method + status */
function kindOf(key: number): string {
  const status = key % METHOD_STEP;
  return `${status} ${METHODS[(key - status) / METHOD_STEP] ?? 'OTHER'}`;
}

function touch(counter: Counter): void {
  if (counter.touched) return;
  counter.touched = true;
  touched.push(counter);
}

/** @param ms whole */
function bucketOf(ms: number): number {
  return bucketByMs[ms] ?? searchBucket(ms);
}

/** Place of the first bound that is not exceeded. */
function searchBucket(ms: number): number {
  let bucket = 0;
  while ((DURATION_BUCKETS_MS[bucket] ?? Number.POSITIVE_INFINITY) < ms) bucket++;
  return bucket;
}

function bucketTable(): number[] {
  const buckets: number[] = [];
  for (let ms = 0; ms <= TABLE_MS; ms++) buckets.push(searchBucket(ms));
  return buckets;
}

function newCounter(port: number, route: string, fallback: boolean): Counter {
  return { port, route, fallback, tally: allocate<Tally>('causeway_tally_t'), others: undefined, touched: false };
}

function methodCodes(): LuaTable<string, number> {
  const codes: LuaTable<string, number> = new LuaTable();
  let code = 0;
  for (const method of METHODS) {
    codes.set(method, code);
    code += METHOD_STEP;
  }
  return codes;
}
