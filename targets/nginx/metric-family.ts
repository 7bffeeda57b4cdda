/** Every metric of an instance, as Prometheus and collectors see it. Source: spec ALB-133; names with `causeway_` are ours. */

export interface MetricFamily {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** In the order of the text. */
  readonly labels: readonly string[];
}

const ROUTE = ['port', 'rule', 'source_type', 'source_namespace', 'source_name'] as const;
const UPSTREAM = ['port', 'rule', 'upstream_ip', 'source_type', 'source_namespace', 'source_name'] as const;
const STREAM = ['port', 'protocol', 'frontend'] as const;

export const METRIC_FAMILIES = {
  causeway_dataplane_version: gauge('Version of the data plane that every accepting worker has.'),
  causeway_dataplane_ports: gauge('Ports by what became of them: listening or conflict.', ['state']),
  causeway_nginx_workers: gauge('Workers that accept connections.'),
  causeway_nginx_reloads_total: counter('Graceful reloads since the agent began.'),
  causeway_nginx_starts_total: counter('Starts of an nginx master since the agent began.'),
  causeway_nginx_cpu_seconds_total: counter('Processor time of nginx since its master began.'),
  causeway_nginx_resident_memory_bytes: gauge(
    'Resident memory of the nginx processes, memory they share counted each time.',
  ),
  causeway_push_duration_seconds: histogram('From the state file until every worker had the change.', []),

  causeway_trace_spans_total: counter(
    'Spans of traced requests: exported, dropped because too many waited, or failed since the collector did not take them.',
    ['outcome'],
  ),
  causeway_log_lines_total: counter(
    'Lines of the access log for collectors: exported, dropped because too many waited, or failed since the collector did not take them.',
    ['outcome'],
  ),

  causeway_metric_points_total: counter(
    'Points of these metrics for collectors: exported, dropped because too many waited, or failed since the collector did not take them.',
    ['outcome'],
  ),

  causeway_global_limit_requests_total: counter(
    'Requests under a limit of all instances, counted together with them, or alone since the store was away.',
    ['counted'],
  ),

  causeway_endpoints_unwell: gauge(
    '1 for each endpoint that is not well: it refuses connections or fails requests of a worker, or fails its check.',
    ['upstream_ip', 'reason'],
  ),

  alb_error: counter('Answers of status 400 and above that the proxy made itself.', ['port']),
  metrics_cache_size: gauge('Bytes that are left of those that single upstreams may take.'),
  nginx_metric_errors_total: counter('Samples that could not be read, or whose upstream is counted as "other".'),
  nginx_http_connections: gauge('Connections of clients.', ['state']),
  nginx_http_mismatch_rule_requests: counter('Requests that no rule and no default group took.', ['port', 'method']),
  nginx_http_status: counter('Requests.', [...ROUTE, 'status', 'method']),
  nginx_http_request_size_bytes: counter('Bytes of requests.', [...ROUTE, 'status', 'method']),
  nginx_http_response_size_bytes: counter('Bytes of answers.', [...ROUTE, 'status', 'method']),
  nginx_http_request_duration_seconds: histogram('From the first byte of a request to the last of its answer.', ROUTE),
  nginx_http_upstream_requests_status: counter('Requests by the endpoint of their last attempt.', [
    ...UPSTREAM,
    'status',
    'method',
  ]),
  nginx_http_upstream_request_duration_seconds: histogram(
    'From the begin of the last attempt until its answer was passed on.',
    UPSTREAM,
  ),

  causeway_firewall_blocked_total: counter('Requests that a rule of the firewall ended.', [...ROUTE, 'firewall_rule']),

  causeway_stream_sessions: gauge('Sessions of tcp and udp ports that are open.', STREAM),
  causeway_stream_sessions_total: counter(
    'Sessions that have ended; 200: forwarded, 500: no endpoint, 502: none accepts.',
    [...STREAM, 'upstream_ip', 'status'],
  ),
  causeway_stream_received_bytes_total: counter('Bytes from clients of tcp and udp ports.', STREAM),
  causeway_stream_sent_bytes_total: counter('Bytes to clients of tcp and udp ports.', STREAM),
} satisfies Readonly<Record<string, MetricFamily>>;

export type MetricName = keyof typeof METRIC_FAMILIES;

function counter(help: string, labels: readonly string[] = []): MetricFamily {
  return { type: 'counter', help, labels };
}

function gauge(help: string, labels: readonly string[] = []): MetricFamily {
  return { type: 'gauge', help, labels };
}

function histogram(help: string, labels: readonly string[]): MetricFamily {
  return { type: 'histogram', help, labels };
}
