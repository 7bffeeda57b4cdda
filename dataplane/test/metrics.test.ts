/** What workers report (spec ALB-133). */
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { DURATION_BUCKETS_MS, type MetricSample, type RequestTotals } from '../policy/record.ts';
import { put } from './agent.ts';
import { type Backend, startBackend } from './backend.ts';
import { ask } from './http-client.ts';
import { freePorts, TestNginx } from './nginx.ts';
import { forwardTo, groupRecord, host, portRecord, routeRecord } from './records.ts';

let nginx: TestNginx;
const backends: Backend[] = [];
let port: number;
let other: number;
let version = 1;

beforeAll(async () => {
  for (const name of ['a', 'b']) {
    const backend = await startBackend(name, (request, response) => {
      const delayMs = Number(/\/slow\/(\d+)/.exec(request.url ?? '')?.[1] ?? 0);
      if (request.url === '/404') response.writeHead(404);
      setTimeout(() => response.end(name), delayMs);
    });
    backends.push(backend);
  }
  [port = 0, other = 0] = await freePorts(2);
  nginx = await TestNginx.start({
    ports: [
      { port, protocol: 'http' },
      { port: other, protocol: 'http' },
    ],
    state: [
      { op: 'begin', full: true },
      put(portRecord(port)),
      put(portRecord(other, { fallback: forwardTo('g') })),
      put(groupRecord('g', [portOf(0), portOf(1)])),
      put(groupRecord('none', [])),
      put(routeRecord('a', [port], [host('a.com')])),
      put(routeRecord('empty', [port], [host('empty.com')], { action: forwardTo('none') })),
      { op: 'commit', version },
    ],
  });
});

afterAll(async () => {
  await nginx?.stop();
  for (const backend of backends) await backend.close();
});

afterEach(() => {
  nginx.agent.samples.length = 0;
});

function portOf(backend: number): number {
  return backends[backend]?.port ?? 0;
}

function upstreamOf(backend: number): string {
  return `127.0.0.1:${portOf(backend)}`;
}

test('requests by status and method with their bytes, durations, errors', async () => {
  for (let i = 0; i < 3; i++) await ask(port, '/', { host: 'a.com' });
  await ask(port, '/404', { host: 'a.com', method: 'POST', body: 'x'.repeat(1000) });
  await ask(port, '/none', { host: 'none.com', method: 'BREW' }).catch(() => undefined);
  await ask(port, '/none', { host: 'none.com' });
  await ask(other, '/anything');
  await nginx.agent.until(() => total('a') === 4 && total('') >= 2);
  const route = merged((sample) => sample.port === port && sample.route === 'a');
  expect(route.requests['200 GET']).toEqual([3, expect.any(Number), expect.any(Number)]);
  expect(route.requests['404 POST']).toEqual([1, expect.any(Number), expect.any(Number)]);
  expect(route.requests['404 POST']?.[1]).toBeGreaterThan(1000);
  expect(route.requests['200 GET']?.[1]).toBeLessThan(1000);
  expect(route.requests['200 GET']?.[2]).toBeGreaterThan(0);
  expect(route.durations.reduce((sum, count) => sum + count, 0)).toBe(4);
  expect(route.errors).toBe(0);
  const mismatch = merged((sample) => sample.port === port && sample.route === '');
  expect(mismatch.requests['404 GET']?.[0]).toBe(1);
  expect(mismatch.errors).toBeGreaterThanOrEqual(1);
  await nginx.agent.until(() => nginx.agent.samples.some((sample) => sample.fallback === true));
  const fallback = merged((sample) => sample.fallback === true);
  expect(fallback).toMatchObject({ port: other, route: '' });
  expect(fallback.requests['200 GET']?.[0]).toBe(1);
});

test('endpoints: requests by status and method, and how long the answer took', async () => {
  for (let i = 0; i < 6; i++) await ask(port, '/', { host: 'a.com' });
  for (let i = 0; i < 2; i++) await ask(port, '/404', { host: 'a.com', method: 'POST' });
  for (let i = 0; i < 2; i++) await ask(port, '/slow/60', { host: 'a.com' });
  await nginx.agent.until(() => total('a') === 10);
  const upstreams = upstreamsOf('a');
  expect([...upstreams.keys()].sort()).toEqual([upstreamOf(0), upstreamOf(1)].sort());
  for (const { requests, durations, durationSumMs } of upstreams.values()) {
    expect(requests).toEqual({ '200 GET': 4, '404 POST': 1 });
    expect(durations.reduce((sum, count) => sum + count, 0)).toBe(5);
    // The others may have waited for a processor.
    expect(durations.slice(0, DURATION_BUCKETS_MS.indexOf(100)).reduce((sum, count) => sum + count, 0)).toBeLessThan(5);
    expect(durationSumMs).toBeGreaterThanOrEqual(59);
  }
});

test('a request that was not forwarded has no endpoint', async () => {
  await ask(port, '/', { host: 'empty.com' });
  await nginx.agent.until(() => total('empty') === 1);
  expect(upstreamsOf('empty').size).toBe(0);
});

