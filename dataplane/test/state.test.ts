/** How workers keep their state: kill -9, malformed transactions, a restarted agent, an orderly end. */
import { Agent } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StreamLine } from '../policy/record.ts';
import { put } from './agent.ts';
import { type Backend, startBackend } from './backend.ts';
import { ask } from './http-client.ts';
import { freePorts, TestNginx } from './nginx.ts';
import { forwardTo, groupRecord, host, portRecord, routeRecord } from './records.ts';

const WORKERS = 2;

let nginx: TestNginx;
let backend: Backend;
let port: number;

function fullState(version: number, more: readonly StreamLine[] = []): StreamLine[] {
  return [
    { op: 'begin', full: true },
    put(portRecord(port)),
    put(groupRecord('g', [backend.port])),
    put(routeRecord('a', [port], [host('a.com')])),
    ...more,
    { op: 'commit', version },
  ];
}

beforeAll(async () => {
  backend = await startBackend('b');
  port = (await freePorts(1))[0] ?? 0;
  nginx = await TestNginx.start({ ports: [{ port, protocol: 'http' }], workers: WORKERS, state: fullState(1) });
});

afterAll(async () => {
  await nginx?.stop();
  await backend?.close();
});

test('a worker killed with -9 is back with the full state before it takes traffic', async () => {
  const added = put(routeRecord('added', [port], [host('added.com')]));
  nginx.appendState([{ op: 'begin', full: false }, added, { op: 'commit', version: 2 }, { op: 'begin', full: false }]); // and an unfinished one
  await nginx.agent.push(2, [added], WORKERS);

  let running = true;
  const statuses = new Map<number, number>();
  const load = Promise.all(
    [1, 2, 3, 4].map(async () => {
      while (running) {
        // A killed worker resets its connections; what answers must be right.
        const answer = await ask(port, '/', { host: 'added.com' }).catch(() => undefined);
        if (answer !== undefined) statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      }
    }),
  );
  for (let round = 0; round < 3; round++) {
    const victims = [...nginx.agent.workers];
    for (const { pid } of victims) process.kill(pid, 'SIGKILL');
    await nginx.agent.until(
      () =>
        nginx.agent.workers.size === WORKERS &&
        [...nginx.agent.workers].every(({ pid }) => victims.every((victim) => victim.pid !== pid)),
    );
    expect([...nginx.agent.workers].map(({ helloVersion }) => helloVersion)).toEqual([2, 2]);
  }
  running = false;
  await load;
  expect([...statuses.keys()]).toEqual([200]);
});

test('a malformed transaction is refused as a whole and the old state stays', async () => {
  const route = routeRecord('evil', [port], [host('evil.com')]);
  const broken: (readonly (StreamLine | string)[])[] = [
    ['{"op":"begin","full":false}', put(route), '{"op":"put","record":', { op: 'commit', version: 10 }],
    [
      '{"op":"begin","full":false}',
      put(route),
      '{"op":"put","record":{"type":"route","id":"x"}}',
      { op: 'commit', version: 11 },
    ],
    [
      '{"op":"begin","full":true}',
      put(route),
      '{"op":"put","record":{"type":"novelty","id":"x"}}',
      { op: 'commit', version: 12 },
    ],
    [{ op: 'commit', version: 13 }],
    [put(route), { op: 'commit', version: 14 }],
  ];
  for (const lines of broken) nginx.agent.send(lines);
  await nginx.agent.until(() => nginx.agent.nacks.length === broken.length * WORKERS);
  expect(new Set(nginx.agent.nacks.map(({ version }) => version))).toEqual(new Set([10, 11, 12, 13, 14]));
  expect((await ask(port, '/', { host: 'evil.com' })).status).toBe(404);
  expect((await ask(port, '/', { host: 'a.com' })).status).toBe(200);
  await nginx.agent.push(15, [put(routeRecord('good', [port], [host('good.com')]))], WORKERS);
  expect((await ask(port, '/', { host: 'good.com' })).status).toBe(200);
});

test('a long full transaction is built aside while requests go on, and swapped', async () => {
  const routes = Array.from({ length: 3000 }, (_, i) => put(routeRecord(`r${i}`, [port], [host(`h${i}.com`)])));
  const keptAlive = new Agent({ keepAlive: true, maxSockets: 2 });
  nginx.agent.send(fullState(20, routes));
  const statuses = new Set<number>();
  while (![...nginx.agent.workers].every(({ version }) => version === 20)) {
    statuses.add((await ask(port, '/', { host: 'a.com', agent: keptAlive })).status);
  }
  expect([...statuses]).toEqual([200]);
  expect((await ask(port, '/', { host: 'h2999.com' })).status).toBe(200);
  expect((await ask(port, '/', { host: 'good.com' })).status).toBe(404);
  keptAlive.destroy();
});

test('a long delta is applied completely', async () => {
  const deletions = Array.from({ length: 3000 }, (_, i): StreamLine => ({ op: 'delete', type: 'route', id: `r${i}` }));
  const additions = Array.from({ length: 500 }, (_, i) =>
    put(routeRecord(`s${i}`, [port], [host(`s${i}.com`)], { action: forwardTo(`g${i}`) })),
  );
  const groups = Array.from({ length: 500 }, (_, i) => put(groupRecord(`g${i}`, [backend.port])));
  await nginx.agent.push(21, [...deletions, ...additions, ...groups], WORKERS);
  expect((await ask(port, '/', { host: 'h0.com' })).status).toBe(404);
  expect((await ask(port, '/', { host: 's499.com' })).status).toBe(200);
});

test('workers find a restarted agent and say what they have', async () => {
  for (const { socket } of nginx.agent.workers) socket.destroy();
  await nginx.agent.until(() => nginx.agent.workers.size === 0);
  expect((await ask(port, '/', { host: 'a.com' })).status).toBe(200);
  await nginx.agent.until(() => nginx.agent.workers.size === WORKERS);
  expect([...nginx.agent.workers].map(({ helloVersion }) => helloVersion)).toEqual([21, 21]);
});

test('a reload ends the old workers promptly', async () => {
  const old = [...nginx.agent.workers].map(({ pid }) => pid);
  nginx.signal('SIGHUP');
  await nginx.agent.until(
    () => nginx.agent.workers.size === WORKERS && [...nginx.agent.workers].every(({ pid }) => !old.includes(pid)),
  );
  await expect.poll(() => old.filter(isRunning), { timeout: 3000 }).toEqual([]);
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
