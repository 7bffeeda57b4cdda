/** What the dashboard shows, row by row. Source: spec ALB-133, the console's pages "ALB Status" and of single rules. */
import { mean, quantile, rate, sum, value } from './expression.ts';

export interface Panel {
  readonly title: string;
  readonly kind: 'stat' | 'timeseries';
  /** Of Grafana: `reqps`, `s`, `bytes`, `Bps`, `percentunit`, `short`. */
  readonly unit: string;
  readonly queries: readonly Query[];
}

export interface Query {
  readonly expression: string;
  /** `{{rule}}` */
  readonly legend: string;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

const TOP = 10;
const STATUS = 'nginx_http_status';
const DURATION = 'nginx_http_request_duration_seconds';
const UPSTREAM_STATUS = 'nginx_http_upstream_requests_status';
const UPSTREAM_DURATION = 'nginx_http_upstream_request_duration_seconds';
const ERRORS = { status: '=~"[45].."' };

export const ROWS: readonly Row[] = [
  {
    title: 'Overview',
    panels: [
      stat('Requests', 'reqps', sum(STATUS, rate(STATUS))),
      stat('Errors (4xx, 5xx)', 'percentunit', `${sum(STATUS, rate(STATUS, ERRORS))} / ${sum(STATUS, rate(STATUS))}`),
      stat('Mean latency', 's', mean(DURATION)),
      stat('Active connections', 'short', connections('active')),
      stat('Processor', 'short', sum('causeway_nginx_cpu_seconds_total', rate('causeway_nginx_cpu_seconds_total'))),
      stat(
        'Memory',
        'bytes',
        sum('causeway_nginx_resident_memory_bytes', value('causeway_nginx_resident_memory_bytes')),
      ),
    ],
  },
  {
    title: 'Requests',
    panels: [
      series('By status', 'reqps', sum(STATUS, rate(STATUS), ['status']), '{{status}}'),
      series('By rule', 'reqps', top(sum(STATUS, rate(STATUS), ['rule'])), '{{rule}}'),
      series(
        'Errors by rule',
        'reqps',
        top(sum(STATUS, rate(STATUS, ERRORS), ['rule', 'status'])),
        '{{rule}} {{status}}',
      ),
      {
        ...{ title: 'Answered by the proxy itself', kind: 'timeseries', unit: 'reqps' },
        queries: [
          query(sum('alb_error', rate('alb_error'), ['port']), 'errors on port {{port}}'),
          query(
            sum('nginx_http_mismatch_rule_requests', rate('nginx_http_mismatch_rule_requests'), ['port']),
            'no rule on port {{port}}',
          ),
        ],
      },
    ],
  },
  {
    title: 'Latency and size',
    panels: [
      { title: 'Requests', kind: 'timeseries', unit: 's', queries: quantiles(DURATION) },
      { title: 'Upstreams', kind: 'timeseries', unit: 's', queries: quantiles(UPSTREAM_DURATION) },
      series('99th percentile by rule', 's', top(quantile(0.99, DURATION, ['rule'])), '{{rule}}'),
      {
        ...{ title: 'Bytes', kind: 'timeseries', unit: 'Bps' },
        queries: [
          query(sum('nginx_http_request_size_bytes', rate('nginx_http_request_size_bytes')), 'requests'),
          query(sum('nginx_http_response_size_bytes', rate('nginx_http_response_size_bytes')), 'answers'),
        ],
      },
    ],
  },
  {
    title: 'Endpoints',
    panels: [
      series('Requests', 'reqps', top(sum(UPSTREAM_STATUS, rate(UPSTREAM_STATUS), ['upstream_ip'])), '{{upstream_ip}}'),
      series(
        'Errors',
        'reqps',
        top(sum(UPSTREAM_STATUS, rate(UPSTREAM_STATUS, { status: '=~"5.."' }), ['upstream_ip', 'status'])),
        '{{upstream_ip}} {{status}}',
      ),
      series('99th percentile', 's', top(quantile(0.99, UPSTREAM_DURATION, ['upstream_ip'])), '{{upstream_ip}}'),
      series(
        'Connections of clients',
        'short',
        sum('nginx_http_connections', value('nginx_http_connections'), ['state']),
        '{{state}}',
      ),
    ],
  },
  {
    title: 'Layer 4',
    panels: [
      series(
        'Open sessions',
        'short',
        sum('causeway_stream_sessions', value('causeway_stream_sessions'), ['frontend']),
        '{{frontend}}',
      ),
      series(
        'Ended sessions',
        'ops',
        sum('causeway_stream_sessions_total', rate('causeway_stream_sessions_total'), ['frontend', 'status']),
        '{{frontend}} {{status}}',
      ),
      {
        ...{ title: 'Bytes', kind: 'timeseries', unit: 'Bps' },
        queries: [
          query(
            sum('causeway_stream_received_bytes_total', rate('causeway_stream_received_bytes_total'), ['frontend']),
            'from clients of {{frontend}}',
          ),
          query(
            sum('causeway_stream_sent_bytes_total', rate('causeway_stream_sent_bytes_total'), ['frontend']),
            'to clients of {{frontend}}',
          ),
        ],
      },
    ],
  },
  {
    title: 'Data planes',
    panels: [
      {
        title: 'Until all workers have a change',
        kind: 'timeseries',
        unit: 's',
        queries: quantiles('causeway_push_duration_seconds'),
      },
      {
        ...{ title: 'Reloads and starts', kind: 'timeseries', unit: 'short' },
        queries: [
          query(value('causeway_nginx_reloads_total'), 'reloads of {{instance}}'),
          query(value('causeway_nginx_starts_total'), 'starts of {{instance}}'),
        ],
      },
      series('Version of the configuration', 'none', value('causeway_dataplane_version'), '{{instance}}'),
      {
        ...{ title: 'Workers and ports', kind: 'timeseries', unit: 'short' },
        queries: [
          query(value('causeway_nginx_workers'), 'workers of {{instance}}'),
          query(value('causeway_dataplane_ports'), 'ports {{state}} of {{instance}}'),
        ],
      },
      {
        ...{ title: 'Metric store', kind: 'timeseries', unit: 'bytes' },
        queries: [query(value('metrics_cache_size'), 'left at {{instance}}')],
      },
      series('Samples lost or put together', 'short', rate('nginx_metric_errors_total'), '{{instance}}'),
    ],
  },
];

function stat(title: string, unit: string, expression: string): Panel {
  return { title, kind: 'stat', unit, queries: [query(expression, '')] };
}

function series(title: string, unit: string, expression: string, legend: string): Panel {
  return { title, kind: 'timeseries', unit, queries: [query(expression, legend)] };
}

function query(expression: string, legend: string): Query {
  return { expression, legend };
}

function quantiles(name: Parameters<typeof quantile>[1]): readonly Query[] {
  return [0.5, 0.9, 0.99].map((q) => query(quantile(q, name), `p${q * 100}`));
}

function top(expression: string): string {
  return `topk(${TOP}, ${expression})`;
}

function connections(state: string): string {
  return sum('nginx_http_connections', value('nginx_http_connections', { state: `="${state}"` }));
}
