/** The metrics of an instance as Prometheus text, format 0.0.4. */
import { type ConnectionCounts, DURATION_BUCKETS_MS } from '@causeway/dataplane/policy/record';
import type { ExportCounts } from './collector/export-queue.ts';
import { METRIC_FAMILIES, type MetricName } from './metric-family.ts';
import type { Durations, InstanceMetrics } from './metrics.ts';

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

const LINES_PER_CHUNK = 500;

/** In chunks, so that a long text does not hold up anything else. */
export function* metricsText(metrics: InstanceMetrics, labels: LabelSource, gauges: InstanceGauges): Generator<string> {
  let lines: string[] = [];
  for (const line of linesOf(metrics, labels, gauges)) {
    lines.push(line);
    if (lines.length < LINES_PER_CHUNK) continue;
    yield `${lines.join('\n')}\n`;
    lines = [];
  }
  yield `${lines.join('\n')}\n`;
}

function* linesOf(metrics: InstanceMetrics, labels: LabelSource, gauges: InstanceGauges): Generator<string> {
  yield* single('causeway_dataplane_version', gauges.version);
  yield* head('causeway_dataplane_ports');
  for (const [state, count] of Object.entries(gauges.ports))
    yield `causeway_dataplane_ports{state="${state}"} ${count}`;
  yield* single('causeway_nginx_workers', gauges.workers);
  yield* single('causeway_nginx_reloads_total', gauges.reloads);
  yield* single('causeway_nginx_starts_total', gauges.masterStarts);
  yield* single('causeway_nginx_cpu_seconds_total', gauges.cpuSeconds);
  yield* single('causeway_nginx_resident_memory_bytes', gauges.memoryBytes);
  yield* head('causeway_push_duration_seconds');
  yield* histogram('causeway_push_duration_seconds', '', gauges.push);
  yield* exported('causeway_trace_spans_total', gauges.spans);
  yield* exported('causeway_log_lines_total', gauges.logLines);
  if (gauges.limits !== undefined) {
    yield* head('causeway_global_limit_requests_total');
    for (const [counted, count] of Object.entries(gauges.limits)) {
      yield `causeway_global_limit_requests_total{counted="${counted}"} ${count}`;
    }
  }
  yield* head('causeway_endpoints_unwell');
  for (const [endpoint, reason] of gauges.unwell) {
    yield `causeway_endpoints_unwell{upstream_ip="${escaped(endpoint)}",reason="${escaped(reason)}"} 1`;
  }
  yield* single('metrics_cache_size', metrics.freeBytes);
  yield* single('nginx_metric_errors_total', metrics.errors);
  yield* head('nginx_http_connections');
  for (const [state, count] of Object.entries(gauges.connections)) {
    yield `nginx_http_connections{state="${state}"} ${count}`;
  }
  yield* portLines(metrics);
  yield* routeLines(metrics, labels);
  yield* streamLines(metrics, labels, gauges.sessions);
}

function* exported(
  name: 'causeway_trace_spans_total' | 'causeway_log_lines_total',
  counts: ExportCounts,
): Generator<string> {
  yield* head(name);
  for (const [outcome, count] of Object.entries(counts)) yield `${name}{outcome="${outcome}"} ${count}`;
}

function* portLines(metrics: InstanceMetrics): Generator<string> {
  yield* head('alb_error');
  for (const [port, { errors }] of metrics.ports) yield `alb_error{port="${port}"} ${errors}`;
  yield* head('nginx_http_mismatch_rule_requests');
  for (const [port, { mismatches }] of metrics.ports) {
    for (const [method, count] of mismatches) {
      yield `nginx_http_mismatch_rule_requests{port="${port}",method="${method}"} ${count}`;
    }
  }
}

