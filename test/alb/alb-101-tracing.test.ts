import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Echo } from '../acceptance/echo-backend.ts';
import { type Answer, ask } from '../acceptance/http-request.ts';
import { readMetrics } from '../acceptance/metrics-page.ts';
import { group, ingress } from '../acceptance/objects.ts';
import { type CollectedSpan, type OtlpCollector, startOtlpCollector } from '../acceptance/otlp-collector.ts';
import { eventually } from '../e2e/eventually.ts';
import { launcher, run } from '../launcher/up-process.ts';
import { ALB, answersWith, Lab } from './lab.ts';

const DIGITS = '0123456789abcdef01234567';
const SPAN = 'b7ad6b7169203331';
let lab: Lab;
let collector: OtlpCollector;
let port: number;
let paths = 0;

beforeAll(async () => {
  collector = await startOtlpCollector();
  // The collector on the ALB2, with tracing off there.
  lab = await Lab.start(['app'], {
    // One worker has a new Rule or has not.
    workerLimit: 1,
    otel: {
      enable: false,
      exporter: {
        collector: { address: `127.0.0.1:${collector.port}` },
        batch_span_processor: { inactive_timeout: 1 },
      },
      resource: { zone: 'lab' },
    },
  });
  port = await lab.open('web');
  await lab.addRule('web', 'untraced', rest({}));
});
afterAll(async () => {
  await lab.stop();
  await collector.close();
});

type Config = NonNullable<Parameters<Lab['addRule']>[2]['config']>;

function rest(config: Config, path = '/') {
  return {
    dslx: [{ type: 'URL' as const, values: [['STARTS_WITH', path]] }],
    serviceGroup: group({ app: 100 }),
    config,
  };
}

/** @returns the path of a new Rule that is traced in this way */
async function traced(otel: NonNullable<Config['otel']>, own: Config = {}): Promise<string> {
  paths += 1;
  const path = `/traced-${paths}`;
  await lab.addRule('web', `traced-${paths}`, { ...rest({ otel, ...own }, path), priority: 1 });
  await eventually(async () => expect(seenBy(await ask(port, path)).headers['traceparent']).toBeDefined());
  return path;
}

function seenBy({ body }: Answer): Echo {
  return JSON.parse(body) as Echo;
}

/** The spans of requests to that target, once there are so many. */
function spansOf(target: string, count = 1): Promise<readonly CollectedSpan[]> {
  return eventually(() => {
    const found = collector.spans.filter(({ attributes }) => attributes['http.target'] === target);
    expect(found).toHaveLength(count);
    return Promise.resolve(found);
  });
}

