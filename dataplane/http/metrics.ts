/**
 * Counters per port and route, kept by each worker and handed to the agent as
 * differences (design D15). The request path only adds to numbers; texts are
 * made once a second.
 */
import { DURATION_BUCKETS_MS, type MetricSample } from '../policy/record.ts';

/** What happened on one port to one route since the last flush. */
export interface Counter {
  readonly port: number;
  readonly route: string;
  readonly fallback: boolean;
  /** Requests by {@link methodCode} + status. */
  readonly requests: LuaTable<number, number>;
  readonly durations: number[];
  durationSumMs: number;
  requestBytes: number;
  responseBytes: number;
  errors: number;
  /** In the list of what the next flush reports. */
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
  const key = (METHOD_CODES.get(method) ?? 0) + status;
  counter.requests.set(key, (counter.requests.get(key) ?? 0) + 1);
  const bucket = bucketOf(ms);
  counter.durations[bucket] = (counter.durations[bucket] ?? 0) + 1;
  counter.durationSumMs = counter.durationSumMs + ms;
  counter.requestBytes = counter.requestBytes + received;
  counter.responseBytes = counter.responseBytes + sent;
}

/** Counts an answer of status 400 or more that the proxy made itself. */
export function countError(counter: Counter): void {
  touch(counter);
  counter.errors = counter.errors + 1;
}

/** What happened since the last call; the counters start again from 0. */
export function takeSamples(): readonly MetricSample[] {
  const samples: MetricSample[] = [];
  const counters = touched;
  touched = [];
  for (const counter of counters) samples.push(takeSample(counter));
  return samples;
}

function takeSample(counter: Counter): MetricSample {
  const requests: Record<string, number> = {};
  for (const [key, count] of counter.requests) {
    const status = key % METHOD_STEP;
    requests[`${status} ${METHODS[(key - status) / METHOD_STEP] ?? 'OTHER'}`] = count;
    counter.requests.delete(key);
  }
  const durations: number[] = [];
  for (let i = 0; i <= DURATION_BUCKETS_MS.length; i++) {
    durations.push(counter.durations[i] ?? 0);
    counter.durations[i] = 0;
  }
  const sample: MetricSample = {
    port: counter.port,
    route: counter.route,
    requests,
    durations,
    durationSumMs: counter.durationSumMs,
    requestBytes: counter.requestBytes,
    responseBytes: counter.responseBytes,
    errors: counter.errors,
  };
  counter.durationSumMs = 0;
  counter.requestBytes = 0;
  counter.responseBytes = 0;
  counter.errors = 0;
  counter.touched = false;
  if (counter.fallback) (sample as { fallback?: boolean }).fallback = true;
  return sample;
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
  const durations: number[] = [];
  for (let i = 0; i <= DURATION_BUCKETS_MS.length; i++) durations.push(0);
  return {
    port,
    route,
    fallback,
    requests: new LuaTable(),
    durations,
    durationSumMs: 0,
    requestBytes: 0,
    responseBytes: 0,
    errors: 0,
    touched: false,
  };
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
