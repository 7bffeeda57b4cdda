import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Echo, startEchoBackend } from '../acceptance/echo-backend.ts';
import { BACKEND_ADDRESS } from '../acceptance/given-home.ts';
import { ask } from '../acceptance/http-request.ts';
import { readMetrics } from '../acceptance/metrics-page.ts';
import { serviceTo } from '../acceptance/objects.ts';
import { startTraceCollector, type TraceCollector } from '../acceptance/otel-collector.ts';
import type { CollectedSpan } from '../acceptance/otlp-collector.ts';
import { eventually, eventuallyOnce } from '../e2e/eventually.ts';
import { freePort } from '../e2e/traffic.ts';
import { GatewayLab, gateway, httpListener, httpRoute, to } from './gateway-lab.ts';
import { type LogService, startLogService } from './log-service.ts';
import { policy, policyCondition } from './policy-objects.ts';

const METRICS_PORT = 1936;
const TRACE = '7fffffff0123456789abcdef01234567';
const SPAN = 'b7ad6b7169203331';
const HEADERS = { traceparent: `00-${TRACE}-${SPAN}-01`, 'x-user': 'ann', 'x-many': 'a' };

let lab: GatewayLab;
let collector: TraceCollector;
let ports: { readonly http: number; readonly grpc: number };

beforeAll(async () => {
  ports = { http: await freePort(), grpc: await freePort() };
  collector = await startTraceCollector(ports);
  lab = await GatewayLab.start(['a']);
  await lab.home.apply(...serviceTo({ name: 'collector', port: ports.grpc }), proxy({}), httpRoute('web', [to('a')]));
  const { spec, ...demo } = gateway('demo', [httpListener()]);
  const parametersRef = { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name: 'traced' };
  await lab.home.apply({ ...demo, spec: { ...spec, infrastructure: { parametersRef } } });
  await eventually(async () => expect((await seenAt('/')).traceparent).toBeDefined());
});
afterAll(async () => {
  await lab.stop();
  await collector.close();
});

function proxy(tracing: object, provider: object = { backendRefs: [{ name: 'collector', port: 80 }] }): object {
  return {
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind: 'EnvoyProxy',
    metadata: { name: 'traced', namespace: 'default' },
    spec: { telemetry: { tracing: { provider, ...tracing } } },
  };
}

async function seenAt(path: string): Promise<Echo['headers']> {
  const { status, body } = await lab.ask(path, { headers: HEADERS });
  expect(status).toBe(200);
  return (JSON.parse(body) as Echo).headers;
}

function spansOf(target: string): readonly CollectedSpan[] {
  return collector.spans.filter(({ attributes }) => attributes['http.target'] === target);
}

function spanOf(target: string): Promise<CollectedSpan> {
  return eventually(() => {
    const found = spansOf(target);
    expect(found).toHaveLength(1);
    return found[0] as CollectedSpan;
  });
}

test('GW-46 requests that end after nginx has got other ports, and workers, are counted, and have their spans', async () => {
  const last = await startEchoBackend('last');
  await lab.home.apply(...serviceTo(last), httpRoute('last', [to('last', '/last')]));
  await lab.answers({ '/last': 'last' });
  const counted = async () => {
    const page = await readMetrics(lab.home, METRICS_PORT, lab.address);
    return page.sum('nginx_http_upstream_requests_status', {
      upstream_ip: `${BACKEND_ADDRESS}:${last.port}`,
      status: '200',
    });
  };
  const { spec, ...demo } = (await lab.gateway('demo')) ?? gateway('demo', []);
  let [port, sent] = [9600, 0];
  await eventuallyOnce(async () => {
    port += 1;
    sent += 1;
    const target = `/last?sleep=3000&number=${sent}`;
    let hasEnded = false;
    const answered = lab.ask(target, { headers: HEADERS }).then(({ status }) => {
      hasEnded = true;
      return status;
    });
    await lab.home.apply({
      ...{ apiVersion: demo.apiVersion, kind: demo.kind, metadata: { name: 'demo', namespace: 'default' } },
      spec: { ...spec, listeners: [httpListener(), httpListener('further', { port, hostname: 'nobody.test' })] },
    });
    await eventuallyOnce(async () => expect((await ask(port, '/', { to: lab.address })).status).toBe(404));
    const wasBefore = !hasEnded;
    expect(await answered).toBe(200);
    // Where opening the port took longer than the request, it says nothing.
    expect(wasBefore).toBe(true);
    await spanOf(target);
    await eventually(async () => expect(await counted()).toBe(last.requests()));
  }, 60_000);
  await last.close();
});

