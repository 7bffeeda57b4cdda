import { describe, expect, test } from 'vitest';
import { metricLines } from './metric-lines.ts';
import { trafficOf } from './traffic.ts';
import { renderAlbTraffic } from './traffic-text.ts';

const RULE = 'port="80",rule="r",source_type="ingress",source_namespace="ns",source_name="i"';

/** Cumulated buckets with bounds 0.1 s, 1 s and +Inf. */
function page(ok: number, failed: number, buckets: readonly [number, number, number], unmatched = 0): string {
  return `# TYPE nginx_http_status counter
nginx_http_status{${RULE},status="200",method="GET"} ${ok}
nginx_http_status{${RULE},status="502",method="GET"} ${failed}
nginx_http_connections{state="active"} 3
nginx_http_connections{state="waiting"} 9
nginx_http_mismatch_rule_requests{port="80",method="GET"} ${unmatched}
nginx_http_request_duration_seconds_bucket{${RULE},le="0.1"} ${buckets[0]}
nginx_http_request_duration_seconds_bucket{${RULE},le="1"} ${buckets[1]}
nginx_http_request_duration_seconds_bucket{${RULE},le="+Inf"} ${buckets[2]}
nginx_http_request_duration_seconds_sum{${RULE}} ${buckets[2] * 0.25}
nginx_http_request_duration_seconds_count{${RULE}} ${buckets[2]}
nginx_http_upstream_requests_status{${RULE},upstream_ip="10.0.0.1",status="200",method="GET"} 1000
`;
}

describe('traffic between two readings', () => {
  const first = page(100, 10, [100, 110, 110]);

  test('rates are differences per second; what was before does not count', () => {
    const { rules, total, connections } = trafficOf('ns/alb', [
      { before: first, after: page(190, 20, [150, 210, 210], 6), seconds: 2 },
    ]);
    expect(rules[0]).toMatchObject({ port: 80, rule: 'r', source: 'Ingress ns/i', requests: 50, requestsEver: 210 });
    expect(rules[0]).toMatchObject({ clientErrors: 0, serverErrors: 5, meanMs: 250 });
    expect(rules[1]).toMatchObject({ rule: '', requests: 3, clientErrors: 3, requestsEver: 6 });
    expect(total).toMatchObject({ requests: 53, clientErrors: 3, serverErrors: 5, requestsEver: 216 });
    expect(connections).toBe(3);
  });

  test('quantiles are interpolated in their bucket, those beyond the last bound are that bound', () => {
    const { rules } = trafficOf('ns/alb', [{ before: first, after: page(200, 10, [150, 200, 210]), seconds: 1 }]);
    expect(rules[0]?.p50Ms).toBeCloseTo(100);
    expect(rules[0]?.p90Ms).toBeCloseTo(1000);
    expect(rules[0]?.p99Ms).toBeCloseTo(1000);
  });

  test('instances add up', () => {
    const reading = { before: first, after: page(110, 10, [110, 120, 120]), seconds: 1 };
    const traffic = trafficOf('ns/alb', [reading, reading]);
    expect(traffic).toMatchObject({ instances: 2, connections: 6, rules: [{ requests: 20, requestsEver: 240 }, {}] });
  });

  test('a counter that began anew counts from 0', () => {
    const { rules } = trafficOf('ns/alb', [{ before: first, after: page(5, 0, [5, 5, 5]), seconds: 1 }]);
    expect(rules[0]).toMatchObject({ requests: 5, serverErrors: 0 });
  });

  test('nothing happened: no times', () => {
    const { rules, total } = trafficOf('ns/alb', [{ before: first, after: first, seconds: 1 }]);
    expect(rules[0]?.meanMs).toBeUndefined();
    expect(total).toEqual({ requests: 0, clientErrors: 0, serverErrors: 0, requestsEver: 110 });
  });

  test('layer 4 by port: sessions, failures and bytes', () => {
    const stream = 'port="5432",protocol="tcp",frontend="db"';
    const reading = (ended: number, failed: number, bytes: number): string => `
causeway_stream_sessions{${stream}} 4
causeway_stream_sessions_total{${stream},upstream_ip="10.0.0.1",status="200"} ${ended}
causeway_stream_sessions_total{${stream},upstream_ip="",status="502"} ${failed}
causeway_stream_received_bytes_total{${stream}} ${bytes}
causeway_stream_sent_bytes_total{${stream}} ${bytes * 3}
`;
    const traffic = trafficOf('ns/alb', [{ before: reading(10, 1, 0), after: reading(30, 3, 4000), seconds: 2 }]);
    expect(traffic.rules).toEqual([]);
    expect(traffic.streams).toEqual([
      {
        ...{ port: 5432, protocol: 'tcp', frontend: 'db', open: 4, sessions: 11, failed: 1, sessionsEver: 33 },
        ...{ receivedBytes: 2000, sentBytes: 6000 },
      },
    ]);
    expect(renderAlbTraffic(traffic, 1).split('\n').at(-1)?.split(/ {3,}/)).toEqual([
      '5432',
      'tcp',
      'db',
      '4',
      '11.0',
      '1.0',
      '2.0 kB/s',
      '6.0 kB/s',
      '33',
    ]);
  });

  test('as text, the busiest first, at most so many', () => {
    const traffic = trafficOf('ns/alb', [{ before: first, after: page(190, 20, [150, 210, 210], 6), seconds: 2 }]);
    const lines = renderAlbTraffic(traffic, 1).split('\n');
    expect(lines[0]).toBe('ALB ns/alb: 1 instance, 3 connections, 53.0 requests/s (5.7 % 4xx, 9.4 % 5xx, mean 250 ms)');
    expect(lines[3]?.split(/ {3,}/).slice(0, 7)).toEqual(['80', 'r', 'Ingress ns/i', '50.0', '0.0', '5.0', '250 ms']);
    expect(lines[4]).toBe('... and 1 more; --limit');
  });
});

test('labels of the text format are unescaped; other names are left out', () => {
  const text = '# HELP a b\na{x="q\\"\\\\\\n,}",y=""} 1.5e3\nb{x="1"} 2\na 7\n';
  expect([...metricLines(text, new Set(['a']))]).toEqual([
    { name: 'a', labels: { x: 'q"\\\n,}', y: '' }, value: 1500 },
    { name: 'a', labels: {}, value: 7 },
  ]);
});
