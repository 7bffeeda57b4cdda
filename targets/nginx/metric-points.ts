/** The metrics of an instance, whatever they are written as. */
import type { ConnectionCounts } from '@causeway/dataplane/policy/record';
import type { ExportCounts } from './collector/export-queue.ts';
import type { MetricName } from './metric-family.ts';
import type { Durations, InstanceMetrics, RouteSeries } from './metrics.ts';

/** What is known of an instance at the moment. */
export interface InstanceGauges {
  readonly version: number;
  readonly ports: { readonly listening: number; readonly conflict: number };
  readonly workers: number;
  readonly reloads: number;
  readonly masterStarts: number;
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
  readonly spans: ExportCounts;
  /** Of the access log, on their way to collectors. */
  readonly logLines: ExportCounts;
  /** Points of metrics, on their way to collectors. */
  readonly points: ExportCounts;
  readonly connections: ConnectionCounts;
  /** Absent: nothing was ever to be counted together. */
  readonly limits: LimitCounts | undefined;
  readonly push: Durations;
  /** Endpoints that are not well, by `address:port`, and why. */
  readonly unwell: ReadonlyMap<string, string>;
  /** Open, by id of the port. */
  readonly sessions: ReadonlyMap<string, number>;
}

/** Requests under a limit that all instances count together, by who counted them. */
export interface LimitCounts {
  readonly together: number;
  readonly alone: number;
}

/** What a route's series are labelled with. */
export interface RouteLabels {
  readonly rule: string;
  readonly sourceType: string;
  readonly sourceNamespace: string;
  readonly sourceName: string;
}

export interface LabelSource {
  /** `undefined`: the route is no more, and its series are left out. */
  route(route: string, port: number): RouteLabels | undefined;
  /** Name of the Frontend of a tcp or udp port. */
  frontend(portId: string): string | undefined;
}

/** One value of a metric. */
export interface MetricPoint {
  /** Name and value of each label, one after the other, in the order of the text. */
  readonly labels: readonly string[];
  readonly value: number | Durations;
}

/** All that there is of one metric, computed as it is read. */
export interface MetricPoints {
  readonly name: MetricName;
  readonly points: Iterable<MetricPoint>;
}

/** In the order of the text. */
export function* metricPoints(
  metrics: InstanceMetrics,
  labels: LabelSource,
  gauges: InstanceGauges,
): Generator<MetricPoints> {
  yield single('causeway_dataplane_version', gauges.version);
  yield byLabel('causeway_dataplane_ports', 'state', gauges.ports);
  yield single('causeway_nginx_workers', gauges.workers);
  yield single('causeway_nginx_reloads_total', gauges.reloads);
  yield single('causeway_nginx_starts_total', gauges.masterStarts);
  yield single('causeway_nginx_cpu_seconds_total', gauges.cpuSeconds);
  yield single('causeway_nginx_resident_memory_bytes', gauges.memoryBytes);
  yield { name: 'causeway_push_duration_seconds', points: [{ labels: [], value: gauges.push }] };
  yield byLabel('causeway_trace_spans_total', 'outcome', gauges.spans);
  yield byLabel('causeway_log_lines_total', 'outcome', gauges.logLines);
  yield byLabel('causeway_metric_points_total', 'outcome', gauges.points);
  if (gauges.limits !== undefined) yield byLabel('causeway_global_limit_requests_total', 'counted', gauges.limits);
  yield { name: 'causeway_endpoints_unwell', points: unwellPoints(gauges.unwell) };
  yield single('metrics_cache_size', metrics.freeBytes);
  yield single('nginx_metric_errors_total', metrics.errors);
  yield byLabel('nginx_http_connections', 'state', gauges.connections);
  yield { name: 'alb_error', points: errorPoints(metrics) };
  yield { name: 'nginx_http_mismatch_rule_requests', points: mismatchPoints(metrics) };
  yield* routePoints(metrics, labels);
  yield* streamPoints(metrics, labels, gauges.sessions);
}

function single(name: MetricName, value: number): MetricPoints {
  return { name, points: [{ labels: [], value }] };
}

function byLabel(name: MetricName, label: string, counts: object): MetricPoints {
  return { name, points: Object.entries(counts).map(([state, value]) => ({ labels: [label, state], value })) };
}

function* unwellPoints(unwell: ReadonlyMap<string, string>): Generator<MetricPoint> {
  for (const [endpoint, reason] of unwell) yield { labels: ['upstream_ip', endpoint, 'reason', reason], value: 1 };
}

function* errorPoints({ ports }: InstanceMetrics): Generator<MetricPoint> {
  for (const [port, { errors }] of ports) yield { labels: ['port', String(port)], value: errors };
}

