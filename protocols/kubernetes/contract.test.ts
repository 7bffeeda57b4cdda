/**
 * What the client and an API server must do together. The same cases hold for
 * the embedded server, which is started here, and for the cluster of the
 * kubeconfig named by CAUSEWAY_TEST_KUBECONFIG.
 */
import { randomBytes } from 'node:crypto';
import type { KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesObject, ObjectMeta } from '@causeway/apis/meta/object';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createClient, type KubernetesClient, type WatchEvent } from './client.ts';
import { loadKubeconfig } from './kubeconfig.ts';
import { startApiServer } from './test-apiserver.ts';

vi.setConfig({ testTimeout: 120_000 });

const core = { group: '', version: 'v1', namespaced: true };
const configMaps: KindRef = { ...core, kind: 'ConfigMap', plural: 'configmaps' };
const services: KindRef = { ...core, kind: 'Service', plural: 'services' };
const namespaces: KindRef = { ...core, kind: 'Namespace', plural: 'namespaces', namespaced: false };
const definitions: KindRef = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};
const widgets: KindRef = {
  group: 'contract.causeway.dev',
  version: 'v1',
  kind: 'Widget',
  plural: 'widgets',
  namespaced: true,
};

const run = randomBytes(4).toString('hex');
const namespace = `contract-${run}`;
let client: KubernetesClient;
let close: () => Promise<void> = async () => {};

beforeAll(async () => {
  let path = process.env['CAUSEWAY_TEST_KUBECONFIG'];
  if (path === undefined) {
    const server = await startApiServer();
    close = server.close;
    path = server.kubeconfigPath;
  }
  client = createClient(await loadKubeconfig(path));
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
});

afterAll(async () => {
  await client?.delete(namespaces, { namespace: '', name: namespace });
  await client?.delete(definitions, { namespace: '', name: 'widgets.contract.causeway.dev' });
  await client?.close();
  await close();
});

type Fields = Readonly<Record<string, unknown>>;

function configMap(
  name: string,
  data: Fields = {},
  metadata: Partial<ObjectMeta> = {},
): KubernetesObject & { data: Fields } {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name, ...metadata }, data };
}

function dataOf(object: KubernetesObject | undefined): unknown {
  return object !== undefined && 'data' in object ? object.data : undefined;
}

async function take(events: AsyncIterable<WatchEvent>, count: number): Promise<WatchEvent[]> {
  const taken: WatchEvent[] = [];
  for await (const event of events) {
    if (event.type !== 'BOOKMARK') taken.push(event);
    if (taken.length === count) break;
  }
  return taken;
}

const key = (name: string) => ({ namespace, name });

