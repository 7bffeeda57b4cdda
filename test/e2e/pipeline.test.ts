/** The whole way: what users apply becomes traffic, and what happens comes back as status and events. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { Home } from './home.ts';
import { objectsOf } from './objects.ts';
import { alb, endpointSlice, ingress, service } from './quick-start.ts';
import { type Backend, freePort, get, holdPort, startBackend } from './traffic.ts';

const home = new Home();
const { create, read, list, patch, remove, eventsOf } = objectsOf(home);
const namespace = 'kube-system';
let ports: { readonly http: number; readonly https: number; readonly metrics: number };
let app: Backend;
let other: Backend;

beforeAll(async () => {
  ports = { http: await freePort(), https: await freePort(), metrics: await freePort() };
  [app, other] = [await startBackend('app'), await startBackend('other')];
  await home.start('apiserver');
  await Promise.all([home.start('controllers'), home.start('agent')]);
  await create('ALB2', alb('alb-demo', ports));
  for (const [name, { port }] of [
    ['app', app],
    ['other', other],
  ] as const) {
    await create('Service', service(name));
    await create('EndpointSlice', endpointSlice(name, port));
  }
  await create('Ingress', ingress('demo', '/', 'app'));
  await eventually(async () => expect(await get(ports.http)).toMatchObject({ status: 200, body: 'app' }));
});

afterAll(async () => {
  await home.stop();
  await app.close();
  await other.close();
});

function frontendName(port: number): string {
  return `alb-demo-${String(port).padStart(5, '0')}`;
}

describe('the quick start', () => {
  test('makes a Frontend and a Rule with their owners (ALB-18, ALB-19)', async () => {
    const frontend = await eventually(async () => {
      const found = await read('Frontend', frontendName(ports.http));
      expect(found).toBeDefined();
      return found;
    });
    const owner = await read('ALB2', 'alb-demo');
    expect(frontend).toMatchObject({
      metadata: { labels: { 'alb2.cpaas.io/name': 'alb-demo' }, ownerReferences: [{ uid: owner?.metadata.uid }] },
      spec: { port: ports.http, protocol: 'http', source: { type: 'ingress', namespace: 'default', name: 'demo' } },
    });
    const rules = await list('Rule');
    expect(rules).toMatchObject([
      {
        metadata: {
          namespace,
          labels: { 'alb2.cpaas.io/frontend': frontendName(ports.http), 'alb2.cpaas.io/source-index': '0-0' },
          ownerReferences: [{ kind: 'Frontend', uid: frontend?.metadata.uid }],
        },
        spec: { priority: 5, dslx: [{ type: 'URL', values: [['STARTS_WITH', '/']] }] },
      },
    ]);
  });

  test('publishes the addresses of the ALB (ALB-25)', async () => {
    const entry = { ports: [{ port: ports.http, protocol: 'TCP' }] };
    await eventually(async () =>
      expect(await read('Ingress', 'demo', 'default')).toMatchObject({
        status: {
          loadBalancer: {
            ingress: [
              { ip: '127.0.0.1', ...entry },
              { hostname: 'alb.example.com', ...entry },
            ],
          },
        },
      }),
    );
  });

  test('says that the ALB runs and the port listens', async () => {
    await eventually(async () =>
      expect(await read('ALB2', 'alb-demo')).toMatchObject({
        metadata: { finalizers: ['alb2.finalizer', 'alb2_instance.finalizer'] },
        status: { state: 'Running', reason: '' },
      }),
    );
    const [instance] = await list('Instance');
    expect(instance).toMatchObject({ status: { ready: true } });
    await eventually(async () => {
      const status = (await read('Frontend', frontendName(ports.http)))?.status as
        | { readonly instances?: Readonly<Record<string, unknown>> }
        | undefined;
      expect(Object.values(status?.instances ?? {})).toMatchObject([{ conflict: false }]);
    });
  });

  test('tells it once (ALB-21)', async () => {
    const synced = await eventually(async () => {
      const found = await eventsOf('Ingress', 'demo');
      expect(found).not.toEqual([]);
      return found;
    });
    expect(synced).toMatchObject([
      { type: 'Normal', reason: 'Synced', count: 1, source: { component: 'alb2-alb-demo' } },
    ]);
  });
});

test('what does not concern them writes nothing (ALB-20, design D16)', async () => {
  const kinds = ['ALB2', 'Frontend', 'Rule', 'Ingress', 'IngressClass'] as const;
  const versions = async () => {
    const objects = (await Promise.all(kinds.map(list))).flat();
    return objects.map(({ kind, metadata }) => [kind, metadata.name, metadata.resourceVersion]);
  };
  await create('Ingress', ingress('noise', '/noise', 'app', 'another-class'));
  const before = await eventually(async () => {
    const first = await versions();
    await patch('Service', 'app', { metadata: { labels: { round: String(first.length) } } });
    expect(await versions()).toEqual(first);
    return first;
  });
  // Each of these passes through the same queues as a change that matters; the last one shows that they were handled.
  for (let round = 0; round < 5; round++) {
    await patch('Service', 'app', { metadata: { annotations: { round: String(round) } } });
    await home.api.create(
      { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `noise-${round}`, namespace: 'default' } },
    );
  }
  await patch('EndpointSlice', 'app-1', { ports: [{ name: 'http', port: other.port, protocol: 'TCP' }] });
  await eventually(async () => expect(await get(ports.http)).toMatchObject({ body: 'other' }));
  expect(await versions()).toEqual(before);
  await patch('EndpointSlice', 'app-1', { ports: [{ name: 'http', port: app.port, protocol: 'TCP' }] });
  await eventually(async () => expect(await get(ports.http)).toMatchObject({ body: 'app' }));
  await remove('Ingress', 'noise');
});

test('a Service that does not exist is told on the event list, and others keep working', async () => {
  await create('Ingress', ingress('broken', '/broken', 'missing'));
  await eventually(async () => expect(await get(ports.http, '/broken')).toMatchObject({ status: 500 }));
  await eventually(async () =>
    expect(await eventsOf('Service', 'missing')).toMatchObject([{ type: 'Warning', reason: 'RefNotFound', count: 1 }]),
  );
  expect(await get(ports.http)).toMatchObject({ body: 'app' });
  await remove('Ingress', 'broken');
});

test('a port that another process has is reported, others serve, and it comes up when it is free (ALB-125)', async () => {
  const holder = await holdPort(0);
  const labels = { 'alb2.cpaas.io/name': 'alb-demo' };
  const services = [{ namespace: 'default', name: 'other', port: 80, weight: 100 }];
  await create('Frontend', {
    apiVersion: 'crd.alauda.io/v1',
    kind: 'Frontend',
    metadata: { name: 'taken', namespace, labels },
    ...{ spec: { port: holder.port, protocol: 'http', serviceGroup: { services } } },
  });
  await eventually(async () => expect(await read('ALB2', 'alb-demo')).toMatchObject({ status: { state: 'Warning' } }));
  await eventually(async () => {
    expect(await eventsOf('Frontend', 'taken')).toMatchObject([{ type: 'Warning', reason: 'PortConflict', count: 1 }]);
    expect(await eventsOf('ALB2', 'alb-demo')).toMatchObject([{ type: 'Warning', reason: 'PortConflict' }]);
  });
  expect(await get(ports.http)).toMatchObject({ body: 'app' });
  await holder.close();
  await eventually(async () => expect(await get(holder.port)).toMatchObject({ body: 'other' }));
  await eventually(async () => expect(await read('ALB2', 'alb-demo')).toMatchObject({ status: { state: 'Running' } }));
  await remove('Frontend', 'taken', namespace);
  await eventually(() => expect(get(holder.port)).rejects.toThrow());
});

describe('a process that is killed', () => {
  test('controllers: the next one works at once, under the same name', async () => {
    const before = await eventsOf('Ingress', 'demo');
    await home.end('controllers', 'SIGKILL');
    await create('Ingress', ingress('meanwhile', '/meanwhile', 'other'));
    await home.start('controllers');
    await eventually(async () => expect(await get(ports.http, '/meanwhile')).toMatchObject({ body: 'other' }));
    expect(await eventsOf('Ingress', 'demo')).toEqual(before);
    await remove('Ingress', 'meanwhile');
  });

  test('agent: traffic goes on, and the next one adopts nginx', async () => {
    const workers = async () => {
      const [instance] = await list('Instance');
      const status = instance?.status as { workers?: readonly { pid: number }[] } | undefined;
      return (status?.workers ?? []).map(({ pid }) => pid);
    };
    const isServing = (pid: number) => {
      const title = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return title.startsWith('nginx: worker process') && !title.includes('shutting down');
    };
    // The test before this one took a port away, for which workers are replaced.
    const before = await eventually(async () => {
      const pids = await workers();
      expect(pids.map(isServing)).toEqual([true, true]);
      return pids;
    });
    await home.end('agent', 'SIGKILL');
    expect(await get(ports.http)).toMatchObject({ body: 'app' });
    await create('Ingress', ingress('adopted', '/adopted', 'other'));
    await home.start('agent');
    await eventually(async () => expect(await get(ports.http, '/adopted')).toMatchObject({ body: 'other' }));
    await eventually(async () => expect(await workers()).toEqual(before));
    await remove('Ingress', 'adopted');
  });
});

test('an ALB takes everything with it (ALB-127)', async () => {
  await remove('ALB2', 'alb-demo', namespace);
  await eventually(async () => expect(await read('ALB2', 'alb-demo')).toBeUndefined());
  expect(await list('Frontend')).toEqual([]);
  expect(await list('Rule')).toEqual([]);
  expect(await list('IngressClass')).toEqual([]);
  const left = (await read('Ingress', 'demo', 'default'))?.status as
    | { readonly loadBalancer?: { readonly ingress?: readonly unknown[] } }
    | undefined;
  expect(left?.loadBalancer?.ingress ?? []).toEqual([]);
  await eventually(async () => expect(await list('Instance')).toEqual([]));
  await eventually(() => expect(get(ports.http)).rejects.toThrow());
});
