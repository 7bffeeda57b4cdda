import { ServerCredentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CertificateAuthority, createAuthority } from '../acceptance/certificate-authority.ts';
import { readMetrics } from '../acceptance/metrics-page.ts';
import { serviceTo, tlsSecret } from '../acceptance/objects.ts';
import { startTraceCollector, type TraceCollector } from '../acceptance/otel-collector.ts';
import type { CollectedPoint } from '../acceptance/otlp-collector.ts';
import { eventually } from '../e2e/eventually.ts';
import { freePort } from '../e2e/traffic.ts';
import { GatewayLab, gateway, httpListener, httpRoute, to } from './gateway-lab.ts';
import { type LogService, startLogService } from './log-service.ts';

const METRICS_PORT = 1936;
const NAME = 'otel.test';

let lab: GatewayLab;
let authority: CertificateAuthority;
let other: CertificateAuthority;
/** That speaks TLS, and one that does not. */
let secure: TraceCollector;
let plain: TraceCollector;
/** That wants a certificate. Lines are still sent to it after its test. */
let asking: LogService | undefined;

beforeAll(async () => {
  [authority, other] = await Promise.all([createAuthority('one'), createAuthority('other')]);
  secure = await startTraceCollector({ http: await freePort(), grpc: await freePort() }, await authority.issue(NAME));
  plain = await startTraceCollector({ http: await freePort(), grpc: await freePort() });
  console.log(`telemetry is taken by ${secure.name}`);
  lab = await GatewayLab.start(['a']);
  await lab.home.apply(
    ...serviceTo({ name: 'secure', port: secure.grpcPort }),
    ...serviceTo({ name: 'plain', port: plain.grpcPort }),
    ...serviceTo({ name: 'nobody', port: await freePort() }),
    trust(authority),
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'BackendTLSPolicy',
      metadata: { name: 'secure', namespace: 'default' },
      spec: {
        targetRefs: [{ group: '', kind: 'Service', name: 'secure' }],
        validation: { hostname: NAME, caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'ca' }] },
      },
    },
    {
      apiVersion: 'gateway.envoyproxy.io/v1alpha1',
      kind: 'Backend',
      metadata: { name: 'secure', namespace: 'default' },
      spec: {
        endpoints: [{ ip: { address: '127.0.0.1', port: secure.grpcPort } }],
        tls: { sni: NAME, caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'ca' }] },
      },
    },
    told({}),
    httpRoute('web', [to('a')]),
  );
  const { spec, ...demo } = gateway('demo', [httpListener()]);
  const parametersRef = { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name: 'told' };
  await lab.home.apply({ ...demo, spec: { ...spec, infrastructure: { parametersRef } } });
});
afterAll(async () => {
  await lab.stop();
  asking?.close();
  await Promise.all([secure.close(), plain.close()]);
});

function trust({ certificatePem }: CertificateAuthority): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'ca', namespace: 'default' },
    data: { 'ca.crt': certificatePem },
  };
}

function told(telemetry: object): object {
  return {
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind: 'EnvoyProxy',
    metadata: { name: 'told', namespace: 'default' },
    spec: { telemetry },
  };
}

const SERVICE = { group: '', kind: 'Service', name: 'secure', port: 80 };
const BACKEND = { group: 'gateway.envoyproxy.io', kind: 'Backend', name: 'secure' };

/** @param place in each line, which tells this setting from others */
function logged(place: string, openTelemetry: object): { readonly settings: readonly object[] } {
  const format = { type: 'Text', text: `${place} %REQ(:PATH)%` };
  return { settings: [{ format, sinks: [{ type: 'OpenTelemetry', openTelemetry }] }] };
}

let count = 0;

/** Asks until one of the requests has such a line there. */
async function lineOf(place: string, collector: TraceCollector): Promise<void> {
  await eventually(async () => {
    count += 1;
    expect((await lab.ask(`/?${count}`)).status).toBe(200);
    expect(collector.lines.map(({ body }) => body.split(' ')[0])).toContain(place);
  });
}

async function lost(): Promise<number> {
  const page = await readMetrics(lab.home, METRICS_PORT, lab.address);
  return page.sum('causeway_log_lines_total', { outcome: 'failed' });
}

/** What the Gateway says of its parameters. */
async function said(): Promise<string> {
  const conditions = (await lab.gateway('demo'))?.status?.conditions ?? [];
  return conditions.find(({ type }) => type === 'Accepted')?.message ?? '';
}

