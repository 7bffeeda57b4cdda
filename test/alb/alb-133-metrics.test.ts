import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { ALB_NAMESPACE } from '../acceptance/installation.ts';
import { type Labels, type MetricsPage, onMetricsPort, readMetrics, tokenOf } from '../acceptance/metrics-page.ts';
import { group, ingress, serviceTo } from '../acceptance/objects.ts';
import { heardFrom, startTcpBackend } from '../acceptance/stream-backend.ts';
import { eventually } from '../e2e/eventually.ts';
import { ALB, answersWith, Lab } from './lab.ts';

let lab: Lab;
let web: number;

beforeAll(async () => {
  lab = await Lab.start(['a', 'b']);
  await lab.serve('both', ['a', 'b']);
  web = await lab.open('web');
  await lab.addRule('web', 'by-hand', { dslx: under('/hand'), serviceGroup: group({ a: 100 }) });
  await lab.addRule('web', 'balanced', { dslx: under('/both'), serviceGroup: group({ both: 100 }) });
  await lab.home.apply(ingress('ing', '/ing', 'a'));
  await answersWith(200, web, '/hand');
  await answersWith(200, web, '/both');
  await answersWith(200, lab.ports.http, '/ing');
});
afterAll(() => lab.stop());

function under(path: string): { type: 'URL'; values: string[][] }[] {
  return [{ type: 'URL', values: [['STARTS_WITH', path]] }];
}

function read(): Promise<MetricsPage> {
  return readMetrics(lab.home, lab.ports.metrics);
}

function onPort(path: string, headers: Record<string, string> = {}) {
  return onMetricsPort(lab.ports.metrics, path, headers);
}

/** Everything that was asked before has arrived: the counter of this rule has. */
async function settled(): Promise<MetricsPage> {
  const labels = { rule: 'by-hand', status: '200', method: 'OPTIONS' };
  const before = (await read()).sum('nginx_http_status', labels);
  // A worker reports what waited longest first, so whoever has reported these has reported all; so many reach every worker.
  for (let n = 0; n < 16; n += 1) await ask(web, '/hand', { method: 'OPTIONS' });
  await eventually(async () => expect((await read()).sum('nginx_http_status', labels)).toBe(before + 16));
  return read();
}

function upstream(backend: string): string {
  return `127.0.0.1:${lab.backends[backend]?.port}`;
}

