import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDeafBackend } from '../acceptance/deaf-backend.ts';
import type { Echo } from '../acceptance/echo-backend.ts';
import { serviceTo, slice } from '../acceptance/objects.ts';
import { heardFrom, type StreamBackend, startTcpBackend, streamService } from '../acceptance/stream-backend.ts';
import { eventually, eventuallyOnce } from '../e2e/eventually.ts';
import { GatewayLab, httpListener, httpRoute, to } from './gateway-lab.ts';

const TCP = 9401;

let lab: GatewayLab;
const streams: StreamBackend[] = [];

beforeAll(async () => {
  lab = await GatewayLab.start(
    ['pod-1', 'pod-2', 'pod-3'],
    [
      httpListener('a', { hostname: 'a.com' }),
      httpListener('b', { hostname: 'b.com' }),
      { name: 'tcp', port: TCP, protocol: 'TCP' },
    ],
  );
  const [one, two, three] = lab.backends.map(({ port }) => port);
  const [service, first] = serviceTo({ name: 'svc-1', port: one ?? 0 });
  const ready = [{ addresses: ['127.0.0.1'], conditions: { ready: true } }];
  await lab.home.apply(
    ...[service, first, slice('svc-1', two ?? 0, ready, 'svc-1-2')],
    ...serviceTo({ name: 'svc-2', port: three ?? 0 }),
  );
  for (const name of ['one', 'two']) {
    const stream = await startTcpBackend(name);
    streams.push(stream);
    await lab.home.apply(...streamService(name, 'TCP', [stream.port]));
  }
});
afterAll(async () => {
  await lab.stop();
  for (const stream of streams) await stream.close();
});

async function shares(count: number, answerer: () => Promise<string>): Promise<Readonly<Record<string, number>>> {
  const got: Record<string, number> = {};
  for (let index = 0; index < count; index += 1) {
    const name = await answerer();
    got[name] = (got[name] ?? 0) + 1;
  }
  return got;
}

function timeoutPolicy(name: string, target: string, spec: object) {
  const [kind = '', object = ''] = target.split('/');
  return {
    apiVersion: 'gateway.crd.alauda.io/v1alpha1',
    kind: 'TimeoutPolicy',
    metadata: { name, namespace: 'default' },
    spec: { targetRef: { group: 'gateway.networking.k8s.io', kind, name: object }, ...spec },
  };
}

