import type { MetricSample, UpstreamSample } from '@causeway/dataplane/policy/record';
import { expect, test } from 'vitest';
import { METRIC_FAMILIES } from './metric-family.ts';
import { type InstanceGauges, metricPoints, type RouteLabels } from './metric-points.ts';
import { FALLBACK_ROUTE, InstanceMetrics, type KnownRoutes } from './metrics.ts';
import { metricsText } from './metrics-text.ts';

const GAUGES: InstanceGauges = {
  version: 3,
  ports: { listening: 2, conflict: 1 },
  workers: 2,
  reloads: 0,
  masterStarts: 1,
  cpuSeconds: 1.5,
  memoryBytes: 4096,
  limits: { together: 3, alone: 1 },
  connections: { active: 3, reading: 0, writing: 1, waiting: 2 },
  push: { counts: [1, 2], sumMs: 17 },
  sessions: new Map([['tcp:81', 4]]),
  unwell: new Map([['10.0.0.9:80', 'fails']]),
  spans: { exported: 5, dropped: 2, failed: 1 },
  logLines: { exported: 4, dropped: 0, failed: 3 },
  points: { exported: 9, dropped: 0, failed: 0 },
};

const UPSTREAM: UpstreamSample = {
  upstream: '10.0.0.1:80',
  requests: { '200 GET': 1 },
  durations: [1],
  durationSumMs: 2,
};

function sample(fields: Partial<MetricSample>): MetricSample {
  return { port: 80, route: 'ns/r', requests: {}, durations: [0], durationSumMs: 0, errors: 0, ...fields };
}

function labels(route: string): RouteLabels | undefined {
  if (route === FALLBACK_ROUTE)
    return { rule: 'web', sourceType: 'ft_default_router', sourceNamespace: '', sourceName: '' };
  return route === 'ns/r' ? { rule: 'r"1', sourceType: '', sourceNamespace: 'ns', sourceName: 'r' } : undefined;
}

function textOf(metrics: InstanceMetrics): string {
  const source = { route: labels, frontend: (id: string) => (id === 'tcp:81' ? 'stream' : undefined) };
  return [...metricsText(metricPoints(metrics, source, GAUGES))].join('');
}

function linesOf(metrics: InstanceMetrics): string[] {
  return textOf(metrics).split('\n');
}

/** All routes are there; every route has one upstream. */
const KNOWN: KnownRoutes = {
  has: () => true,
  upstreams: () => new Set(['10.0.0.1:80']),
  streamUpstreams: () => new Set(['10.0.0.1:80']),
};

const RULE = 'port="80",rule="r\\"1"';
const SOURCE = 'source_type="",source_namespace="ns",source_name="r"';

test('samples of workers add up', () => {
  const metrics = new InstanceMetrics();
  metrics.add([sample({ requests: { '200 GET': [2, 10, 100] }, durations: [1, 1], durationSumMs: 12 })]);
  metrics.add([
    sample({ requests: { '200 GET': [1, 5, 50], '200 BREW': [1, 1, 1] }, durations: [0, 0, 2], durationSumMs: 40 }),
  ]);
  const text = linesOf(metrics);
  expect(text).toContain(`nginx_http_status{${RULE},${SOURCE},status="200",method="GET"} 3`);
  expect(text).toContain(`nginx_http_status{${RULE},${SOURCE},status="200",method="OTHER"} 1`);
  expect(text).toContain(`nginx_http_request_size_bytes{${RULE},${SOURCE},status="200",method="GET"} 15`);
  expect(text).toContain(`nginx_http_response_size_bytes{${RULE},${SOURCE},status="200",method="GET"} 150`);
  expect(text).toContain(`nginx_http_request_duration_seconds_bucket{${RULE},${SOURCE},le="0.01"} 2`);
  expect(text).toContain(`nginx_http_request_duration_seconds_bucket{${RULE},${SOURCE},le="+Inf"} 4`);
  expect(text).toContain(`nginx_http_request_duration_seconds_sum{${RULE},${SOURCE}} 0.052`);
});

test('ALB-133: requests that no route took are counted by port and method', () => {
  const metrics = new InstanceMetrics();
  metrics.add([sample({ route: '', requests: { '404 GET': [1, 1, 1] }, errors: 1 })]);
  metrics.add([sample({ route: '', fallback: true, requests: { '200 GET': [5, 1, 1] } })]);
  const text = linesOf(metrics);
  expect(text).toContain('nginx_http_mismatch_rule_requests{port="80",method="GET"} 1');
  expect(text).toContain('alb_error{port="80"} 1');
});

test('upstreams of a route', () => {
  const metrics = new InstanceMetrics();
  metrics.add([sample({ upstreams: [UPSTREAM, { ...UPSTREAM, requests: { '502 POST': 2 }, durations: [0, 2] }] })]);
  const text = linesOf(metrics);
  const upstream = `${RULE},upstream_ip="10.0.0.1:80",${SOURCE}`;
  expect(text).toContain(`nginx_http_upstream_requests_status{${upstream},status="200",method="GET"} 1`);
  expect(text).toContain(`nginx_http_upstream_requests_status{${upstream},status="502",method="POST"} 2`);
  expect(text).toContain(`nginx_http_upstream_request_duration_seconds_count{${upstream}} 3`);
});