test('endpoints change while requests are under way: each request counts where it was', async () => {
  const agent = new Agent({ keepAlive: true });
  const slow = [0, 1].map(() => ask(port, '/slow/400', { host: 'a.com' }));
  const underWay = () => backends.flatMap(({ requests }) => requests).filter(({ url }) => url === '/slow/400').length;
  while (underWay() < 2) await sleep(5);
  await nginx.agent.push(++version, [put(groupRecord('g', [portOf(1)]))], 1);
  for (let i = 0; i < 5; i++) await ask(port, '/', { host: 'a.com', agent });
  await Promise.all(slow);
  await nginx.agent.until(() => total('a') === 7);
  const counted = [...upstreamsOf('a')].map(([upstream, { requests }]) => [upstream, requests['200 GET']]);
  expect(new Map(counted as [string, number][])).toEqual(
    new Map([
      [upstreamOf(0), 1],
      [upstreamOf(1), 6],
    ]),
  );
  agent.destroy();
});

test('what a deleted route has to report is reported', async () => {
  await nginx.agent.push(++version, [put(routeRecord('gone', [port], [host('gone.com')]))], 1);
  await ask(port, '/', { host: 'gone.com' });
  await nginx.agent.push(++version, [{ op: 'delete', type: 'route', id: 'gone' }], 1);
  await nginx.agent.until(() => total('gone') === 1);
  expect([...upstreamsOf('gone').values()]).toEqual([expect.objectContaining({ requests: { '200 GET': 1 } })]);
});

test('more endpoints than one line holds', async () => {
  const addresses = Array.from({ length: 120 }, (_, i) => `127.0.9.${i + 1}`);
  const group = groupRecord('many', []);
  const peers = addresses.map((address) => ({ address, port: portOf(0), weight: 1 }));
  await nginx.agent.push(
    ++version,
    [
      put({ ...group, peers }),
      put(
        routeRecord('many', [port], [host('many.com')], { action: forwardTo('many', { connectMs: 50, attempts: 1 }) }),
      ),
    ],
    1,
  );
  // The backend listens on 127.0.0.1 only: every attempt fails at once, at one endpoint each.
  for (let i = 0; i < 120; i++) await ask(port, '/', { host: 'many.com' });
  await nginx.agent.until(() => total('many') === 120);
  await nginx.agent.until(() => upstreamTotal('many') === 120);
  expect(upstreamsOf('many').size).toBeGreaterThan(100);
});

test('connections of clients', async () => {
  const agent = new Agent({ keepAlive: true });
  await Promise.all([1, 2, 3].map(() => ask(port, '/', { host: 'a.com', agent })));
  const slow = ask(port, '/slow/2500', { host: 'a.com' });
  await nginx.agent.until(() => nginx.agent.connections?.writing === 1 && nginx.agent.connections.waiting === 3);
  expect(nginx.agent.connections).toMatchObject({ active: 4, reading: 0 });
  await slow;
  agent.destroy();
  await nginx.agent.until(() => nginx.agent.connections?.active === 0);
});

test('no complaint of nginx', () => {
  const complaints = nginx.errorLog().replace(/^.*connect\(\) failed.*$/gm, '');
  expect(complaints).not.toMatch(/\[(error|crit|alert|emerg)\]/);
});

interface UpstreamTotals {
  readonly requests: Record<string, number>;
  readonly durations: number[];
  durationSumMs: number;
}

function upstreamsOf(route: string): ReadonlyMap<string, UpstreamTotals> {
  const totals = new Map<string, UpstreamTotals>();
  for (const sample of nginx.agent.samples.filter((one) => one.route === route)) {
    for (const { upstream, requests, durations, durationSumMs } of sample.upstreams ?? []) {
      const sum = totals.get(upstream) ?? { requests: {}, durations: [], durationSumMs: 0 };
      totals.set(upstream, sum);
      for (const [key, count] of Object.entries(requests)) sum.requests[key] = (sum.requests[key] ?? 0) + count;
      addTo(sum.durations, durations);
      sum.durationSumMs += durationSumMs;
    }
  }
  return totals;
}

function upstreamTotal(route: string): number {
  let sum = 0;
  for (const { requests } of upstreamsOf(route).values()) {
    for (const count of Object.values(requests)) sum += count;
  }
  return sum;
}

function total(route: string): number {
  const { requests } = merged((sample) => sample.port === port && sample.route === route);
  return Object.values(requests).reduce((sum, [count]) => sum + count, 0);
}

function merged(wanted: (sample: MetricSample) => boolean): MetricSample {
  const sum = {
    port: 0,
    route: '',
    requests: {} as Record<string, RequestTotals>,
    durations: [] as number[],
    durationSumMs: 0,
    errors: 0,
  };
  for (const sample of nginx.agent.samples.filter(wanted)) {
    sum.port = sample.port;
    sum.route = sample.route;
    for (const [key, [count, received, sent]] of Object.entries(sample.requests)) {
      const before = sum.requests[key] ?? [0, 0, 0];
      sum.requests[key] = [before[0] + count, before[1] + received, before[2] + sent];
    }
    addTo(sum.durations, sample.durations);
    sum.durationSumMs += sample.durationSumMs;
    sum.errors += sample.errors;
  }
  return sum;
}

function addTo(sums: number[], counts: readonly number[]): void {
  for (const [i, count] of counts.entries()) sums[i] = (sums[i] ?? 0) + count;
}