const cases: Readonly<Record<string, () => Promise<void>>> = {
  'create fills in what the server owns, and get returns the same': async () => {
    const created = await client.create(configMaps, configMap('made', { a: '1' }));
    expect(created.metadata).toMatchObject({
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      resourceVersion: expect.stringMatching(/^[1-9]\d*$/),
      creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    expect(await client.get(configMaps, key('made'))).toEqual(created);
  },

  'a name is taken once': async () => {
    await client.create(configMaps, configMap('once'));
    await expect(client.create(configMaps, configMap('once'))).rejects.toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
    });
  },

  'an absent object is undefined; deleting it is fine; updating it is not': async () => {
    expect(await client.get(configMaps, key('absent'))).toBeUndefined();
    await client.delete(configMaps, key('absent'));
    const update = client.update(configMaps, configMap('absent', {}, { resourceVersion: '1' }));
    await expect(update).rejects.toMatchObject({ name: 'ApiError' });
  },

  'a write from an old state conflicts': async () => {
    const first = await client.create(configMaps, configMap('stale', { a: '1' }));
    const second = await client.update(configMaps, { ...first, data: { a: '2' } } as KubernetesObject);
    expect(second.metadata.resourceVersion).not.toBe(first.metadata.resourceVersion);
    const late = client.update(configMaps, { ...first, data: { a: '3' } } as KubernetesObject);
    await expect(late).rejects.toMatchObject({ code: 409, reason: 'Conflict' });
    expect(dataOf(await client.get(configMaps, key('stale')))).toEqual({ a: '2' });
  },

  'a write that changes nothing makes no new version': async () => {
    const created = await client.create(configMaps, configMap('same', { a: '1' }));
    const again = await client.update(configMaps, created);
    expect(again.metadata.resourceVersion).toBe(created.metadata.resourceVersion);
  },

  'merge patch: null removes': async () => {
    await client.create(configMaps, configMap('merge', { a: '1', b: '2' }));
    const patched = await client.patch(configMaps, key('merge'), { data: { a: null, c: '3' } }, { type: 'merge' });
    expect(dataOf(patched)).toEqual({ b: '2', c: '3' });
  },

  'JSON patch: operations in order, all or nothing': async () => {
    await client.create(configMaps, configMap('json', { a: '1' }));
    const good = [
      { op: 'test', path: '/data/a', value: '1' },
      { op: 'replace', path: '/data/a', value: '2' },
    ];
    expect(dataOf(await client.patch(configMaps, key('json'), good, { type: 'json' }))).toEqual({ a: '2' });
    await expect(client.patch(configMaps, key('json'), good, { type: 'json' })).rejects.toMatchObject({ code: 422 });
    expect(dataOf(await client.get(configMaps, key('json')))).toEqual({ a: '2' });
  },

  'strategic merge patch: ports are merged by number': async () => {
    const port = (n: number, name: string) => ({ name, port: n, protocol: 'TCP', targetPort: n });
    const spec = { ports: [port(80, 'http'), port(443, 'https')] };
    await client.create(services, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: key('web'),
      spec,
    } as KubernetesObject);
    const change = { spec: { ports: [{ port: 443, targetPort: 8443 }] } };
    expect(await client.patch(services, key('web'), change, { type: 'strategic' })).toMatchObject({
      spec: {
        ports: expect.arrayContaining([
          expect.objectContaining({ name: 'http', port: 80, targetPort: 80 }),
          expect.objectContaining({ name: 'https', port: 443, targetPort: 8443 }),
        ]),
      },
    });
  },

  'what is invalid is refused with the path of the field': async () => {
    const spec = { ports: [{ port: 70_000 }] };
    const create = client.create(services, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: key('bad'),
      spec,
    } as KubernetesObject);
    await expect(create).rejects.toMatchObject({
      code: 422,
      reason: 'Invalid',
      message: expect.stringContaining('spec.ports[0].port'),
      details: { causes: expect.arrayContaining([expect.objectContaining({ field: 'spec.ports[0].port' })]) },
    });
  },

  'delete with a uid deletes that object only': async () => {
    const { uid } = (await client.create(configMaps, configMap('uid'))).metadata;
    const other = '00000000-0000-0000-0000-000000000000';
    await expect(client.delete(configMaps, key('uid'), { uid: other })).rejects.toMatchObject({ reason: 'Conflict' });
    await client.delete(configMaps, key('uid'), uid === undefined ? {} : { uid });
    expect(await client.get(configMaps, key('uid'))).toBeUndefined();
  },

  'a finalizer keeps a deleted object until it is removed': async () => {
    await client.create(configMaps, configMap('final', {}, { finalizers: ['causeway.dev/test'] }));
    await client.delete(configMaps, key('final'));
    const dying = await client.get(configMaps, key('final'));
    expect(dying?.metadata.deletionTimestamp).toBeDefined();
    await client.patch(configMaps, key('final'), { metadata: { finalizers: null } }, { type: 'merge' });
    expect(await client.get(configMaps, key('final'))).toBeUndefined();
  },

  'list selects by label and by name': async () => {
    await client.create(configMaps, configMap('blue', {}, { labels: { colour: 'blue', set: run } }));
    await client.create(configMaps, configMap('red', {}, { labels: { colour: 'red', set: run } }));
    const names = async (options: { labelSelector?: string; fieldSelector?: string }) =>
      (await client.list(configMaps, { namespace, ...options })).items.map((item) => item.metadata.name).sort();
    expect(await names({ labelSelector: `set=${run}` })).toEqual(['blue', 'red']);
    expect(await names({ labelSelector: `set=${run},colour!=red` })).toEqual(['blue']);
    expect(await names({ labelSelector: 'colour in (red, green)' })).toEqual(['red']);
    expect(await names({ fieldSelector: 'metadata.name=blue' })).toEqual(['blue']);
  },

  'list reads more objects than fit on a page, each with its kind': async () => {
    const labels = { set: `many-${run}` };
    const names = Array.from({ length: 510 }, (_, i) => `many-${String(i).padStart(4, '0')}`);
    await Promise.all(names.map((name) => client.create(configMaps, configMap(name, {}, { labels }))));
    const list = await client.list(configMaps, { namespace, labelSelector: `set=many-${run}` });
    expect(list.items.map((item) => item.metadata.name).sort()).toEqual(names);
    expect(new Set(list.items.map((item) => `${item.apiVersion} ${item.kind}`))).toEqual(new Set(['v1 ConfigMap']));
    await Promise.all(names.map((name) => client.delete(configMaps, key(name))));
    expect((await client.list(configMaps, { namespace, labelSelector: `set=many-${run}` })).items).toEqual([]);
  },

  'a watch continues exactly where the list was made': async () => {
    await client.create(configMaps, configMap('before'));
    const { resourceVersion } = await client.list(configMaps, { namespace });
    const created = await client.create(configMaps, configMap('watched', { a: '1' }));
    await client.patch(configMaps, key('watched'), { data: { a: '2' } }, { type: 'merge' });
    await client.delete(configMaps, key('watched'));
    const stop = new AbortController();
    const events = await take(client.watch(configMaps, { resourceVersion, signal: stop.signal, namespace }), 3);
    expect(events.map(({ type, object }) => [type, object.metadata.name, dataOf(object)])).toEqual([
      ['ADDED', 'watched', { a: '1' }],
      ['MODIFIED', 'watched', { a: '2' }],
      ['DELETED', 'watched', { a: '2' }],
    ]);
    const versions = events.map(({ object }) => Number(object.metadata.resourceVersion));
    expect(versions[0]).toBe(Number(created.metadata.resourceVersion));
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
    expect(new Set(versions).size).toBe(3);
  },

  'a watch of one namespace does not see others': async () => {
    const { resourceVersion } = await client.list(configMaps, { namespace });
    const elsewhere = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'default', name: `contract-${run}` },
    };
    await client.create(configMaps, elsewhere);
    await client.delete(configMaps, elsewhere.metadata);
    await client.create(configMaps, configMap('mine'));
    const stop = new AbortController();
    const events = await take(client.watch(configMaps, { resourceVersion, signal: stop.signal, namespace }), 1);
    expect(events.map(({ object }) => object.metadata.name)).toEqual(['mine']);
  },

  'a live watch delivers what happens after it began; an abort ends it': async () => {
    const { resourceVersion } = await client.list(configMaps, { namespace });
    const stop = new AbortController();
    const seen: string[] = [];
    const watching = (async () => {
      for await (const { type, object } of client.watch(configMaps, {
        resourceVersion,
        signal: stop.signal,
        namespace,
      })) {
        if (type === 'BOOKMARK') continue;
        seen.push(`${type} ${object.metadata.name}`);
        if (type === 'ADDED') await client.delete(configMaps, key('live'));
        else stop.abort();
      }
    })();
    await client.create(configMaps, configMap('live'));
    await watching;
    expect(seen).toEqual(['ADDED live', 'DELETED live']);
  },

  'a resource version from the future is not waited for in silence': async () => {
    const stop = new AbortController();
    const watch = client.watch(configMaps, { resourceVersion: '999999999999', signal: stop.signal, namespace });
    await expect(take(watch, 1)).rejects.toMatchObject({ name: 'ApiError' });
  },

  'a custom kind is served once it is defined, with status apart': async () => {
    await client.create(definitions, {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.contract.causeway.dev' },
      spec: {
        group: widgets.group,
        scope: 'Namespaced',
        names: { kind: 'Widget', listKind: 'WidgetList', plural: 'widgets', singular: 'widget' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            subresources: { status: {} },
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: {
                  spec: { type: 'object', properties: { size: { type: 'integer', maximum: 10 } } },
                  status: { type: 'object', properties: { ready: { type: 'boolean' } } },
                },
              },
            },
          },
        ],
      },
    } as KubernetesObject);
    await expect.poll(() => client.list(widgets).catch(() => undefined), { timeout: 20_000 }).toBeDefined();

    const widget = (spec: Fields, status?: Fields, metadata: ObjectMeta = key('w')) =>
      ({ apiVersion: 'contract.causeway.dev/v1', kind: 'Widget', metadata, spec, status }) as KubernetesObject;
    const created = await client.create(widgets, widget({ size: 3, unknown: true }, { ready: true }));
    expect(created).not.toHaveProperty('status');
    expect(created).toMatchObject({ spec: { size: 3 }, metadata: { generation: 1 } });
    expect(created).not.toHaveProperty('spec.unknown');

    const withStatus = await client.update(widgets, widget({ size: 9 }, { ready: true }, created.metadata), {
      subresource: 'status',
    });
    expect(withStatus).toMatchObject({ spec: { size: 3 }, status: { ready: true }, metadata: { generation: 1 } });

    const patched = await client.patch(
      widgets,
      key('w'),
      { spec: { size: 5 }, status: { ready: false } },
      { type: 'merge' },
    );
    expect(patched).toMatchObject({ spec: { size: 5 }, status: { ready: true }, metadata: { generation: 2 } });

    const invalid = client.patch(widgets, key('w'), { spec: { size: 11 } }, { type: 'merge' });
    await expect(invalid).rejects.toMatchObject({ code: 422, message: expect.stringContaining('spec.size') });
  },

  'post: a TokenReview of nonsense is answered, with no': async () => {
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: 'nonsense' } };
    const answer = await client.post('/apis/authentication.k8s.io/v1/tokenreviews', review);
    expect(answer).toMatchObject({ kind: 'TokenReview', status: expect.not.objectContaining({ authenticated: true }) });
  },
};

for (const [name, check] of Object.entries(cases)) test(name, check);