describe('GW-46 collectors', () => {
  test('over TLS, as a BackendTLSPolicy or a Backend wants it: spans and lines', async () => {
    await lab.home.apply(
      told({
        tracing: { provider: { backendRefs: [SERVICE], openTelemetry: { resourceAttributes: { zone: 'lab' } } } },
        accessLog: logged('backend', { backendRefs: [BACKEND] }),
      }),
    );
    await lineOf('backend', secure);
    await eventually(async () => {
      await lab.ask('/traced');
      const span = secure.spans.find(({ attributes }) => attributes['http.target'] === '/traced');
      expect(span?.resource).toMatchObject({ 'service.name': 'demo.default', zone: 'lab' });
    });
  });

  test('whose certificate nobody trusts any more: told nothing, and what is lost is counted', async () => {
    await lab.home.apply(told({ accessLog: logged('trusted', { backendRefs: [SERVICE] }) }));
    await lineOf('trusted', secure);
    await lab.home.apply(trust(other));
    await eventually(async () => {
      const before = await lost();
      const heard = secure.lines.length;
      await lab.ask('/lost');
      await eventually(async () => expect(await lost()).toBeGreaterThan(before), 3_000);
      expect(secure.lines).toHaveLength(heard);
    });
    await lab.home.apply(trust(authority), told({ accessLog: logged('again', { backendRefs: [SERVICE] }) }));
    await lineOf('again', secure);
  });

  test('that want to know who tells them are shown the certificate of their Backend', async () => {
    const port = await freePort();
    const [own, shown] = await Promise.all([authority.issue(NAME), other.issue('agent.test')]);
    const pair = { private_key: Buffer.from(own.keyPem), cert_chain: Buffer.from(own.chainPem) };
    const credentials = ServerCredentials.createSsl(Buffer.from(other.certificatePem), [pair], true);
    const service = await startLogService(port, credentials);
    asking = service;
    const tls = {
      sni: NAME,
      caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'ca' }],
      clientCertificateRef: { name: 'agent' },
    };
    await lab.home.apply(
      tlsSecret('agent', shown),
      {
        apiVersion: 'gateway.envoyproxy.io/v1alpha1',
        kind: 'Backend',
        metadata: { name: 'asking', namespace: 'default' },
        spec: { endpoints: [{ ip: { address: '127.0.0.1', port } }], tls },
      },
      told({ accessLog: logged('shown', { backendRefs: [{ ...BACKEND, name: 'asking' }] }) }),
    );
    await eventually(async () => {
      await lab.ask('/shown');
      expect(service.records.map(({ body }) => body)).toContain('shown /shown');
    });
  });

  test('of several one that is away does not matter', async () => {
    const backendRefs = [{ ...SERVICE, name: 'nobody' }, SERVICE];
    const before = await lost();
    await lab.home.apply(told({ accessLog: logged('several', { backendRefs }) }));
    await lineOf('several', secure);
    expect(await lost()).toBe(before);
  });

  test('one that is away is asked again, as often as it says', async () => {
    const retry = { numRetries: 100, perRetry: { backOff: { baseInterval: '100ms', maxInterval: '200ms' } } };
    const port = await freePort();
    const late = { backendRefs: [{ ...SERVICE, name: 'late' }], backendSettings: { retry } };
    const settings = [
      ...logged('late', late).settings,
      ...logged('now', { backendRefs: [{ ...SERVICE, name: 'plain' }] }).settings,
    ];
    await lab.home.apply(...serviceTo({ name: 'late', port }), told({ accessLog: { settings } }));
    await lineOf('now', plain);
    // The same request had a line for the other one.
    const [, first] = plain.lines[0]?.body.split(' ') ?? [];
    const started = await startTraceCollector({ http: await freePort(), grpc: port });
    try {
      await eventually(() => expect(started.lines.map(({ body }) => body)).toContain(`late ${first}`));
    } finally {
      await started.close();
    }
  });

  test('by host and port; what is no host is told, and what gRPC cannot have as a header', async () => {
    await lab.home.apply(told({ accessLog: logged('host', { host: '127.0.0.1', port: plain.grpcPort }) }));
    await lineOf('host', plain);
    await lab.home.apply(
      told({
        accessLog: logged('bad', { host: 'no name' }),
        tracing: {
          provider: {
            host: 'plain.default.svc',
            port: 80,
            openTelemetry: { headers: [{ name: 'x-raw-bin', value: 'a' }] },
          },
        },
      }),
    );
    await eventually(async () => {
      expect(await said()).toContain('sinks[0].openTelemetry.host ("no name" is no name and no address)');
      expect(await said()).toContain('provider.openTelemetry.headers (x-raw-bin: gRPC has bytes');
      await lab.ask('/by-host');
      expect(plain.spans.map(({ attributes }) => attributes['http.target'])).toContain('/by-host');
    });
    await lab.home.apply(told({}));
  });

  test('get the metrics that /metrics tells, since the begin or since the last time', async () => {
    const deltas = { reportCountersAsDeltas: true, reportHistogramsAsDeltas: true };
    const sinks = [
      { type: 'OpenTelemetry', openTelemetry: { backendRefs: [SERVICE], resourceAttributes: { zone: 'lab' } } },
      { type: 'OpenTelemetry', openTelemetry: { host: '127.0.0.1', port: plain.grpcPort, ...deltas } },
    ];
    await lab.home.apply(told({ metrics: { sinks, matches: [{ type: 'Prefix', value: 'nginx_' }] } }));
    await eventually(() => expect(plain.points).not.toHaveLength(0));
    const served = { status: '200', method: 'GET' };
    const before = (await readMetrics(lab.home, METRICS_PORT, lab.address)).sum('nginx_http_status', served);
    for (let asked = 0; asked < 5; asked += 1) expect((await lab.ask('/counted')).status).toBe(200);
    await eventually(async () => {
      const page = await readMetrics(lab.home, METRICS_PORT, lab.address);
      const [requests] = page.series('nginx_http_status', served);
      expect(requests?.value).toBeGreaterThanOrEqual(before + 5);
      const { labels = {}, value = 0 } = requests ?? {};
      const ofRequests = ({ points }: TraceCollector) =>
        points.filter((point) => point.name === 'nginx_http_status' && sameLabels(point.attributes, labels));
      expect(ofRequests(secure).at(-1)).toMatchObject({
        type: 'sum',
        temporality: 2,
        value,
        resource: { zone: 'lab' },
      });
      expect(ofRequests(plain).at(-1)).toMatchObject({ type: 'sum', temporality: 1 });
      // In more than one time: what all of them say together is what there is.
      expect(ofRequests(plain).filter((point) => point.value > 0).length).toBeGreaterThan(1);
      expect(ofRequests(plain).reduce((sum, point) => sum + point.value, 0)).toBe(value);

      const { status: _status, method: _method, ...ofRoute } = labels;
      const buckets = page
        .series('nginx_http_request_duration_seconds_bucket', ofRoute)
        .map((line, index, all) => line.value - (all[index - 1]?.value ?? 0));
      const durations = ({ points }: TraceCollector) =>
        points.filter(
          (point) => point.name === 'nginx_http_request_duration_seconds' && sameLabels(point.attributes, ofRoute),
        );
      expect(durations(secure).at(-1)).toMatchObject({
        ...{ type: 'histogram', temporality: 2, buckets },
        value: page.sum('nginx_http_request_duration_seconds_count', ofRoute),
        bounds: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      });
      const told = durations(plain).map((point) => point.buckets);
      expect(buckets.map((_, index) => told.reduce((sum, each) => sum + (each[index] ?? 0), 0))).toEqual(buckets);
      const gauge = plain.points.findLast(({ name }) => name === 'causeway_nginx_workers');
      expect(gauge).toMatchObject({ type: 'gauge', value: page.sum('causeway_nginx_workers') });
      expect(page.sum('causeway_metric_points_total', { outcome: 'exported' })).toBeGreaterThan(0);
    }, 40_000);
    expect(await said()).toContain('spec.telemetry.metrics.matches');
  });

  test('that are away get no metrics, which costs requests nothing and is counted', async () => {
    const openTelemetry = { backendRefs: [{ ...SERVICE, name: 'nobody' }] };
    await lab.home.apply(told({ metrics: { sinks: [{ type: 'OpenTelemetry', openTelemetry }] } }));
    await eventually(async () => {
      expect((await lab.ask('/')).status).toBe(200);
      const page = await readMetrics(lab.home, METRICS_PORT, lab.address);
      expect(page.sum('causeway_metric_points_total', { outcome: 'failed' })).toBeGreaterThan(0);
    });
    await lab.home.apply(told({}));
  });

  test('a sink of metrics without a collector, or of another type, is refused', async () => {
    for (const sink of [{ type: 'OpenTelemetry' }, { type: 'StatsD' }, { openTelemetry: { port: 4317 } }]) {
      await expect(lab.home.apply(told({ metrics: { sinks: [sink] } }))).rejects.toThrow(
        'spec.telemetry.metrics.sinks',
      );
    }
  });
});

function sameLabels(one: CollectedPoint['attributes'], other: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(other);
  return names.length === Object.keys(one).length && names.every((name) => one[name] === other[name]);
}
