import { KIND_REFS, type KindMap, type KindName } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EchoBackend, startEchoBackend } from '../acceptance/echo-backend.ts';
import { type Answer, type Ask, ask } from '../acceptance/http-request.ts';
import { ALB_NAMESPACE } from '../acceptance/installation.ts';
import { Memcached } from '../acceptance/memcached.ts';
import { frontend, group, ingress, rule, serviceTo } from '../acceptance/objects.ts';
import { eventuallyOnce } from '../e2e/eventually.ts';
import { Home } from '../e2e/home.ts';
import { alb } from '../e2e/quick-start.ts';
import { freePort } from '../e2e/traffic.ts';

const NGINX = 'nginx.ingress.kubernetes.io/';
const NODES = ['node-1', 'node-2'];
const home = new Home();
let backend: EchoBackend;
let store: Memcached;
let port: number;
/** Of the two instances of one ALB. */
let addresses: readonly string[];

beforeAll(async () => {
  await home.start('apiserver');
  [backend, store] = await Promise.all([startEchoBackend('app'), Memcached.start(), home.start('controllers')]);
  const ports = { http: await freePort(), https: await freePort(), metrics: 1936 };
  port = ports.http;
  const config = {
    networkMode: 'container',
    workerLimit: 2,
    vip: { enableLbSvc: false },
    // Longer than usual, since the machine of a test is busy.
    globalLimitStore: { host: '127.0.0.1', port: store.port, timeoutMs: 2000 },
  } as const;
  for (const object of [alb('alb', ports, config), ...serviceTo(backend)]) await create(object);
  for (const node of NODES) {
    await home.start('agent', { as: node, args: ['--node', node, '--instance-addresses', '127.81.0.0/16'] });
  }
  addresses = await Promise.all(NODES.map(addressOf));
});
afterAll(async () => {
  for (const node of NODES) await home.end(node, 'SIGTERM');
  await home.stop();
  await store.stop();
  await backend.close();
});

async function create(object: { readonly kind: string }): Promise<void> {
  await home.api.create(KIND_REFS[object.kind as KindName], object as KindMap[KindName]);
}

async function read<K extends KindName>(kind: K, name: string): Promise<KindMap[K] | undefined> {
  return (await home.api.get(KIND_REFS[kind], { namespace: ALB_NAMESPACE, name })) as KindMap[K] | undefined;
}

function addressOf(node: string): Promise<string> {
  return eventuallyOnce(async () => {
    const address = (await read('Instance', `alb-${node}`))?.status?.address;
    expect(address).toMatch(/^127\.81\./);
    return address ?? '';
  });
}

/** An Ingress of host `<name>.com` that both instances serve; to see that takes none of the requests of loopback addresses of tests. */
async function limited(name: string, settings: Readonly<Record<string, string>>): Promise<void> {
  const annotations = Object.fromEntries(Object.entries(settings).map(([key, value]) => [`${NGINX}${key}`, value]));
  await create(ingress(name, '/', 'app', { className: 'alb', host: `${name}.com`, annotations }));
  await Promise.all(
    addresses.map((to) =>
      eventuallyOnce(async () =>
        expect((await ask(port, '/', { to, host: `${name}.com`, from: '127.9.9.9' })).status).toBe(200),
      ),
    ),
  );
}

/** So many requests to each instance in turn, at once. */
function burst(host: string, count: number, options: Ask = {}): Promise<Answer[]> {
  return Promise.all(
    Array.from({ length: count }, (_, index) =>
      ask(port, '/', { from: '127.0.0.1', ...options, to: addresses[index % 2] ?? '', host }),
    ),
  );
}

function countOf(answers: readonly Answer[], status: number): number {
  return answers.filter((answer) => answer.status === status).length;
}

