import type { MetricSample } from '@causeway/dataplane/policy/record';
import { expect, test } from 'vitest';
import { InstanceMetrics, type RouteLabels } from './metrics.ts';

const GAUGES = { version: 3, workers: 2, reloads: 0, masterStarts: 1 };

function sample(fields: Partial<MetricSample>): MetricSample {
  return {
    port: 80,
    route: 'ns/r',
    requests: {},
    durations: [],
    durationSumMs: 0,
    requestBytes: 0,
    responseBytes: 0,
    errors: 0,
    ...fields,
  };
}

function labels(route: string): RouteLabels | undefined {
  return route === 'ns/r' ? { rule: 'r"1', sourceType: '', sourceNamespace: 'ns', sourceName: 'r' } : undefined;
}

function lines(metrics: InstanceMetrics): string[] {
  return [...metrics.text(labels, GAUGES)].join('').split('\n');
}

const LABELS = 'port="80",rule="r\\"1",source_type="",source_namespace="ns",source_name="r"';

test('samples of workers add up', () => {
  const metrics = new InstanceMetrics();
  metrics.add([sample({ requests: { '200 GET': 2 }, durations: [1, 1], durationSumMs: 12, requestBytes: 10 })]);
  metrics.add([sample({ requests: { '200 GET': 1, '200 BREW': 1 }, durations: [0, 0, 2], durationSumMs: 40 })]);
  const text = lines(metrics);
  expect(text).toContain(`nginx_http_status{${LABELS},status="200",method="GET"} 3`);
  expect(text).toContain(`nginx_http_status{${LABELS},status="200",method="OTHER"} 1`);
  expect(text).toContain(`nginx_http_request_size_bytes{${LABELS}} 10`);
  expect(text).toContain(`nginx_http_request_duration_seconds_bucket{${LABELS},le="0.01"} 2`);
  expect(text).toContain(`nginx_http_request_duration_seconds_bucket{${LABELS},le="+Inf"} 4`);
  expect(text).toContain(`nginx_http_request_duration_seconds_sum{${LABELS}} 0.052`);
});

test('ALB-133: requests that no route took are counted by port and method', () => {
  const metrics = new InstanceMetrics();
  metrics.add([sample({ route: '', requests: { '404 GET': 1 }, errors: 1 })]);
  metrics.add([sample({ route: '', fallback: true, requests: { '200 GET': 5 } })]);
  const text = lines(metrics);
  expect(text).toContain('nginx_http_mismatch_rule_requests{port="80",method="GET"} 1');
  expect(text).toContain('alb_error{port="80"} 1');
});

test('the series of a route end with it', () => {
  const metrics = new InstanceMetrics();
  metrics.add([sample({ requests: { '200 GET': 2 } })]);
  metrics.prune(() => false);
  expect(lines(metrics).join()).not.toContain('nginx_http_status{');
});