describe('ALB-133, LIM-28 who may read', () => {
  test('health needs no login; who is not known gets 401', async () => {
    expect(await onPort('/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
    for (const path of ['/metrics', '/clear']) {
      expect(await onPort(path)).toMatchObject({ status: 401, body: 'Unauthorized\n' });
      expect(await onPort(path, { authorization: 'Bearer guessed' })).toMatchObject({ status: 401 });
    }
    expect(await onPort('/metrics', { authorization: `Bearer ${tokenOf(lab.home)}` })).toMatchObject({ status: 200 });
  });

  test('METRICS_AUTH=false keeps it open, until it is taken back', async () => {
    const annotate = (value: string) =>
      lab.home.kubectl(['annotate', 'alb2', ALB, '-n', ALB_NAMESPACE, '--overwrite', value]);
    await annotate('alb.cpaas.io/nginx-env={"METRICS_AUTH":"false"}');
    await eventually(async () => expect((await onPort('/metrics')).status).toBe(200));
    await annotate('alb.cpaas.io/nginx-env-');
    await eventually(async () => expect((await onPort('/metrics')).status).toBe(401));
  });
});

describe('ALB-133, LIM-28 metrics', () => {
  test('3 GETs on an Ingress, 1 of a Rule by hand, 1 unmatched', async () => {
    const before = await settled();
    for (let n = 0; n < 3; n += 1) await ask(lab.ports.http, '/ing');
    await ask(web, '/hand', { method: 'POST', body: 'x'.repeat(1_000) });
    await ask(web, '/none');
    const after = await settled();
    const grown = (name: string, labels: Labels) => after.sum(name, labels) - before.sum(name, labels);
    const viaIngress = {
      ...{ port: String(lab.ports.http), source_type: 'ingress', source_namespace: 'default', source_name: 'ing' },
    };
    const get = { ...viaIngress, status: '200', method: 'GET' };
    expect({
      ingress: grown('nginx_http_status', get),
      hand: grown('nginx_http_status', { rule: 'by-hand', source_type: '', status: '200', method: 'POST' }),
      mismatch: grown('nginx_http_mismatch_rule_requests', { port: String(web), method: 'GET' }),
      errors: grown('alb_error', { port: String(web) }),
      timed: grown('nginx_http_request_duration_seconds_count', viaIngress),
      upstream: grown('nginx_http_upstream_requests_status', { ...get, upstream_ip: upstream('a') }),
      timedUpstream: grown('nginx_http_upstream_request_duration_seconds_count', viaIngress),
    }).toEqual({ ingress: 3, hand: 1, mismatch: 1, errors: 1, timed: 3, upstream: 3, timedUpstream: 3 });
    expect(grown('nginx_http_request_size_bytes', { rule: 'by-hand', method: 'POST' })).toBeGreaterThan(1_000);
    expect(grown('nginx_http_request_size_bytes', get)).toBeLessThan(1_000);
    expect(grown('nginx_http_response_size_bytes', get)).toBeGreaterThan(0);
  });

  test('names, types and labels are those of the list', async () => {
    const page = await settled();
    const route = ['port', 'rule', 'source_type', 'source_namespace', 'source_name'];
    const wanted: Record<string, [type: string, labels: string[]]> = {
      nginx_http_connections: ['gauge', ['state']],
      nginx_http_mismatch_rule_requests: ['counter', ['port', 'method']],
      nginx_http_status: ['counter', [...route, 'status', 'method']],
      nginx_http_request_size_bytes: ['counter', [...route, 'status', 'method']],
      nginx_http_response_size_bytes: ['counter', [...route, 'status', 'method']],
      nginx_http_request_duration_seconds: ['histogram', route],
      nginx_http_upstream_requests_status: ['counter', [...route, 'upstream_ip', 'status', 'method']],
      nginx_http_upstream_request_duration_seconds: ['histogram', [...route, 'upstream_ip']],
      alb_error: ['counter', ['port']],
      metrics_cache_size: ['gauge', []],
      nginx_metric_errors_total: ['counter', []],
    };
    for (const [name, [type, labels]] of Object.entries(wanted)) {
      expect(page.types.get(name), name).toBe(type);
      const [line] = page.series(type === 'histogram' ? `${name}_bucket` : name);
      const has = Object.keys(line?.labels ?? {}).filter((label) => label !== 'le');
      expect(has.sort(), name).toEqual([...labels].sort());
    }
    const bounds = page.series('nginx_http_request_duration_seconds_bucket', { rule: 'by-hand', port: String(web) });
    const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    expect(bounds.map(({ labels }) => labels['le'])).toEqual([...seconds.map(String), '+Inf']);
    const states = page.series('nginx_http_connections').map(({ labels }) => labels['state']);
    expect(new Set(states)).toEqual(new Set(['active', 'reading', 'waiting', 'writing']));
    expect(page.sum('metrics_cache_size')).toBeGreaterThan(20_000_000);
  });

  test('each endpoint has its own requests and times', async () => {
    for (let n = 0; n < 20; n += 1) await ask(web, '/both');
    const page = await settled();
    for (const name of ['a', 'b']) {
      const labels = { rule: 'balanced', upstream_ip: upstream(name) };
      expect(page.sum('nginx_http_upstream_requests_status', { ...labels, status: '200' })).toBeGreaterThan(5);
      expect(page.sum('nginx_http_upstream_request_duration_seconds_count', labels)).toBeGreaterThan(5);
    }
  });

  test('a Rule that changes keeps its counters', async () => {
    const labels = { rule: 'by-hand' };
    const before = (await settled()).sum('nginx_http_status', labels);
    await lab.addRule('web', 'by-hand', { dslx: under('/hand'), serviceGroup: group({ b: 100 }) });
    await eventually(async () => expect((await ask(web, '/hand')).headers['x-backend']).toBe('b'));
    expect((await settled()).sum('nginx_http_status', labels)).toBeGreaterThan(before);
  });

  test('the series of a Rule and of an endpoint end with them', async () => {
    await lab.addRule('web', 'short', { dslx: under('/short'), serviceGroup: group({ a: 100 }) });
    await answersWith(200, web, '/short');
    const gone = { rule: 'balanced', upstream_ip: upstream('b') };
    const before = await settled();
    expect(before.sum('nginx_http_status', { rule: 'short' })).toBeGreaterThan(0);
    expect(before.sum('nginx_http_upstream_requests_status', gone)).toBeGreaterThan(0);
    await lab.home.kubectl(['delete', 'rules.crd.alauda.io', 'short', '-n', ALB_NAMESPACE]);
    await lab.serve('both', ['a']);
    await eventually(async () => {
      const page = await read();
      expect(page.series('nginx_http_status', { rule: 'short' })).toEqual([]);
      expect(page.series('nginx_http_upstream_requests_status', gone)).toEqual([]);
      expect(page.series('nginx_http_upstream_request_duration_seconds_count', gone)).toEqual([]);
    }, 20_000);
    expect((await read()).series('nginx_http_upstream_requests_status', { rule: 'balanced' })).not.toEqual([]);
  });

  test('connections of clients: one that waits for its answer is in state writing', async () => {
    const answer = ask(web, '/hand?sleep=2500');
    await eventually(async () => {
      const page = await read();
      expect(page.sum('nginx_http_connections', { state: 'writing' })).toBe(1);
      expect(page.sum('nginx_http_connections', { state: 'active' })).toBe(1);
    });
    await answer;
    await eventually(async () => expect((await read()).sum('nginx_http_connections', { state: 'active' })).toBe(0));
  });

  test('a tcp port: open sessions, ended ones by endpoint, bytes while they are open', async () => {
    const backend = await startTcpBackend('tcp');
    await lab.home.apply(...serviceTo({ name: 'tcp', port: backend.port }));
    const port = await lab.open('tcp', { protocol: 'tcp', serviceGroup: group({ tcp: 100 }) });
    const labels = { port: String(port), protocol: 'tcp', frontend: 'tcp' };
    const client = await heardFrom(port);
    client.socket.write('x'.repeat(10_000));
    await eventually(async () => {
      const page = await read();
      expect(page.sum('causeway_stream_sessions', labels)).toBe(1);
      expect(page.sum('causeway_stream_received_bytes_total', labels)).toBe(10_000);
      expect(page.sum('causeway_stream_sent_bytes_total', labels)).toBeGreaterThanOrEqual(10_000);
    });
    client.socket.destroy();
    const ended = { ...labels, upstream_ip: `127.0.0.1:${backend.port}`, status: '200' };
    await eventually(async () => {
      const page = await read();
      expect(page.sum('causeway_stream_sessions', labels)).toBe(0);
      expect(page.sum('causeway_stream_sessions_total', ended)).toBeGreaterThanOrEqual(1);
    });
    await backend.close();
  });

  test('/clear zeroes all', async () => {
    expect((await settled()).sum('nginx_http_status')).toBeGreaterThan(0);
    expect(await onPort('/clear', { authorization: `Bearer ${tokenOf(lab.home)}` })).toMatchObject({ status: 200 });
    const page = await read();
    for (const name of ['nginx_http_status', 'alb_error', 'nginx_http_upstream_requests_status']) {
      expect(page.series(name), name).toEqual([]);
    }
  });

  test('the agent dies: counters begin at 0, and what happens meanwhile is counted', async () => {
    const labels = { rule: 'by-hand', method: 'DELETE' };
    await settled();
    process.kill(lab.home.programs()['agent'] ?? 0, 'SIGKILL');
    await eventually(() => expect(onPort('/healthz')).rejects.toThrow());
    for (let n = 0; n < 5; n += 1) expect(await ask(web, '/hand', { method: 'DELETE' })).toMatchObject({ status: 200 });
    await eventually(async () => expect((await read()).sum('nginx_http_status', labels)).toBe(5), 20_000);
    expect((await read()).sum('nginx_http_status', { rule: 'by-hand', method: 'OPTIONS' })).toBe(0);
  });
});