/** Sends a request that is in a trace. */
async function within(
  path: string,
  traceparent: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Echo> {
  return seenBy(await ask(port, path, { headers: { traceparent, ...headers } }));
}

describe('ALB-101 tracing', () => {
  test('inheritance: with the collector on the ALB2 and enable false, only the rule that enables exports to it', async () => {
    const path = await traced({ enable: true });
    expect(seenBy(await ask(port, '/other')).headers['traceparent']).toBeUndefined();
    await ask(port, `${path}?last`);
    await spansOf(`${path}?last`);
    expect(collector.spans.map(({ attributes }) => attributes['http.target'])).not.toContain('/other');
  });

  test('a span: name, kind, context, resource and attributes; the backend continues it', async () => {
    const path = await traced({ enable: true });
    const target = `${path}/a?q=1`;
    const seen = await within(target, `00-7fffffff${DIGITS}-${SPAN}-01`, { tracestate: 'k=v', 'user-agent': 'test' });
    const [span] = await spansOf(target);
    expect(seen.headers['traceparent']).toBe(`00-7fffffff${DIGITS}-${span?.spanId}-01`);
    expect(seen.headers['tracestate']).toBe('k=v');
    expect(span).toMatchObject({
      traceId: `7fffffff${DIGITS}`,
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
        'alb.rule.rule_name': path.slice(1),
        'alb.rule.source_type': '',
        'alb.rule.source_name': path.slice(1),
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
        zone: 'lab',
      },
    });
    expect(span?.resource['service.version']).toMatch(/^\d+\.\d+\.\d+$/);
    expect(span?.resource['service.instance.id']).toBe((await lab.home.list('Instance'))[0]?.metadata.name);
    expect(Object.keys(span?.attributes ?? {}).filter((name) => name.includes('.header.'))).toEqual([]);
  });

  test('flags: no upstream, headers of request and answer but no secrets; a failed backend is an error', async () => {
    const path = await traced({
      enable: true,
      flags: {
        hide_upstream_attrs: true,
        report_http_request_header: true,
        report_http_response_header: true,
      },
    });
    const target = `${path}?status=503`;
    await ask(port, target, { headers: { 'x-mine': '1', authorization: 'Bearer secret', cookie: 'session=secret' } });
    const [span] = await spansOf(target);
    expect(span?.status).toBe(2);
    expect(span?.attributes).toMatchObject({
      'http.status_code': 503,
      'http.request.header.x-mine': '1',
      'http.response.header.x-backend': 'app',
    });
    expect(Object.keys(span?.attributes ?? {}).filter((name) => name.startsWith('alb.upstream'))).toEqual([]);
    expect(JSON.stringify(span)).not.toContain('secret');
  });

  test('trace_id_ratio: the first 8 digits decide', async () => {
    const path = await traced({ enable: true, sampler: { name: 'trace_id_ratio', options: { fraction: '0.5' } } });
    const below = await within(`${path}?below`, `00-7fffffff${DIGITS}-${SPAN}-01`);
    const above = await within(`${path}?above`, `00-80000000${DIGITS}-${SPAN}-01`);
    expect(below.headers['traceparent']).toMatch(new RegExp(`^00-7fffffff${DIGITS}-[0-9a-f]{16}-01$`));
    expect(above.headers['traceparent']).toMatch(new RegExp(`^00-80000000${DIGITS}-[0-9a-f]{16}-00$`));
    await spansOf(`${path}?below`);
    await spansOf(`${path}?above`, 0);
  });

  test('parent_base: the flag decides, 01 yes, 00 and 02 no; without a context, the sampler of roots', async () => {
    const path = await traced({
      enable: true,
      sampler: { name: 'parent_base', options: { parent_name: 'always_off' } },
    });
    for (const flags of ['00', '01', '02']) await within(`${path}?${flags}`, `00-00000001${DIGITS}-${SPAN}-${flags}`);
    expect(seenBy(await ask(port, `${path}?root`)).headers['traceparent']).toMatch(/-00$/);
    await spansOf(`${path}?01`);
    for (const each of ['00', '02', 'root']) await spansOf(`${path}?${each}`, 0);
  });

  test('notrust_incoming_span, and contexts that are none: a new trace, without the old tracestate', async () => {
    const trusting = await traced({ enable: true });
    const path = await traced({ enable: true, flags: { notrust_incoming_span: true } });
    const old = `00-7fffffff${DIGITS}-${SPAN}-01`;
    const seen = await within(path, old, { tracestate: 'k=v' });
    expect(seen.headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(seen.headers['traceparent']).not.toContain(`7fffffff${DIGITS}`);
    expect(seen.headers['tracestate']).toBeUndefined();
    for (const wrong of [
      `00-${'0'.repeat(32)}-${SPAN}-01`,
      `ff-7fffffff${DIGITS}-${SPAN}-01`,
      old.toUpperCase(),
      'x',
    ]) {
      const { headers } = await within(trusting, wrong, { tracestate: 'k=v' });
      expect(headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
      expect(headers['traceparent']).not.toContain(DIGITS);
      expect(headers['tracestate']).toBeUndefined();
    }
  });

  test('a default service group inherits; answers of the proxy itself are spans too', async () => {
    const own = await lab.open('own', { serviceGroup: group({ app: 100 }), config: { otel: { enable: true } } });
    await answersWith(200, own);
    await ask(own, '/default');
    const [span] = await spansOf('/default');
    expect(span?.attributes).toMatchObject({ 'alb.rule.rule_name': 'own', 'alb.upstream.svc_name': 'app' });
    await lab.serve('none', []);
    await lab.addRule('own', 'none', { ...rest({}, '/none'), serviceGroup: group({ none: 100 }), priority: 1 });
    await answersWith(500, own, '/none');
    await ask(own, '/none?own');
    const [refused] = await spansOf('/none?own');
    expect(refused).toMatchObject({
      status: 2,
      attributes: { 'http.status_code': 500, 'http.request.resend_count': 0 },
    });
    expect(refused?.attributes['alb.upstream.peer']).toBeUndefined();
  });

  test('annotations: enable-opentelemetry, whom to trust in both spellings, the name; the otel object wins', async () => {
    const nginx = 'nginx.ingress.kubernetes.io/';
    await lab.home.apply(
      ingress('on', '/', 'app', {
        host: 'on.example.com',
        annotations: {
          [`${nginx}enable-opentelemetry`]: 'true',
          [`${nginx}opentelemetry-trust-incoming-spans`]: 'false',
          [`${nginx}opentelemetry-operation-name`]: 'op $request_method',
        },
      }),
      ingress('off', '/', 'app', {
        host: 'off.example.com',
        annotations: { [`${nginx}enable-opentelemetry`]: 'true', 'alb.ingress.cpaas.io/otel': '{"enable":false}' },
      }),
      ingress('trust', '/', 'app', {
        host: 'trust.example.com',
        annotations: { [`${nginx}opentelemetry-trust-incoming-span`]: 'true' },
      }),
    );
    const { http } = lab.ports;
    const from = async (host: string): Promise<Echo> => {
      const headers = { traceparent: `00-7fffffff${DIGITS}-${SPAN}-01` };
      return seenBy(await ask(http, `/by-annotation-${host}`, { host, headers }));
    };
    await eventually(async () => {
      expect((await from('on.example.com')).headers['traceparent']).not.toContain(DIGITS);
      expect((await from('off.example.com')).headers['traceparent']).toContain(SPAN);
      expect((await from('trust.example.com')).headers['traceparent']).toContain(SPAN);
    });
    const span = await eventually(() => {
      const found = collector.spans.find(
        ({ attributes }) => attributes['http.target'] === '/by-annotation-on.example.com',
      );
      expect(found).toBeDefined();
      return Promise.resolve(found);
    });
    expect(span?.name).toBe('op GET');
    expect(span?.attributes).toMatchObject({ 'alb.rule.source_type': 'ingress', 'alb.rule.source_name': 'on' });
  });

  test('collector unreachable, or full queue: requests are served, and what is lost is counted', async () => {
    const path = await traced({
      enable: true,
      exporter: {
        collector: { address: 'http://127.0.0.1:9', request_timeout: 1 },
        batch_span_processor: { max_queue_size: 5, inactive_timeout: 1 },
      },
    });
    for (let count = 0; count < 20; count += 1) expect((await ask(port, path)).status).toBe(200);
    await eventually(async () => {
      const page = await readMetrics(lab.home, lab.ports.metrics);
      expect(page.sum('causeway_trace_spans_total', { outcome: 'failed' })).toBeGreaterThan(0);
      expect(page.sum('causeway_trace_spans_total', { outcome: 'dropped' })).toBeGreaterThan(0);
      expect(page.sum('causeway_trace_spans_total', { outcome: 'exported' })).toBeGreaterThan(0);
    });
  });

  test('link-local collectors are refused; explain tells where a span goes', async () => {
    const config = { otel: { enable: true, exporter: { collector: { address: 'http://169.254.169.254' } } } };
    await expect(lab.addRule('web', 'refused', rest(config))).rejects.toThrow(/link-local addresses are refused/);
    const path = await traced({ enable: true });
    const args = ['--alb', ALB, '--data-dir', lab.home.dataDirectory];
    const { stdout } = await run(launcher, ['explain', 'request', `http://localhost:${port}${path}`, ...args]);
    expect(stdout).toContain(`traced: begins a trace; spans of 100 % go to http://127.0.0.1:${collector.port}/`);
  });
});