describe('GW-46 lines of the access log that an EnvoyProxy has collected', () => {
  let logs: LogService;
  let logPort: number;
  beforeAll(async () => {
    logPort = await freePort();
    logs = await startLogService(logPort);
    await lab.home.apply(...serviceTo({ name: 'logs', port: logPort }));
  });
  afterAll(() => logs.close());

  const logged = (settings: readonly object[]): object => ({
    ...proxy({}),
    spec: { telemetry: { accessLog: { settings } } },
  });
  const refs = (name = 'logs') => [{ name, kind: 'Service', group: '', port: 80 }];
  const als = {
    type: 'HTTP',
    ...{ logName: 'shop', backendRefs: refs(), http: { requestHeaders: ['X-User', 'Cookie'] } },
  };
  const openTelemetry = (fields: object = {}) => ({
    type: 'OpenTelemetry',
    openTelemetry: { backendRefs: refs(), resourceAttributes: { 'k8s.cluster.name': 'lab' }, ...fields },
  });
  const line = async (path: string) => {
    expect((await lab.ask(path, { headers: HEADERS })).status).toBe(200);
  };
  const lost = async () => {
    const page = await readMetrics(lab.home, METRICS_PORT, lab.address);
    return page.sum('causeway_log_lines_total', { outcome: 'failed' });
  };

  test('by OTLP as a text or as attributes, and by a service of Envoy; what cannot be is told', async () => {
    await lab.home.apply(
      logged([
        { format: { type: 'Text', text: '%REQ(:PATH)% %RESPONSE_CODE%\n' }, sinks: [openTelemetry()] },
        {
          format: { type: 'JSON', json: { status: '%RESPONSE_CODE%', user: '%REQ(X-USER)%', none: '%REQ(X-NONE)%' } },
          matches: ["request.path.startsWith('/json')"],
          sinks: [openTelemetry({ headers: [{ name: 'x-tenant', value: 'a' }] })],
        },
        {
          sinks: [
            { type: 'ALS', als },
            { type: 'ALS', als: { ...als, backendRefs: refs('missing') } },
          ],
        },
      ]),
    );
    let count = 0;
    await eventually(async () => {
      count += 1;
      await line(`/json?${count}`);
      const asText = logs.records.find(({ body }) => body.startsWith('/json?'));
      expect(asText).toMatchObject({ body: expect.stringMatching(/ 200$/), resource: { 'k8s.cluster.name': 'lab' } });
      const asFields = logs.records.find(({ body }) => body === '');
      expect(asFields?.attributes).toEqual({ status: 200, user: 'ann' });
      expect(asFields?.headers.get('x-tenant')).toEqual(['a']);
      const entry = logs.entries.find(({ path }) => path.startsWith('/json?'));
      expect(entry).toMatchObject({ status: 200, logName: 'shop', headers: { 'x-user': 'ann' } });
      expect(entry?.headers).not.toHaveProperty('cookie');
      expect(entry?.routeName).toContain('httproute/default/web/rule/0');
    });
    await eventually(async () => {
      const conditions = (await lab.gateway('demo'))?.status?.conditions ?? [];
      const { message } = conditions.find(({ type }) => type === 'Accepted') ?? {};
      expect(message).toContain('sinks[1].als.backendRefs (Service default/missing not found)');
      expect(message).toContain('header cookie is told to nobody');
    });
  });

  test('a collector that is away costs requests nothing, and lost lines are counted; back again it gets the next ones', async () => {
    logs.close();
    const before = await lost();
    await eventually(async () => {
      await line('/away');
      expect(await lost()).toBeGreaterThan(before);
    });
    logs = await startLogService(logPort);
    await eventually(async () => {
      await line('/json/back');
      expect(logs.records.map(({ body }) => body)).toContain('/json/back 200');
      expect(logs.entries.map(({ path }) => path)).toContain('/json/back');
    });
    await lab.home.apply(proxy({}));
  });
});

describe('GW-45 tracing that a policy asks for', () => {
  test('a share and tags of its own for a route', async () => {
    const tracing = (spec: object) =>
      policy('BackendTrafficPolicy', 'traced', 'HTTPRoute/web', { telemetry: { tracing: spec } });
    await lab.home.apply(
      proxy({ samplingRate: 0 }),
      tracing({
        samplingFraction: { numerator: 1, denominator: 1 },
        customTags: { place: { type: 'Literal', literal: { value: 'route' } } },
      }),
    );
    let count = 0;
    await eventually(async () => {
      count += 1;
      await seenAt(`/own?${count}`);
      expect(collector.spans.map(({ attributes }) => attributes['place'])).toContain('route');
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'traced')).toContain('True Accepted');
    });
    await lab.home.kubectl(['delete', 'btp', 'traced', '-n', 'default']);
    await lab.home.apply(proxy({}));
  });
});

