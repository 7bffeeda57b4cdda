import { KIND_REFS, type KindMap, type KindName } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EchoBackend, startEchoBackend } from '../acceptance/echo-backend.ts';
import { ask } from '../acceptance/http-request.ts';
import { serviceTo } from '../acceptance/objects.ts';
import { Redis } from '../acceptance/redis.ts';
import { eventually } from '../e2e/eventually.ts';
import { Home } from '../e2e/home.ts';
import { gateway, HTTP_PORT, httpListener, httpRoute, to } from './gateway-lab.ts';
import { policy } from './policy-objects.ts';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number;
}

interface Ancestor {
  readonly conditions: readonly Condition[];
}

const NODES = ['node-1', 'node-2'];
const home = new Home();
let backend: EchoBackend;
let store: Redis;
/** Of the two data planes of one Gateway. */
let addresses: readonly string[];

beforeAll(async () => {
  await home.start('apiserver');
  [backend, store] = await Promise.all([startEchoBackend('app'), Redis.start(), home.start('controllers')]);
  await put(ctl({ backend: { type: 'Redis', redis: { url: `127.0.0.1:${store.port}` } }, timeout: '2s' }));
  for (const object of serviceTo(backend)) await put(object);
  await put(gateway('demo', [httpListener()], 'default-limits'));
  await put(httpRoute('limit', [to('app', '/limit')]));
  for (const node of NODES) {
    await home.start('agent', { as: node, args: ['--node', node, '--instance-addresses', '127.84.0.0/16'] });
  }
  addresses = await Promise.all(NODES.map(addressOf));
});
afterAll(async () => {
  for (const node of NODES) await home.end(node, 'SIGTERM');
  await home.stop();
  await store.stop();
  await backend.close();
});

function ctl(rateLimit?: object): object {
  return {
    apiVersion: 'envoy-gateway.alauda.io/v1',
    kind: 'EnvoyGatewayCtl',
    metadata: { name: 'limits', namespace: 'default' },
    spec: { config: { envoyGateway: rateLimit === undefined ? {} : { rateLimit } } },
  };
}

async function put(object: object): Promise<void> {
  const { kind } = object as { readonly kind: KindName };
  await home.api.apply(KIND_REFS[kind], object as KindMap[KindName], { fieldManager: 'test', force: true });
}

async function read<K extends KindName>(kind: K, name: string): Promise<KindMap[K] | undefined> {
  return (await home.api.get(KIND_REFS[kind], { namespace: 'default', name })) as KindMap[K] | undefined;
}

function addressOf(node: string): Promise<string> {
  return eventually(async () => {
    const address = (await read('Instance', `demo.gateway-${node}`))?.status?.address;
    expect(address).toMatch(/^127\.84\./);
    return address ?? '';
  });
}

async function accepted(kind: 'BackendTrafficPolicy' | 'EnvoyGatewayCtl', name: string): Promise<string> {
  const object = await read(kind, name);
  const status = object?.status as {
    readonly conditions?: readonly Condition[];
    readonly ancestors?: readonly Ancestor[];
  };
  const found = (status?.ancestors?.[0]?.conditions ?? status?.conditions)?.find(({ type }) => type === 'Accepted');
  const isNew = found?.observedGeneration === object?.metadata.generation;
  return isNew ? `${found?.status} ${found?.reason}: ${found?.message}` : 'not seen yet';
}

let user = 0;

/** So many requests of somebody new to both data planes in turn, at once. @returns how many got each status, as `200:3 429:5` */
async function burst(count = 8): Promise<string> {
  user += 1;
  const headers = { 'x-user': `user ${user}` };
  const answers = await Promise.all(
    Array.from({ length: count }, (_, index) => ask(HTTP_PORT, '/limit', { to: addresses[index % 2] ?? '', headers })),
  );
  const counts = new Map<number, number>();
  for (const { status } of answers) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([status, times]) => `${status}:${times}`)
    .join(' ');
}