function* mismatchPoints({ ports }: InstanceMetrics): Generator<MetricPoint> {
  for (const [port, { mismatches }] of ports) {
    for (const [method, value] of mismatches) yield { labels: ['port', String(port), 'method', method], value };
  }
}

interface LabelledRoute extends RouteSeries {
  readonly start: readonly string[];
  readonly end: readonly string[];
}

function* routePoints(metrics: InstanceMetrics, source: LabelSource): Generator<MetricPoints> {
  const routes: LabelledRoute[] = [];
  for (const [port, series] of metrics.ports) {
    for (const [route, one] of series.routes) {
      const labels = source.route(route, port);
      if (labels === undefined) continue;
      const { rule, sourceType, sourceNamespace, sourceName } = labels;
      const start = ['port', String(port), 'rule', rule];
      const end = ['source_type', sourceType, 'source_namespace', sourceNamespace, 'source_name', sourceName];
      routes.push({ ...one, start, end });
    }
  }
  yield { name: 'nginx_http_status', points: requestPoints(routes, 'requests') };
  yield { name: 'nginx_http_request_size_bytes', points: requestPoints(routes, 'requestBytes') };
  yield { name: 'nginx_http_response_size_bytes', points: requestPoints(routes, 'responseBytes') };
  yield { name: 'nginx_http_request_duration_seconds', points: durationPoints(routes) };
  yield { name: 'nginx_http_upstream_requests_status', points: upstreamPoints(routes) };
  yield { name: 'nginx_http_upstream_request_duration_seconds', points: upstreamDurationPoints(routes) };
  yield { name: 'causeway_firewall_blocked_total', points: blockedPoints(routes) };
}

function* requestPoints(
  routes: readonly LabelledRoute[],
  what: 'requests' | 'requestBytes' | 'responseBytes',
): Generator<MetricPoint> {
  for (const { requests, start, end } of routes) {
    for (const [kind, totals] of Object.entries(requests)) {
      yield { labels: [...start, ...end, ...kindLabels(kind)], value: totals[what] };
    }
  }
}

function* durationPoints(routes: readonly LabelledRoute[]): Generator<MetricPoint> {
  for (const { durations, start, end } of routes) yield { labels: [...start, ...end], value: durations };
}

function* upstreamPoints(routes: readonly LabelledRoute[]): Generator<MetricPoint> {
  for (const { upstreams, start, end } of routes) {
    for (const [upstream, { requests }] of upstreams) {
      const labels = [...start, 'upstream_ip', upstream, ...end];
      for (const [kind, value] of Object.entries(requests)) yield { labels: [...labels, ...kindLabels(kind)], value };
    }
  }
}

function* upstreamDurationPoints(routes: readonly LabelledRoute[]): Generator<MetricPoint> {
  for (const { upstreams, start, end } of routes) {
    for (const [upstream, { durations }] of upstreams) {
      yield { labels: [...start, 'upstream_ip', upstream, ...end], value: durations };
    }
  }
}

function* blockedPoints(routes: readonly LabelledRoute[]): Generator<MetricPoint> {
  for (const { blocked, start, end } of routes) {
    for (const [rule, value] of blocked ?? []) yield { labels: [...start, ...end, 'firewall_rule', rule], value };
  }
}

function* streamPoints(
  metrics: InstanceMetrics,
  source: LabelSource,
  open: ReadonlyMap<string, number>,
): Generator<MetricPoints> {
  const labelsOf = (id: string): readonly string[] | undefined => {
    const frontend = source.frontend(id);
    const [protocol = '', port = ''] = id.split(':');
    return frontend === undefined ? undefined : ['port', port, 'protocol', protocol, 'frontend', frontend];
  };
  yield {
    name: 'causeway_stream_sessions',
    points: [...open].flatMap(([id, value]) => {
      const labels = labelsOf(id);
      return labels === undefined ? [] : { labels, value };
    }),
  };
  const streams = [...metrics.streams].flatMap(([id, series]) => {
    const labels = labelsOf(id);
    return labels === undefined ? [] : { ...series, labels };
  });
  yield {
    name: 'causeway_stream_sessions_total',
    points: streams.flatMap(({ ended, labels }) =>
      [...ended].map(([key, { sessions }]) => {
        const [status = '', upstream = ''] = key.split(' ');
        return { labels: [...labels, 'upstream_ip', upstream, 'status', status], value: sessions };
      }),
    ),
  };
  yield {
    name: 'causeway_stream_received_bytes_total',
    points: streams.map(({ labels, receivedBytes }) => ({ labels, value: receivedBytes })),
  };
  yield {
    name: 'causeway_stream_sent_bytes_total',
    points: streams.map(({ labels, sentBytes }) => ({ labels, value: sentBytes })),
  };
}

function kindLabels(kind: string): readonly string[] {
  const space = kind.indexOf(' ');
  return ['status', kind.slice(0, space), 'method', kind.slice(space + 1)];
}
