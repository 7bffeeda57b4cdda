import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { put } from './agent.ts';
import { type Backend, startBackend } from './backend.ts';
import { ask } from './http-client.ts';
import { freePorts, TestNginx } from './nginx.ts';
import { forwardTo, groupRecord, portRecord, prefix, routeRecord } from './records.ts';

let nginx: TestNginx;
let port: number;
let dead: number;
let silent: Backend;
const ipv6 = createServer((_, response) => response.end('ipv6'));
const backends: Backend[] = [];
const SPARE = ['spare', 'next', 'quick', 'late'];

beforeAll(async () => {
  for (const name of ['a', 'b', 'c']) backends.push(await startBackend(name));
  silent = await startBackend('silent', () => undefined);
  ipv6.listen(0, '::1');
  await once(ipv6, 'listening');
  [port = 0, dead = 0] = await freePorts(2);
  const [a = 0, b = 0, c = 0] = backends.map((backend) => backend.port);
  nginx = await TestNginx.start({
    ports: [{ port, protocol: 'http' }],
    state: [
      { op: 'begin', full: true },
      put(portRecord(port)),
      put(groupRecord('equal', [a, b])),
      put(
        groupRecord('weighted', [
          [a, 70],
          [b, 30],
        ]),
      ),
      put(groupRecord('half-dead', [dead, c])),
      put(groupRecord('mostly-dead', [dead, [dead, 5], [c, 1], [dead, 7]])),
      put(groupRecord('dead', [dead])),
      put(groupRecord('spare', [a, [b, 0]])),
      put(groupRecord('next', [dead, [a, 0], [b, 0]])),
      put({ ...groupRecord('quick', [a, [b, 0]]), affinity: 'ewma' }),
      put({ ...groupRecord('late', [dead, [b, 0]]), affinity: 'ewma' }),
      put(groupRecord('silent', [silent.port])),
      put({
        ...groupRecord('ipv6', []),
        peers: [{ address: '[::1]', port: (ipv6.address() as AddressInfo).port, weight: 1 }],
      }),
      ...['equal', 'weighted', 'half-dead', 'mostly-dead', 'dead', 'ipv6', ...SPARE].map((group) =>
        put(routeRecord(group, [port], [prefix(`/${group}`)], { action: forwardTo(group) })),
      ),
      put(
        routeRecord('silent', [port], [prefix('/silent')], {
          action: forwardTo('silent', { readMs: 150, attempts: 3 }),
        }),
      ),
      { op: 'commit', version: 1 },
    ],
  });
});

afterAll(async () => {
  await nginx?.stop();
  await silent?.close();
  ipv6.closeAllConnections();
  ipv6.close();
  for (const backend of backends) await backend.close();
});