test('sessions and bytes of layer 4', () => {
  const metrics = new InstanceMetrics();
  const more = { port: 'tcp:81', receivedBytes: 10, sentBytes: 20 };
  metrics.addStreams([{ ...more, sessions: { '200 10.0.0.1:80': 2, '502 ': 1 } }]);
  metrics.addStreams([{ ...more, sessions: {} }]);
  const stream = 'port="81",protocol="tcp",frontend="stream"';
  const text = linesOf(metrics);
  expect(text).toContain(`causeway_stream_sessions{${stream}} 4`);
  expect(text).toContain(`causeway_stream_sessions_total{${stream},upstream_ip="10.0.0.1:80",status="200"} 2`);
  expect(text).toContain(`causeway_stream_sessions_total{${stream},upstream_ip="",status="502"} 1`);
  expect(text).toContain(`causeway_stream_received_bytes_total{${stream}} 20`);
  expect(text).toContain(`causeway_stream_sent_bytes_total{${stream}} 40`);
});

test('what is gone keeps its series for some seconds, and has them again when it comes back', () => {
  const metrics = new InstanceMetrics();
  const gone: KnownRoutes = { ...KNOWN, has: () => false };
  metrics.add([sample({ requests: { '200 GET': [2, 1, 1] } })]);
  metrics.tidy(gone, 1_000, 10);
  metrics.tidy(KNOWN, 3_000, 10);
  metrics.tidy(gone, 10_000, 10);
  metrics.tidy(gone, 14_000, 10);
  expect(textOf(metrics)).toContain('nginx_http_status{');
  const full = metrics.freeBytes;
  metrics.tidy(gone, 15_000, 10);
  expect(textOf(metrics)).not.toContain('nginx_http_status{');
  expect(metrics.freeBytes).toBeGreaterThan(full);
});

test('the series of an endpoint end with it', () => {
  const metrics = new InstanceMetrics();
  metrics.add([sample({ upstreams: [UPSTREAM, { ...UPSTREAM, upstream: '10.0.0.2:80' }] })]);
  metrics.addStreams([
    { port: 'tcp:81', receivedBytes: 0, sentBytes: 0, sessions: { '200 10.0.0.2:80': 1, '502 ': 1 } },
  ]);
  for (const now of [0, 5_000]) metrics.tidy(KNOWN, now, 10);
  expect(textOf(metrics)).toContain('10.0.0.1:80');
  expect(textOf(metrics)).toContain('upstream_ip="",status="502"');
  expect(textOf(metrics)).not.toContain('10.0.0.2:80');
});

test('with more upstreams than there is room for, the rest is counted together', () => {
  const metrics = new InstanceMetrics();
  const upstreams = Array.from({ length: 40_000 }, (_, i) => ({
    ...UPSTREAM,
    upstream: `10.0.${i >> 8}.${i & 255}:80`,
  }));
  metrics.add([sample({ upstreams })]);
  const text = textOf(metrics);
  const counts = [...text.matchAll(/^nginx_http_upstream_requests_status\{.*upstream_ip="([^"]+)".* (\d+)$/gm)];
  expect(counts.length).toBeLessThanOrEqual(32_768);
  expect(counts.reduce((sum, [, , count]) => sum + Number(count), 0)).toBe(40_000);
  const other = Number(counts.find(([, upstream]) => upstream === 'other')?.[2]);
  expect(other).toBeGreaterThan(7_000);
  expect(text).toContain(`nginx_metric_errors_total ${other}\n`);
  expect(text).toContain('metrics_cache_size 0\n');
});

test('samples that cannot be read are counted and hurt nothing', () => {
  const metrics = new InstanceMetrics();
  metrics.add([{} as MetricSample, sample({ errors: 1 })]);
  expect(linesOf(metrics)).toContain('nginx_metric_errors_total 1');
  expect(linesOf(metrics)).toContain('alb_error{port="80"} 1');
});

test('clear begins at 0', () => {
  const metrics = new InstanceMetrics();
  metrics.add([sample({ requests: { '200 GET': [2, 1, 1] }, upstreams: [UPSTREAM], errors: 2 })]);
  metrics.clear();
  expect(textOf(metrics)).toBe(textOf(new InstanceMetrics()));
});

test('every line belongs to a family, with exactly its labels', () => {
  const metrics = new InstanceMetrics();
  metrics.add([sample({ requests: { '200 GET': [2, 1, 1] }, durations: [2], upstreams: [UPSTREAM], errors: 1 })]);
  metrics.add([sample({ route: '', requests: { '404 GET': [1, 1, 1] } })]);
  metrics.add([sample({ blocked: { 1234: 1 } })]);
  metrics.addStreams([{ port: 'tcp:81', receivedBytes: 0, sentBytes: 0, sessions: { '200 10.0.0.2:80': 1 } }]);
  const seen = new Set<string>();
  for (const line of linesOf(metrics)) {
    const [, sampleName = '', labelsText = ''] = /^([a-z_]+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    if (sampleName === '') continue;
    const name = Object.keys(METRIC_FAMILIES).find(
      (one) => sampleName.replace(/_(bucket|sum|count)$/, '') === one || sampleName === one,
    );
    expect(name, line).toBeDefined();
    seen.add(name ?? '');
    const has = [...labelsText.matchAll(/([a-z_]+)="(?:[^"\\]|\\.)*"/g)]
      .map(([, label]) => label)
      .filter((label) => label !== 'le');
    const family = METRIC_FAMILIES[name as keyof typeof METRIC_FAMILIES];
    expect(new Set(has), line).toEqual(new Set(family.labels));
  }
  expect([...seen].sort()).toEqual(Object.keys(METRIC_FAMILIES).sort());
});