describe('what users of ALB had of the Gateway API', () => {
  test('ALB-113 ALB-114 listeners share a port; weights are of Services, whatever the number of their pods; headers are matched and set', async () => {
    const headers = [{ name: 'version', value: 'v2' }];
    await lab.home.apply(
      httpRoute(
        'svc',
        [
          {
            matches: [{ path: { value: '/foo' }, headers }],
            filters: [
              { type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'my-header', value: 'bar' }] } },
            ],
            backendRefs: ['svc-1', 'svc-2'].map((name) => ({ name, port: 80, weight: 1 })),
          },
        ],
        { hostnames: ['a.com'] },
      ),
      httpRoute('other', [to('svc-2')], { hostnames: ['b.com'] }),
    );
    const version = { host: 'a.com', headers: { version: 'v2' } };
    await eventually(async () => {
      expect(await lab.answerer('/', { host: 'b.com' })).toBe('pod-3');
      const { status, body } = await lab.ask('/foo', version);
      expect([status, status === 200 && (JSON.parse(body) as Echo).headers['my-header']]).toEqual([200, 'bar']);
    });
    expect(await lab.answerer('/foo', { host: 'a.com' })).toBe('404');
    const got = await shares(80, () => lab.answerer('/foo', version));
    for (const [pod, share] of [
      ['pod-1', 20],
      ['pod-2', 20],
      ['pod-3', 40],
    ] as const) {
      expect(Math.abs((got[pod] ?? 0) - share)).toBeLessThanOrEqual(4);
    }
  });

  test('ALB-115 connections are shared out by weight', async () => {
    await lab.home.apply({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'TCPRoute',
      metadata: { name: 'tcp', namespace: 'default' },
      spec: {
        parentRefs: [{ name: 'demo', sectionName: 'tcp' }],
        rules: [
          {
            backendRefs: [
              { name: 'one', port: 80, weight: 1 },
              { name: 'two', port: 80, weight: 3 },
            ],
          },
        ],
      },
    });
    const got = await shares(80, async () => {
      const { socket, backend = '' } = await heardFrom(TCP, { host: lab.address });
      socket.destroy();
      return backend;
    });
    expect(Math.abs((got['two'] ?? 0) - 60)).toBeLessThanOrEqual(4);
    expect((got['one'] ?? 0) + (got['two'] ?? 0)).toBe(80);
  });

  test('ALB-114 LIM-23 an annotation puts a match before others of the listener, or behind them', async () => {
    const annotated = (annotations: Readonly<Record<string, string>>) => {
      const { metadata, ...route } = httpRoute('prefix', [to('svc-2', '/first')], { hostnames: ['a.com'] });
      return { ...route, metadata: { ...metadata, annotations } };
    };
    const exact = { ...to('svc-1'), matches: [{ path: { type: 'Exact', value: '/first' } }] } as const;
    await lab.home.apply(httpRoute('exact', [exact], { hostnames: ['a.com'] }), annotated({}));
    await eventually(async () => {
      expect(await lab.answerer('/first', { host: 'a.com' })).toMatch(/^pod-[12]$/);
      expect(await lab.answerer('/first/more', { host: 'a.com' })).toBe('pod-3');
    });
    const annotation = 'alb.cpaas.io/gateway-http-router-rule-priority-0-0';
    await lab.home.apply(annotated({ [annotation]: '-5' }));
    await lab.answers({ 'a.com/first': 'pod-3' });
    await lab.home.apply(annotated({ [annotation]: 'soon' }));
    await eventually(async () => expect(await lab.answerer('/first', { host: 'a.com' })).toMatch(/^pod-[12]$/));
  });

  test('ALB-118 a TimeoutPolicy of a route comes before the default of one for its Gateway, and behind what that overrides', async () => {
    await lab.home.apply(
      httpRoute('slow', [to('svc-2', '/slow')], { hostnames: ['b.com'] }),
      timeoutPolicy('above', 'Gateway/demo', { default: { proxy_read_timeout_ms: 300 } }),
    );
    const slow = async () => (await lab.ask('/slow?sleep=1000', { host: 'b.com' })).status;
    await eventually(async () => expect(await slow()).toBe(504));
    const own = timeoutPolicy('own', 'HTTPRoute/slow', { default: { proxy_read_timeout_ms: 60_000 } });
    await lab.home.apply(own);
    await eventually(async () => expect(await slow()).toBe(200));
    await lab.home.apply(timeoutPolicy('above', 'Gateway/demo', { override: { proxy_read_timeout_ms: 300 } }));
    await eventually(async () => expect(await slow()).toBe(504));
    const nameless = { group: own.spec.targetRef.group, kind: 'HTTPRoute' };
    await expect(lab.home.apply({ ...own, spec: { targetRef: nameless } })).rejects.toThrow('spec.targetRef.name');
    await lab.home.kubectl(['delete', 'timeout', 'above', 'own', '-n', 'default']);
  });

  test('ALB-118 how long connecting may take: what the Gateway overrides comes before what the route does, and both before the rule', async () => {
    const deaf = await startDeafBackend();
    const connecting = (proxy_connect_timeout_ms: number) => ({ override: { proxy_connect_timeout_ms } });
    const own = timeoutPolicy('own', 'HTTPRoute/deaf', connecting(3_600_000));
    const answer = (waitMs: number): Promise<string> => {
      const answered = lab.ask('/deaf', { host: 'b.com' }).then(({ status }) => String(status));
      return Promise.race([answered.catch(() => 'broken'), setTimeout(waitMs, 'waits')]);
    };
    try {
      await lab.home.apply(
        ...serviceTo({ name: 'deaf', port: deaf.port }),
        httpRoute('deaf', [to('deaf', '/deaf', { timeouts: { request: '0s' } })], { hostnames: ['b.com'] }),
        own,
        timeoutPolicy('above', 'Gateway/demo', connecting(200)),
      );
      // Without any policy it is ten seconds.
      await eventually(async () => expect(await answer(6_000)).toBe('504'));
      await lab.home.apply(timeoutPolicy('above', 'Gateway/demo', { default: { proxy_connect_timeout_ms: 200 } }));
      await eventuallyOnce(async () => expect(await answer(1_500)).toBe('waits'));
      await lab.home.apply({ ...own, spec: { ...own.spec, ...connecting(200) } });
      await eventually(async () => expect(await answer(6_000)).toBe('504'));
    } finally {
      deaf.close();
    }
    await lab.home.kubectl(['delete', 'timeout', 'above', 'own', '-n', 'default']);
  });

  test('ALB-118 one of a TCPRoute ends connections of which nothing is read for so long; the default of its Gateway comes behind it', async () => {
    await lab.home.apply(
      timeoutPolicy('above', 'Gateway/demo', { default: { proxy_read_timeout_ms: 3_600_000 } }),
      timeoutPolicy('tcp', 'TCPRoute/tcp', { default: { proxy_read_timeout_ms: 300 } }),
    );
    await eventually(async () => {
      const { socket } = await heardFrom(TCP, { host: lab.address });
      const ended = await Promise.race([once(socket, 'close').then(() => true), setTimeout(2_000, false)]);
      socket.destroy();
      expect(ended).toBe(true);
    });
    await lab.home.kubectl(['delete', 'timeout', 'above', 'tcp', '-n', 'default']);
  });
});