async function bodies(path: string, count: number, method = 'GET'): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < count; i++) {
    const { status, body } = await ask(port, path, { method });
    const key = status === 200 ? body : String(status);
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

test('ALB-51 equal weights: 50/50 per 100 on one worker', async () => {
  expect(await bodies('/equal', 100)).toEqual({ a: 50, b: 50 });
});

test('a peer of weight 0 has requests only while all others are avoided', async () => {
  const near: Record<string, number>[] = [];
  for (const group of SPARE) near.push(await bodies(`/${group}`, 40));
  const [all, dead = {}, ...quick] = near;
  expect([all, ...quick]).toEqual([{ a: 40 }, { a: 40 }, { b: 40 }]);
  expect(Object.keys(dead).sort()).toEqual(['a', 'b']);
});

test('ALB-51 weights 70:30', async () => {
  expect(await bodies('/weighted', 100)).toEqual({ a: 70, b: 30 });
});

test('ALB-81 one of two refuses: every request succeeds, POST too, for it was not sent', async () => {
  expect(await bodies('/half-dead', 100)).toEqual({ c: 100 });
  expect(await bodies('/half-dead', 10, 'POST')).toEqual({ c: 10 });
});

test('an endpoint with an IPv6 address: the first request and those after it', async () => {
  expect(await bodies('/ipv6', 5)).toEqual({ ipv6: 5 });
});

test('attempts go through the peers before one is repeated', async () => {
  expect(await bodies('/mostly-dead', 50)).toEqual({ c: 50 });
});

test('ALB-81 all refuse: 502 after five connects', async () => {
  const answer = await ask(port, '/dead');
  expect(answer.status).toBe(502);
  expect(answer.body).toBe('X-Error: 502\n');
  expect(answer.headers['x-alb-err-reason']).toBe('BackendError : read 0 byte data from backend');
  nginx.signal('SIGUSR1'); // flushes the log buffer
  const [upstreams] = await logField(/"GET \/dead HTTP\/1\.1" 502 (\d+(?:, \d+)*) /);
  expect(upstreams).toBe('502, 502, 502, 502, 502');
});

test('ALB-80, ALB-81 read timeout: 504; GET is tried again, POST is not', async () => {
  const before = silent.requests.length;
  const answer = await ask(port, '/silent', { method: 'POST', body: 'x' });
  expect({ status: answer.status, body: answer.body, reason: answer.headers['x-alb-err-reason'] }).toEqual({
    status: 504,
    body: 'X-Error: 504\n',
    reason: 'TimeoutViaBackend : no answer from backend in time',
  });
  expect(silent.requests.length - before).toBe(1);
  expect((await ask(port, '/silent')).status).toBe(504);
  expect(silent.requests.length - before).toBe(4);
});

test('new endpoints serve at once, the old ones are silent', async () => {
  const [a, b, c] = backends;
  if (a === undefined || b === undefined || c === undefined) throw new Error('three backends');
  await nginx.agent.push(2, [put(groupRecord('equal', [c.port]))], 1);
  const before = a.requests.length + b.requests.length;
  expect(await bodies('/equal', 20)).toEqual({ c: 20 });
  expect(a.requests.length + b.requests.length).toBe(before);
});

test('connections to backends are kept', async () => {
  let connections = 0;
  const counting = createTcpServer((socket) => {
    connections++;
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
  });
  counting.listen(0, '127.0.0.1');
  await once(counting, 'listening');
  const kept = (counting.address() as AddressInfo).port;
  await nginx.agent.push(
    3,
    [
      put(groupRecord('kept', [kept])),
      put(routeRecord('kept', [port], [prefix('/kept')], { action: forwardTo('kept') })),
    ],
    1,
  );
  for (let i = 0; i < 10; i++) expect((await ask(port, '/kept')).body).toBe('ok');
  expect(connections).toBe(1);
  counting.close();
});

test('an endpoint that refuses connections is avoided, and used again when it accepts them', async () => {
  const [a] = backends;
  const [down = 0] = await freePorts(1);
  await nginx.agent.push(
    4,
    [
      put(groupRecord('returning', [down, a?.port ?? 0])),
      put(routeRecord('returning', [port], [prefix('/returning')], { action: forwardTo('returning') })),
    ],
    1,
  );
  expect(await bodies('/returning', 20)).toEqual({ a: 20 });
  const back = createServer((_request, response) => response.end('back')).listen(down, '127.0.0.1');
  await once(back, 'listening');
  while ((await ask(port, '/returning')).body !== 'back');
  expect(await bodies('/returning', 20)).toEqual({ a: 10, back: 10 });
  back.closeAllConnections();
  back.close();
  nginx.signal('SIGUSR1');
  const tried = [...nginx.accessLog().matchAll(/"GET \/returning HTTP\/1\.1" 200 502, 200 /g)].length;
  expect(tried).toBeGreaterThan(0);
  expect(tried).toBeLessThan(10);
});

/** The groups of `pattern` in the access log, as soon as it is there. */
async function logField(pattern: RegExp): Promise<string[]> {
  for (;;) {
    const found = pattern.exec(nginx.accessLog());
    if (found !== null) return found.slice(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
