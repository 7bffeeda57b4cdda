import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Echo } from '../acceptance/echo-backend.ts';
import { ask } from '../acceptance/http-request.ts';
import { readMetrics } from '../acceptance/metrics-page.ts';
import { startTraceCollector, type TraceCollector } from '../acceptance/otel-collector.ts';
import type { CollectedSpan } from '../acceptance/otlp-collector.ts';
import { eventually } from '../e2e/eventually.ts';
import { freePort } from '../e2e/traffic.ts';
import { ALB, Lab } from './lab.ts';

const TRACE = '7fffffff0123456789abcdef01234567';
const SPAN = 'b7ad6b7169203331';
const PROTOCOLS = ['http', 'grpc'] as const;
let lab: Lab;
let collector: TraceCollector;
let ports: { readonly http: number; readonly grpc: number };
let port: number;

beforeAll(async () => {
  ports = { http: await freePort(), grpc: await freePort() };
  collector = await startTraceCollector(ports);
  console.log(`spans are taken by ${collector.name}`);
  lab = await Lab.start(['app'], { workerLimit: 1, otel: { enable: false, resource: { zone: 'lab' } } });
  port = await lab.open('web');
  for (const protocol of PROTOCOLS) {
    const exporter = {
      collector: { address: `http://127.0.0.1:${ports[protocol]}`, protocol, request_timeout: 1 },
      batch_span_processor: { inactive_timeout: 1 },
    };
    const flags = { report_http_request_header: true, report_http_response_header: true };
    await lab.addPath('web', protocol, { config: { otel: { enable: true, exporter, flags } } });
    await eventually(async () => expect((await seenBy(`/${protocol}`)).headers['traceparent']).toBeDefined());
  }
});
afterAll(async () => {
  await lab?.stop();
  await collector.close();
});

async function seenBy(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Echo> {
  const { status, body } = await ask(port, path, { headers });
  expect(status).toBe(200);
  return JSON.parse(body) as Echo;
}

function spanOf(target: string): Promise<CollectedSpan> {
  return eventually(() => {
    const found = collector.spans.filter(({ attributes }) => attributes['http.target'] === target);
    expect(found).toHaveLength(1);
    return found[0] as CollectedSpan;
  });
}

async function failed(): Promise<number> {
  return (await readMetrics(lab.home, lab.ports.metrics)).sum('causeway_trace_spans_total', { outcome: 'failed' });
}

describe('ALB-101 tracing to an OpenTelemetry collector', () => {
  test.each(PROTOCOLS)('over %s: ids, name, kind, status, attributes and resource', async (protocol) => {
    const target = `/${protocol}/a?q=1`;
    const headers = { traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: 'k=v', 'user-agent': 'test', 'x-mine': '1' };
    const seen = await seenBy(target, headers);
    const refused = `/${protocol}?status=503`;
    expect((await ask(port, refused)).status).toBe(503);
    const span = await spanOf(target);
    expect(seen.headers['traceparent']).toBe(`00-${TRACE}-${span.spanId}-01`);
    expect(span).toMatchObject({
      traceId: TRACE,
      parentId: SPAN,
      traceState: 'k=v',
      name: `GET ${target}`,
      kind: 2,
      status: 0,
      attributes: {
        'net.host.name': 'localhost',
        'http.request.method': 'GET',
        'http.scheme': 'http',
        'http.target': target,
        'http.user_agent': 'test',
        'http.status_code': 200,
        'http.request.resend_count': 0,
        'http.request.header.x-mine': '1',
        'http.response.header.x-backend': 'app',
        'alb.rule.rule_name': protocol,
        'alb.rule.source_type': '',
        'alb.rule.source_name': protocol,
        'alb.rule.source_ns': 'kube-system',
        'alb.upstream.svc_name': 'app',
        'alb.upstream.svc_ns': 'default',
        'alb.upstream.peer': `127.0.0.1:${lab.backends['app']?.port}`,
      },
      resource: {
        hostname: hostname(),
        'service.name': ALB,
        'service.namespace': 'kube-system',
        'service.type': 'alb',
        'service.version': expect.stringMatching(/^\d+\.\d+\.\d+$/),
        'service.instance.id': (await lab.home.list('Instance'))[0]?.metadata.name,
        zone: 'lab',
      },
    });
    expect(await spanOf(refused)).toMatchObject({ status: 2, attributes: { 'http.status_code': 503 } });
  });

  test('collector away: requests are served and lost spans are counted; back again: it gets the next ones', async () => {
    await collector.close();
    const before = await failed();
    for (const protocol of PROTOCOLS) await seenBy(`/${protocol}?away`);
    await eventually(async () => expect(await failed()).toBe(before + PROTOCOLS.length));
    collector = await startTraceCollector(ports);
    await eventually(async () => {
      for (const protocol of PROTOCOLS) await seenBy(`/${protocol}?back`);
      const targets = new Set(collector.spans.map(({ attributes }) => attributes['http.target']));
      expect(targets).toEqual(new Set(PROTOCOLS.map((protocol) => `/${protocol}?back`)));
    });
  });
});