describe('GW-46 tracing that an EnvoyProxy asks for', () => {
  test('a span for each request, with the Gateway, its tags, and the span of the client as parent', async () => {
    const customTags = {
      env: { type: 'Literal', literal: { value: 'lab' } },
      user: { type: 'RequestHeader', requestHeader: { name: 'X-User' } },
      tier: { type: 'RequestHeader', requestHeader: { name: 'x-tier', defaultValue: 'none' } },
      zone: { type: 'Environment', environment: { name: 'HOME', defaultValue: 'here' } },
      secret: { type: 'RequestHeader', requestHeader: { name: 'Cookie' } },
    };
    await lab.home.apply(proxy({ customTags }));
    let count = 0;
    // Requests before the workers know of it have no span, or one without tags.
    const span = await eventually(async () => {
      count += 1;
      await seenAt(`/tagged?${count}`);
      const tagged = collector.spans.find(({ attributes }) => 'user' in attributes);
      expect(tagged).toBeDefined();
      return tagged as CollectedSpan;
    });
    expect(spansOf(String(span.attributes['http.target']))).toHaveLength(1);
    expect(span).toMatchObject({
      traceId: TRACE,
      parentId: SPAN,
      attributes: { env: 'lab', user: 'ann', tier: 'none', zone: 'here', 'alb.upstream.svc_name': 'a' },
      resource: { 'service.name': 'demo.default' },
    });
    expect(span.attributes).not.toHaveProperty('secret');
    expect(span.attributes).not.toHaveProperty('http.request.header.x-many');
    await eventually(async () => {
      const conditions = (await lab.gateway('demo'))?.status?.conditions ?? [];
      expect(conditions.find(({ type }) => type === 'Accepted')?.message).toContain('customTags.secret');
    });
  });

  test('requests that no route wants have one, too', async () => {
    await lab.home.apply(httpRoute('web', [to('a', '/')], { hostnames: ['a.com'] }));
    let target = '';
    let count = 0;
    await eventually(async () => {
      count += 1;
      target = `/nowhere?${count}`;
      expect((await lab.ask(target, { headers: HEADERS })).status).toBe(404);
    });
    expect((await spanOf(target)).attributes['http.status_code']).toBe(404);
    await lab.home.apply(httpRoute('web', [to('a')], { hostnames: [] }));
  });

  test('collector away: requests go on and lost spans are counted; back again it gets the next ones', async () => {
    await eventually(async () => void (await seenAt('/')));
    await collector.close();
    const failed = async () =>
      (await readMetrics(lab.home, METRICS_PORT, lab.address)).sum('causeway_trace_spans_total', { outcome: 'failed' });
    const before = await failed();
    await seenAt('/away');
    await eventually(async () => expect(await failed()).toBeGreaterThan(before));
    collector = await startTraceCollector(ports);
    await eventually(async () => {
      await seenAt('/back');
      expect(spansOf('/back').length).toBeGreaterThan(0);
    });
  });

  test('a rate of 0 is none, whatever the client says; what nobody can take is told', async () => {
    await lab.home.apply(proxy({ samplingRate: 0 }));
    await eventually(async () => {
      for (let asked = 0; asked < 8; asked += 1) expect((await seenAt('/none'))['traceparent']).toMatch(/-00$/);
    });
    await seenAt('/silent');
    await lab.home.apply(proxy({}, { backendRefs: [{ name: 'missing', port: 4317 }] }));
    await eventually(async () => {
      expect((await seenAt('/silent'))['traceparent']).toBe(HEADERS.traceparent);
      const conditions = (await lab.gateway('demo'))?.status?.conditions ?? [];
      expect(conditions.find(({ type }) => type === 'Accepted')?.message).toContain(
        'Service default/missing not found',
      );
    });
    await lab.home.apply(proxy({}, { type: 'Zipkin', backendRefs: [{ name: 'collector', port: 80 }] }));
    await eventually(async () => {
      const conditions = (await lab.gateway('demo'))?.status?.conditions ?? [];
      expect(conditions.find(({ type }) => type === 'Accepted')?.message).toContain('Zipkin is not served');
    });
    expect(spansOf('/silent')).toHaveLength(0);
  });

  test('no collector, two rates, or a rate above 100 is refused', async () => {
    for (const bad of [
      proxy({}, { backendRefs: [] }),
      proxy({ samplingRate: 1, samplingFraction: { numerator: 1 } }),
      proxy({ samplingRate: 101 }),
      proxy({ samplingFraction: { numerator: 2, denominator: 1 } }),
    ]) {
      await expect(lab.home.apply(bad)).rejects.toThrow('spec.telemetry.tracing');
    }
  });
});
