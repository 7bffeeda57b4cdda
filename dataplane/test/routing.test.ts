import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Step } from '../policy/step.ts';
import { put } from './agent.ts';
import { type Backend, startBackend } from './backend.ts';
import { ask } from './http-client.ts';
import { freePorts, TestNginx } from './nginx.ts';
import { forwardTo, groupRecord, host, portRecord, prefix, routeRecord } from './records.ts';

let nginx: TestNginx;
let a: Backend;
let b: Backend;
let port: number;

beforeAll(async () => {
  a = await startBackend('a');
  b = await startBackend('b');
  port = (await freePorts(1))[0] ?? 0;
  nginx = await TestNginx.start({
    ports: [{ port, protocol: 'http' }],
    workers: 2,
    state: [
      { op: 'begin', full: true },
      put(portRecord(port)),
      put(groupRecord('g', [a.port])),
      put(groupRecord('h', [b.port])),
      put(groupRecord('empty', [])),
      put(routeRecord('a', [port], [host('a.com'), prefix('/')])),
      put(routeRecord('b', [port], [host('a.com'), prefix('/b')], { specificity: [1], action: forwardTo('h') })),
      put(routeRecord('none', [port], [prefix('/none')], { action: forwardTo('empty') })),
      { op: 'commit', version: 7 },
    ],
  });
});

afterAll(async () => {
  await nginx?.stop();
  await a?.close();
  await b?.close();
});

test('workers have read the state file before they say hello', () => {
  expect([...nginx.agent.workers].map(({ helloVersion, generation }) => ({ helloVersion, generation }))).toEqual([
    { helloVersion: 7, generation: nginx.generation },
    { helloVersion: 7, generation: nginx.generation },
  ]);
});

test('host and path choose the backend', async () => {
  expect((await ask(port, '/x', { host: 'A.com:8080' })).body).toBe('a');
  expect((await ask(port, '/b/x', { host: 'a.com' })).body).toBe('b');
});

test('no match: 404 with the reason and without a product name in the body', async () => {
  const answer = await ask(port, '/x', { host: 'c.com' });
  expect({
    status: answer.status,
    body: answer.body,
    reason: answer.headers['x-alb-err-reason'],
    via: answer.headers['via'],
  }).toEqual({
    status: 404,
    body: 'X-Error: 404\n',
    reason: 'InvalidUpstream : no rule match',
    via: 'alb',
  });
});

test('no endpoints: 500', async () => {
  const answer = await ask(port, '/none', { host: 'c.com' });
  expect(answer.status).toBe(500);
  expect(answer.body).toBe('X-Error: 500\n');
  expect(answer.headers['x-alb-err-reason']).toBe('InvalidBalancer : no balancer found for empty');
});

test('a delta is acknowledged by every worker and serves at once', async () => {
  await nginx.agent.push(8, [put(routeRecord('new', [port], [host('new.com')], { action: forwardTo('h') }))], 2);
  for (let i = 0; i < 20; i++) expect((await ask(port, '/', { host: 'new.com' })).body).toBe('b');
  await nginx.agent.push(9, [{ op: 'delete', type: 'route', id: 'new' }], 2);
  for (let i = 0; i < 20; i++) expect((await ask(port, '/', { host: 'new.com' })).status).toBe(404);
});

test('routes that do the same share it, not their backends, and a change of one leaves the others', async () => {
  const steps = (value: string): readonly Step[] => [
    { type: 'responseHeaders', changes: [{ op: 'set', name: 'X-Tier', value: [value] }] },
  ];
  const route = (name: string, group: string, tier: string) =>
    put(routeRecord(name, [port], [host(`${name}.com`)], { action: forwardTo(group, { steps: steps(tier) }) }));
  const seen = async (name: string): Promise<string> => {
    const { body, headers } = await ask(port, '/', { host: `${name}.com` });
    return `${body} ${headers['x-tier']}`;
  };
  const all = async (): Promise<readonly string[]> => [await seen('gold'), await seen('copper'), await seen('tin')];
  await nginx.agent.push(12, [route('gold', 'g', '1'), route('copper', 'h', '1'), route('tin', 'h', '2')], 2);
  for (let i = 0; i < 5; i++) expect(await all()).toEqual(['a 1', 'b 1', 'b 2']);
  await nginx.agent.push(13, [route('copper', 'h', '3')], 2);
  for (let i = 0; i < 5; i++) expect(await all()).toEqual(['a 1', 'b 3', 'b 2']);
});