const clientSelectors = [{ headers: [{ name: 'x-user', type: 'Distinct' }] }];
const rules = [{ clientSelectors, limit: { requests: 3, unit: 'Hour' } }];
const limited = (place: 'global' | 'local') =>
  put(policy('BackendTrafficPolicy', 'limit', 'HTTPRoute/limit', { rateLimit: { [place]: { rules } } }));

describe('GW-44 limits of several data planes', () => {
  test('three an hour: of both together where that is global, of each where it is local', async () => {
    await limited('global');
    await eventually(async () => {
      expect(await accepted('EnvoyGatewayCtl', 'limits')).toContain('True Accepted');
      expect(await accepted('BackendTrafficPolicy', 'limit')).toContain('True Accepted');
      expect(await burst()).toBe('200:3 429:5');
    });
    await limited('local');
    await eventually(async () => expect(await burst()).toBe('200:6 429:2'));
  });

  test('with StrategicMerge those of the route and those of its Gateway count, each for itself', async () => {
    const distinct = (name: string, requests: number) => ({
      clientSelectors: [{ headers: [{ name, type: 'Distinct' }] }],
      limit: { requests, unit: 'Hour' },
    });
    const limits = (...all: readonly object[]) => ({ rateLimit: { global: { rules: all } } });
    await put(policy('BackendTrafficPolicy', 'above', 'Gateway/demo', limits(distinct('x-team', 5))));
    await put(
      policy('BackendTrafficPolicy', 'limit', 'HTTPRoute/limit', {
        mergeType: 'StrategicMerge',
        ...limits(distinct('x-user', 3)),
      }),
    );
    /** Requests of one of a team, to both data planes in turn. */
    const statuses = async (headers: Readonly<Record<string, string>>, count: number): Promise<string> => {
      const got: number[] = [];
      for (let index = 0; index < count; index += 1)
        got.push((await ask(HTTP_PORT, '/limit', { to: addresses[index % 2] ?? '', headers })).status);
      return got.join(' ');
    };
    let round = 0;
    await eventually(async () => {
      round += 1;
      const of = (name: string, team: string) => ({ 'x-user': `${name} ${round}`, 'x-team': `${team} ${round}` });
      expect(await accepted('BackendTrafficPolicy', 'limit')).toContain('True Accepted');
      expect(await statuses(of('ann', 'one'), 3)).toBe('200 200 200');
      expect(await statuses(of('bob', 'one'), 3)).toBe('200 200 429');
      expect(await statuses(of('cyd', 'two'), 4)).toBe('200 200 200 429');
    });
    await home.api.delete(KIND_REFS.BackendTrafficPolicy, { namespace: 'default', name: 'above' });
  });

  test('while the store is away each counts alone, or nobody gets through; what is wrong with a store is told', async () => {
    await limited('global');
    await eventually(async () => expect(await burst()).toBe('200:3 429:5'));
    await store.stop();
    expect(await burst()).toBe('200:6 429:2');
    await put(ctl({ backend: { type: 'Redis', redis: { url: `127.0.0.1:${store.port}` } }, failClosed: true }));
    await eventually(async () => expect(await burst()).toBe('500:8'));
    const wrong = {
      'backend.type: "Memory" is not Redis': { backend: { type: 'Memory' } },
      'backend.redis.url: "a:1,b:2" is not host:port': { backend: { type: 'Redis', redis: { url: 'a:1,b:2' } } },
      'backend.redis.tls: ': { backend: { type: 'Redis', redis: { url: 'a:1', tls: {} } } },
    };
    for (const [message, rateLimit] of Object.entries(wrong)) {
      await put(ctl(rateLimit));
      await eventually(async () => {
        expect(await accepted('EnvoyGatewayCtl', 'limits')).toContain(
          `False InvalidParameters: spec.config.envoyGateway.rateLimit.${message}`,
        );
      });
    }
    // GW-02: while it is wrong, what was good last is in force.
    await eventually(async () => expect(await burst()).toBe('500:8'));
    await put(ctl());
    await eventually(async () => {
      expect(await accepted('BackendTrafficPolicy', 'limit')).toContain('False Invalid: spec.rateLimit.global: the');
      expect(await burst()).toBe('200:6 429:2');
    });
  });
});