function* routeLines(metrics: InstanceMetrics, source: LabelSource): Generator<string> {
  const routes = [];
  for (const [port, series] of metrics.ports) {
    for (const [route, { requests, durations, upstreams, blocked }] of series.routes) {
      const labels = source.route(route, port);
      if (labels === undefined) continue;
      const start = `port="${port}",rule="${escaped(labels.rule)}"`;
      const end = sourceText(labels);
      routes.push({ requests, durations, upstreams, blocked, start, end, labels: `${start},${end}` });
    }
  }
  yield* head('nginx_http_status');
  for (const { requests, labels } of routes) {
    for (const [kind, totals] of Object.entries(requests))
      yield `nginx_http_status{${labels},${kindText(kind)}} ${totals.requests}`;
  }
  yield* head('nginx_http_request_size_bytes');
  for (const { requests, labels } of routes) {
    for (const [kind, { requestBytes }] of Object.entries(requests)) {
      yield `nginx_http_request_size_bytes{${labels},${kindText(kind)}} ${requestBytes}`;
    }
  }
  yield* head('nginx_http_response_size_bytes');
  for (const { requests, labels } of routes) {
    for (const [kind, { responseBytes }] of Object.entries(requests)) {
      yield `nginx_http_response_size_bytes{${labels},${kindText(kind)}} ${responseBytes}`;
    }
  }
  yield* head('nginx_http_request_duration_seconds');
  for (const { durations, labels } of routes) {
    yield* histogram('nginx_http_request_duration_seconds', `${labels},`, durations);
  }
  yield* head('nginx_http_upstream_requests_status');
  for (const { upstreams, start, end } of routes) {
    for (const [upstream, { requests }] of upstreams) {
      const labels = `${start},upstream_ip="${upstream}",${end}`;
      for (const [kind, count] of Object.entries(requests)) {
        yield `nginx_http_upstream_requests_status{${labels},${kindText(kind)}} ${count}`;
      }
    }
  }
  yield* head('nginx_http_upstream_request_duration_seconds');
  for (const { upstreams, start, end } of routes) {
    for (const [upstream, { durations }] of upstreams) {
      const labels = `${start},upstream_ip="${upstream}",${end},`;
      yield* histogram('nginx_http_upstream_request_duration_seconds', labels, durations);
    }
  }
  yield* head('causeway_firewall_blocked_total');
  for (const { blocked, labels } of routes) {
    for (const [rule, count] of blocked ?? [])
      yield `causeway_firewall_blocked_total{${labels},firewall_rule="${rule}"} ${count}`;
  }
}

function* streamLines(
  metrics: InstanceMetrics,
  source: LabelSource,
  open: ReadonlyMap<string, number>,
): Generator<string> {
  const labelsOf = (id: string): string | undefined => {
    const frontend = source.frontend(id);
    const [protocol, port] = id.split(':');
    return frontend === undefined ? undefined : `port="${port}",protocol="${protocol}",frontend="${escaped(frontend)}"`;
  };
  yield* head('causeway_stream_sessions');
  for (const [id, count] of open) {
    const labels = labelsOf(id);
    if (labels !== undefined) yield `causeway_stream_sessions{${labels}} ${count}`;
  }
  const streams = [];
  for (const [id, series] of metrics.streams) {
    const labels = labelsOf(id);
    if (labels !== undefined) streams.push({ ...series, labels });
  }
  yield* head('causeway_stream_sessions_total');
  for (const { ended, labels } of streams) {
    for (const [key, { sessions }] of ended) {
      const [status, upstream = ''] = key.split(' ');
      yield `causeway_stream_sessions_total{${labels},upstream_ip="${upstream}",status="${status}"} ${sessions}`;
    }
  }
  yield* head('causeway_stream_received_bytes_total');
  for (const { receivedBytes, labels } of streams) {
    yield `causeway_stream_received_bytes_total{${labels}} ${receivedBytes}`;
  }
  yield* head('causeway_stream_sent_bytes_total');
  for (const { sentBytes, labels } of streams) yield `causeway_stream_sent_bytes_total{${labels}} ${sentBytes}`;
}

function* single(name: MetricName, value: number): Generator<string> {
  yield* head(name);
  yield `${name} ${value}`;
}

function* head(name: MetricName): Generator<string> {
  const { help, type } = METRIC_FAMILIES[name];
  yield `# HELP ${name} ${help}`;
  yield `# TYPE ${name} ${type}`;
}

/** @param labels each followed by a comma */
function* histogram(name: MetricName, labels: string, { counts, sumMs }: Durations): Generator<string> {
  let sum = 0;
  for (let i = 0; i <= DURATION_BUCKETS_MS.length; i += 1) {
    sum += counts[i] ?? 0;
    const bound = DURATION_BUCKETS_MS[i];
    yield `${name}_bucket{${labels}le="${bound === undefined ? '+Inf' : bound / 1_000}"} ${sum}`;
  }
  const braced = labels === '' ? '' : `{${labels.slice(0, -1)}}`;
  yield `${name}_sum${braced} ${sumMs / 1_000}`;
  yield `${name}_count${braced} ${sum}`;
}

function kindText(kind: string): string {
  const space = kind.indexOf(' ');
  return `status="${kind.slice(0, space)}",method="${kind.slice(space + 1)}"`;
}

function sourceText({ sourceType, sourceNamespace, sourceName }: RouteLabels): string {
  return (
    `source_type="${escaped(sourceType)}",source_namespace="${escaped(sourceNamespace)}",` +
    `source_name="${escaped(sourceName)}"`
  );
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
