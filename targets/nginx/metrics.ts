/**
 * Request metrics of one instance: the workers' samples added up (spec ALB-133).
 *
 * Cardinality is bounded by routes x ports x known methods x statuses, and for single upstreams by {@link STORE_BYTES}: those for
 * which nothing is left are counted together, as `other`. The series of routes and upstreams end a while after them.
 */
import {
  DURATION_BUCKETS_MS,
  type MetricSample,
  OTHER_UPSTREAMS,
  type StreamSample,
  type UpstreamSample,
} from '@causeway/dataplane/policy/record';
import { SmallMap } from './small-map.ts';

/** A histogram over {@link DURATION_BUCKETS_MS}. */
export interface Durations {
  /** The last one is +Inf; zeros at the end may be left out. */
  counts: number[];
  sumMs: number;
}

/**
 * Values by `status method`. A plain object: the few kinds of requests that most routes have make them share its hidden
 * class, and it takes a quarter of a Map. There are many thousands.
 */
export type ByKind<Value> = { [kind: string]: Value };

export interface RouteSeries {
  readonly requests: ByKind<{ requests: number; requestBytes: number; responseBytes: number }>;
  readonly durations: Durations;
  /** By `address:port`. */
  readonly upstreams: SmallMap<UpstreamSeries>;
  /** Requests that a firewall ended, by the id of its rule. */
  blocked?: Map<string, number>;
  /** When it was first found to be gone. */
  goneSince?: number;
}

export interface UpstreamSeries {
  readonly requests: ByKind<number>;
  readonly durations: Durations;
  goneSince?: number;
}

export interface PortSeries {
  errors: number;
  /** Requests that no route took, by method. */
  readonly mismatches: Map<string, number>;
  /** By route id, or {@link FALLBACK_ROUTE}. */
  readonly routes: Map<string, RouteSeries>;
}

export interface StreamSeries {
  receivedBytes: number;
  sentBytes: number;
  /** By `status upstream`. */
  readonly ended: Map<string, EndedSessions>;
}

export interface EndedSessions {
  sessions: number;
  goneSince?: number;
}

/** What there is to be counted. */
export interface KnownRoutes {
  has(route: string): boolean;
  /** `address:port` of the endpoints of a route, or of a port's fallback. */
  upstreams(route: string, port: number): ReadonlySet<string>;
  /** The same of a tcp or udp port, by its id. */
  streamUpstreams(portId: string): ReadonlySet<string>;
}

/** Stands for a port's fallback among its routes; no route has such an id. */
export const FALLBACK_ROUTE = '\0fallback';

/** ALB's metric store has this many. */
const STORE_BYTES = 20 << 20;
/** What one route or upstream may take: 330 bytes where all is quick, 450 with all durations were measured (Node 20). */
const ENTRY_BYTES = 640;
/** What is gone for this long is forgotten: a Rule that is made again at once keeps its counters. */
const GONE_MS = 5_000;
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']);

export class InstanceMetrics {
  readonly #ports = new Map<number, PortSeries>();
  readonly #streams = new Map<string, StreamSeries>();
  /** Routes and upstreams together. */
  #entries = 0;
  #errors = 0;
  #tidying: Generator<void> | undefined;

  get ports(): ReadonlyMap<number, PortSeries> {
    return this.#ports;
  }

  /** By id of the port, as `tcp:81`. */
  get streams(): ReadonlyMap<string, StreamSeries> {
    return this.#streams;
  }

  /** Samples that could not be read, or whose upstream is counted as `other`. */
  get errors(): number {
    return this.#errors;
  }

  get freeBytes(): number {
    return Math.max(0, STORE_BYTES - this.#entries * ENTRY_BYTES);
  }

  add(samples: readonly MetricSample[]): void {
    for (const sample of samples) {
      if (isSample(sample)) this.#add(sample);
      else this.#errors += 1;
    }
  }

  addStreams(samples: readonly StreamSample[]): void {
    for (const { port, sessions, receivedBytes, sentBytes } of samples) {
      const series = entryOf(this.#streams, port, () => ({ receivedBytes: 0, sentBytes: 0, ended: new Map() }));
      series.receivedBytes += receivedBytes;
      series.sentBytes += sentBytes;
      for (const [key, count] of Object.entries(sessions)) {
        entryOf<string, EndedSessions>(series.ended, key, () => ({ sessions: 0 })).sessions += count;
      }
    }
  }

  clear(): void {
    this.#ports.clear();
    this.#streams.clear();
    this.#entries = 0;
    this.#errors = 0;
    this.#tidying = undefined;
  }

  /**
   * Looks at some more routes, round after round, and forgets what has been gone for a while.
   *
   * @param now milliseconds
   */
  tidy(known: KnownRoutes, now: number, routes: number): void {
    for (let step = 0; step < routes; step += 1) {
      this.#tidying ??= this.#tidyAll(known, now);
      if (this.#tidying.next().done !== true) continue;
      this.#tidying = undefined;
      return;
    }
  }

  *#tidyAll(known: KnownRoutes, now: number): Generator<void> {
    this.#tidyStreams(known, now);
    for (const [port, { routes }] of this.#ports) {
      for (const [id, series] of routes) {
        if (id !== '' && id !== FALLBACK_ROUTE && !known.has(id)) {
          if (isOver(series, now)) {
            routes.delete(id);
            this.#entries -= 1 + series.upstreams.size;
          }
        } else {
          delete series.goneSince;
          if (series.upstreams.size > 0) this.#tidyUpstreams(series, known.upstreams(id, port), now);
        }
        yield;
      }
    }
  }

  #tidyStreams(known: KnownRoutes, now: number): void {
    for (const [id, { ended }] of this.#streams) {
      const present = known.streamUpstreams(id);
      for (const [key, series] of ended) {
        const upstream = key.slice(key.indexOf(' ') + 1);
        if (upstream === '' || upstream === OTHER_UPSTREAMS || present.has(upstream)) delete series.goneSince;
        else if (isOver(series, now)) ended.delete(key);
      }
    }
  }

  #tidyUpstreams({ upstreams }: RouteSeries, present: ReadonlySet<string>, now: number): void {
    for (const [upstream, series] of upstreams) {
      if (upstream === OTHER_UPSTREAMS || present.has(upstream)) delete series.goneSince;
      else if (isOver(series, now)) {
        upstreams.delete(upstream);
        this.#entries -= 1;
      }
    }
  }