describe('ALB-28 global-rate-limit (LIM-06, ADR 0011)', () => {
  test('10 a minute: of 20 requests to two instances 10 pass, the others get 429; another client passes', async () => {
    await limited('ten', { 'global-rate-limit': '10', 'global-rate-limit-window': '1m' });
    const answers = await burst('ten.com', 20);
    expect(countOf(answers, 200)).toBe(10);
    expect(countOf(answers, 429)).toBe(10);
    const refused = answers.find(({ status }) => status === 429);
    expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(0);
    expect(refused?.headers['x-alb-err-reason']).toBe('TooManyRequests : global limit of the rate');
    expect(countOf(await burst('ten.com', 2, { from: '127.0.0.2' }), 200)).toBe(2);
  });

  test('a key of variables, a status, addresses without limit; all paths of an Ingress count together', async () => {
    await limited('keyed', {
      'global-rate-limit': '2',
      'global-rate-limit-window': '1h',
      'global-rate-limit-key': '$http_x_client-$host',
      'global-rate-limit-ignored-cidrs': '127.0.0.7/32, 127.9.9.9',
      'global-rate-limit-status-code': '503',
    });
    const client = (name: string) => ({ headers: { 'x-client': name } });
    expect(countOf(await burst('keyed.com', 6, client('a')), 503)).toBe(4);
    expect(countOf(await burst('keyed.com', 2, client('b')), 200)).toBe(2);
    expect(countOf(await burst('keyed.com', 8, { ...client('a'), from: '127.0.0.7' }), 200)).toBe(8);
  });

  test('the window slides: what was refused counts for nothing, and after the time told there is room again', async () => {
    await limited('second', { 'global-rate-limit': '3', 'global-rate-limit-window': '2s' });
    const answers = await burst('second.com', 12);
    expect(countOf(answers, 200)).toBeGreaterThanOrEqual(3);
    await eventuallyOnce(async () => expect(countOf(await burst('second.com', 1), 200)).toBe(1));
  });

  test('by typed fields of a Rule, of its Frontend, and of the ALB2, which count together what inherits them', async () => {
    const own = await freePort();
    const globalLimit = { requests: 3, windowSeconds: 3600 };
    await create(frontend('alb', 'web', own, { serviceGroup: group({ app: 100 }), config: { globalLimit } }));
    const dslx = (path: string) => ({ dslx: [{ type: 'URL' as const, values: [['STARTS_WITH', path]] }] });
    const place = { alb: 'alb', frontend: 'web' };
    await create(rule({ ...place, name: 'inherits' }, { ...dslx('/inherits'), serviceGroup: group({ app: 100 }) }));
    await create(
      rule(
        { ...place, name: 'own' },
        {
          ...dslx('/own'),
          serviceGroup: group({ app: 100 }),
          config: { globalLimit: { ...globalLimit, requests: 1 } },
        },
      ),
    );
    const send = (path: string, index: number, from = '127.0.0.1') =>
      ask(own, path, { to: addresses[index % 2] ?? '', from });
    for (const index of [0, 1]) {
      await eventuallyOnce(async () => expect((await send('/own', index, `127.0.1.${index}`)).status).toBe(200));
      await eventuallyOnce(async () => expect((await send('/own', index, `127.0.1.${index}`)).status).toBe(429));
    }
    const statuses: number[] = [];
    for (const [index, path] of ['/inherits', '/', '/inherits', '/', '/inherits'].entries())
      statuses.push((await send(path, index)).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
  });

  test('without the store each instance counts alone, says so, and counts with the others when it is back', async () => {
    await limited('away', { 'global-rate-limit': '4', 'global-rate-limit-window': '1h' });
    await store.stop();
    const alone = await burst('away.com', 20, { from: '127.0.0.3' });
    expect(countOf(alone, 200)).toBe(8);
    expect(countOf(alone, 429)).toBe(12);
    const warning = `each instance counts for global limits alone, the store is away: 127.0.0.1:${store.port}`;
    await eventuallyOnce(async () => {
      expect((await read('Instance', 'alb-node-1'))?.status?.warnings?.join()).toContain(warning);
      expect((await read('ALB2', 'alb'))?.status).toMatchObject({ state: 'Warning' });
      const events = await home.api.list({ ...KIND_REFS.Service, kind: 'Event', plural: 'events' });
      expect(JSON.stringify(events.items)).toContain(warning);
    });

    await store.run();
    // One request a second asks whether it is back.
    await eventuallyOnce(async () => {
      await burst('away.com', 2, { from: `127.0.4.${Math.floor(Math.random() * 250) + 1}` });
      expect((await read('Instance', 'alb-node-1'))?.status?.warnings ?? []).toEqual([]);
      expect((await read('Instance', 'alb-node-2'))?.status?.warnings ?? []).toEqual([]);
    });
    const together = await burst('away.com', 12, { from: '127.0.0.5' });
    expect(countOf(together, 200)).toBe(4);
  });

  test('what cannot be read is told, and an Ingress without window has no limit', async () => {
    await limited('wrong', {
      'global-rate-limit': '1',
      'global-rate-limit-window': 'soon',
      'global-rate-limit-key': '$nope',
    });
    expect(countOf(await burst('wrong.com', 4), 200)).toBe(4);
    await eventuallyOnce(async () => {
      const events = await home.api.list({ ...KIND_REFS.Service, kind: 'Event', plural: 'events' });
      const text = JSON.stringify(events.items);
      expect(text).toContain('global-rate-limit-window');
      expect(text).toContain('unknown variable $nope');
    });
  });
});
