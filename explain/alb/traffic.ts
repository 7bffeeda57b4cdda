/**
 * What an ALB does now: the difference of two readings of its metrics, by port and rule. Names and labels are those of
 * spec ALB-133.
 */
import type { MetricName } from '@causeway/targets/nginx/metric-family';
import { type MetricLine, metricLines } from './metric-lines.ts';
import { STREAM_METRICS, StreamTallies, type StreamTraffic } from './stream-traffic.ts';

/** One instance's metrics, read twice. */
export interface InstanceReadings {
  /** Prometheus text. */
  readonly before: string;
  readonly after: string;
  /** Between the two. */
  readonly seconds: number;
}

export interface AlbTraffic {
  /** `namespace/name` */
  readonly alb: string;
  /** Instances that could be read. */
  readonly instances: number;
  /** Of clients, open now. */
  readonly connections: number;
  readonly total: Rates;
  /** The busiest first. */
  readonly rules: readonly RuleTraffic[];
  /** Of layer 4, by port. */
  readonly streams: readonly StreamTraffic[];
}

export interface RuleTraffic extends Rates {
  readonly port: number;
  /** Name of the Rule; of the Frontend, for its default service group; `''` for requests that no rule takes. */
  readonly rule: string;
  /** `Ingress default/hello`, `default service group`, or `''` for a hand-made Rule. */
  readonly source: string;
}

/** Rates are per second; times in milliseconds, absent when there was no request. */
export interface Rates {
  readonly requests: number;
  /** Status 400 to 499. */
  readonly clientErrors: number;
  /** Status 500 and above. */
  readonly serverErrors: number;
  readonly meanMs?: number;
  readonly p50Ms?: number;
  readonly p90Ms?: number;
  readonly p99Ms?: number;
  /** Requests since the instances started to count. */
  readonly requestsEver: number;
}

const REQUESTS = 'nginx_http_status' satisfies MetricName;
const UNMATCHED = 'nginx_http_mismatch_rule_requests' satisfies MetricName;
const CONNECTIONS = 'nginx_http_connections' satisfies MetricName;
const DURATION = 'nginx_http_request_duration_seconds' satisfies MetricName;
const NAMES: ReadonlySet<string> = new Set([
  ...[REQUESTS, UNMATCHED, CONNECTIONS, `${DURATION}_bucket`, `${DURATION}_sum`],
  ...STREAM_METRICS,
]);

interface Tally {
  readonly port: number;
  readonly rule: string;
  readonly source: string;
  requests: number;
  clientErrors: number;
  serverErrors: number;
  requestsEver: number;
  durationSeconds: number;
  /** Requests up to an upper bound in seconds, cumulated as Prometheus does. */
  readonly buckets: Map<number, number>;
}

/** Adds up all instances; rates are sums of the rates of each. */
export function trafficOf(alb: string, instances: readonly InstanceReadings[]): AlbTraffic {
  const tallies = new Map<string, Tally>();
  const streams = new StreamTallies();
  let connections = 0;
  for (const { before, after, seconds } of instances) {
    const earlier = new Map<string, number>();
    for (const line of metricLines(before, NAMES)) earlier.set(seriesKey(line), line.value);
    for (const line of metricLines(after, NAMES)) {
      if (line.name === CONNECTIONS) {
        if (line.labels['state'] === 'active') connections += line.value;
        continue;
      }
      const old = earlier.get(seriesKey(line)) ?? 0;
      // A counter that is smaller than before began anew.
      const grown = line.value >= old ? line.value - old : line.value;
      if (!streams.add(line, grown / seconds)) add(tallyOf(tallies, line), line, grown / seconds);
    }
  }
  const all = [...tallies.values()];
  const rules = all.map((tally): RuleTraffic => {
    const { port, rule, source } = tally;
    return { port, rule, source, ...ratesOf(tally) };
  });
  rules.sort((a, b) => b.requests - a.requests || b.requestsEver - a.requestsEver || a.port - b.port);
  const total = ratesOf(sumOf(all));
  return { alb, instances: instances.length, connections, total, rules, streams: streams.traffic() };
}