  #add(sample: MetricSample): void {
    const port = entryOf(this.#ports, sample.port, () => ({ errors: 0, mismatches: new Map(), routes: new Map() }));
    port.errors += sample.errors;
    const mismatch = sample.route === '' && sample.fallback !== true;
    const series = this.#route(port, sample.fallback === true ? FALLBACK_ROUTE : sample.route);
    for (const [key, [requests, requestBytes, responseBytes]] of Object.entries(sample.requests)) {
      const kind = knownKind(key);
      if (mismatch) increase(port.mismatches, methodOf(kind), requests);
      series.requests[kind] ??= { requests: 0, requestBytes: 0, responseBytes: 0 };
      const totals = series.requests[kind];
      totals.requests += requests;
      totals.requestBytes += requestBytes;
      totals.responseBytes += responseBytes;
    }
    addDurations(series.durations, sample);
    for (const [rule, count] of Object.entries(sample.blocked ?? {})) {
      series.blocked ??= new Map();
      increase(series.blocked, rule, count);
    }
    for (const upstream of sample.upstreams ?? []) this.#addUpstream(series, upstream);
  }

  #addUpstream(route: RouteSeries, sample: UpstreamSample): void {
    let series = route.upstreams.get(sample.upstream);
    if (series === undefined) {
      const fits = sample.upstream === OTHER_UPSTREAMS || this.freeBytes >= ENTRY_BYTES;
      const name = fits ? sample.upstream : OTHER_UPSTREAMS;
      series = route.upstreams.get(name);
      if (series === undefined) {
        this.#entries += 1;
        series = { requests: {}, durations: noDurations() };
        route.upstreams.set(name, series);
      }
      if (name === OTHER_UPSTREAMS) this.#errors += 1;
    }
    for (const [key, count] of Object.entries(sample.requests)) {
      const kind = knownKind(key);
      series.requests[kind] = (series.requests[kind] ?? 0) + count;
    }
    addDurations(series.durations, sample);
  }

  #route(port: PortSeries, id: string): RouteSeries {
    return entryOf(port.routes, id, () => {
      this.#entries += 1;
      return { requests: {}, durations: noDurations(), upstreams: new SmallMap() };
    });
  }
}

/** The method of a `status method`. */
function methodOf(kind: string): string {
  return kind.slice(kind.indexOf(' ') + 1);
}

/** Methods come from clients: only well-known ones become labels. */
function knownKind(kind: string): string {
  return METHODS.has(methodOf(kind)) ? kind : `${kind.slice(0, kind.indexOf(' '))} OTHER`;
}

/** Workers run our own code, but their lines cross a process boundary. */
function isSample(sample: MetricSample): boolean {
  const { port, route, requests, upstreams } = sample;
  return (
    Number.isInteger(port) &&
    typeof route === 'string' &&
    typeof requests === 'object' &&
    (upstreams === undefined || Array.isArray(upstreams))
  );
}

function isOver(series: { goneSince?: number }, now: number): boolean {
  series.goneSince ??= now;
  return now - series.goneSince >= GONE_MS;
}

function noDurations(): Durations {
  return { counts: [], sumMs: 0 };
}

function addDurations(
  sums: Durations,
  { durations, durationSumMs }: { readonly durations: readonly number[]; readonly durationSumMs: number },
): void {
  const { counts } = sums;
  if (durations.length > counts.length) {
    sums.counts = durations.slice(0, DURATION_BUCKETS_MS.length + 1).map((count, i) => count + (counts[i] ?? 0));
  } else {
    for (let i = 0; i < durations.length; i += 1) counts[i] = (counts[i] ?? 0) + (durations[i] ?? 0);
  }
  sums.sumMs += durationSumMs;
}

function increase(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

function entryOf<K, V>(entries: Map<K, V>, key: K, make: () => V): V {
  let entry = entries.get(key);
  if (entry === undefined) {
    entry = make();
    entries.set(key, entry);
  }
  return entry;
}