function seriesKey({ name, labels }: MetricLine): string {
  return JSON.stringify([name, ...Object.values(labels)]);
}

function tallyOf(tallies: Map<string, Tally>, { labels }: MetricLine): Tally {
  const rule = labels['rule'] ?? '';
  const source = sourceText(labels);
  const key = `${labels['port']} ${rule} ${source}`;
  let tally = tallies.get(key);
  if (tally === undefined) {
    tally = newTally(Number(labels['port']), rule, source);
    tallies.set(key, tally);
  }
  return tally;
}

function newTally(port: number, rule: string, source: string): Tally {
  const counts = { requests: 0, clientErrors: 0, serverErrors: 0, requestsEver: 0, durationSeconds: 0 };
  return { port, rule, source, ...counts, buckets: new Map() };
}

function add(tally: Tally, { name, labels, value }: MetricLine, rate: number): void {
  switch (name) {
    case REQUESTS: {
      const status = Number(labels['status']);
      tally.requests += rate;
      tally.requestsEver += value;
      if (status >= 500) tally.serverErrors += rate;
      else if (status >= 400) tally.clientErrors += rate;
      break;
    }
    case UNMATCHED: // all of them are answered 404
      tally.requests += rate;
      tally.clientErrors += rate;
      tally.requestsEver += value;
      break;
    case `${DURATION}_sum`:
      tally.durationSeconds += rate;
      break;
    case `${DURATION}_bucket`: {
      const bound = labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels['le']);
      tally.buckets.set(bound, (tally.buckets.get(bound) ?? 0) + rate);
      break;
    }
  }
}

function sumOf(tallies: readonly Tally[]): Tally {
  const sum = newTally(0, '', '');
  for (const tally of tallies) {
    sum.requests += tally.requests;
    sum.clientErrors += tally.clientErrors;
    sum.serverErrors += tally.serverErrors;
    sum.requestsEver += tally.requestsEver;
    sum.durationSeconds += tally.durationSeconds;
    for (const [bound, rate] of tally.buckets) sum.buckets.set(bound, (sum.buckets.get(bound) ?? 0) + rate);
  }
  return sum;
}

function ratesOf({ requests, clientErrors, serverErrors, requestsEver, durationSeconds, buckets }: Tally): Rates {
  const measured = buckets.get(Number.POSITIVE_INFINITY) ?? 0;
  const rates = { requests, clientErrors, serverErrors, requestsEver };
  if (measured === 0) return rates;
  return {
    ...rates,
    meanMs: (durationSeconds / measured) * 1000,
    p50Ms: quantile(buckets, 0.5) * 1000,
    p90Ms: quantile(buckets, 0.9) * 1000,
    p99Ms: quantile(buckets, 0.99) * 1000,
  };
}

/**
 * By linear interpolation inside a bucket; beyond the last finite bound, that bound: histogram_quantile of Prometheus.
 *
 * @param buckets cumulated, with `+Inf`, not all 0
 * @returns seconds
 */
function quantile(buckets: ReadonlyMap<number, number>, part: number): number {
  const sorted = [...buckets].sort(([a], [b]) => a - b);
  const rank = part * (buckets.get(Number.POSITIVE_INFINITY) ?? 0);
  let [low, below] = [0, 0];
  for (const [bound, upTo] of sorted) {
    if (upTo >= rank) {
      if (bound === Number.POSITIVE_INFINITY) return low;
      return upTo === below ? bound : low + ((bound - low) * (rank - below)) / (upTo - below);
    }
    [low, below] = [bound, upTo];
  }
  return low;
}

function sourceText(labels: Readonly<Record<string, string>>): string {
  const { source_type: type = '', source_namespace: namespace = '', source_name: name = '' } = labels;
  if (type === '') return '';
  if (type === 'ft_default_router') return 'default service group';
  return `${type === 'ingress' ? 'Ingress' : type} ${namespace}/${name}`;
}
