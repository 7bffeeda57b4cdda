import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type JsonObject, objectAt, objectsAt } from '../schema/json.ts';
import { startTestServer, type TestClient, type TestServer } from '../testing/server.ts';

/* What changes of built-in kinds do besides what they say. */

let running: TestServer;
let client: TestClient;

beforeAll(async () => {
  running = await startTestServer();
  client = running.client;
});
afterAll(() => running.stop());

const core = '/api/v1/namespaces/default';
const containers = [{ name: 'c', image: 'i:1' }];
const template = { metadata: { labels: { app: 'x' } }, spec: { containers } };
const pod = (name: string, spec: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers, ...spec },
});

describe('a Pod', () => {
  const binding = (node: string, rest: JsonObject = {}): JsonObject => ({
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: 'p', annotations: { by: 'me' }, ...rest },
    target: { kind: 'Node', name: node },
  });

  test('is put on a node once', async () => {
    await client.post(`${core}/pods`, pod('p'));
    const dry = await client.post(`${core}/pods/p/binding?dryRun=All`, binding('n'));
    expect(dry).toMatchObject({ code: 201, body: { kind: 'Status', status: 'Success', code: 201 } });
    const wrong = await client.post(`${core}/pods/p/binding`, {
      ...binding(''),
      target: { kind: 'Machine', name: '' },
    });
    expect(wrong).toMatchObject({ code: 422 });
    const other = await client.post(`${core}/pods/p/binding`, binding('n', { uid: 'another' }));
    expect(other.code).toBe(409);
    expect((await client.post(`${core}/pods/p/binding`, binding('n'))).code).toBe(201);
    expect((await client.get(`${core}/pods/p`)).body).toMatchObject({
      metadata: { annotations: { by: 'me' } },
      spec: { nodeName: 'n' },
      status: { conditions: [{ type: 'PodScheduled', status: 'True' }] },
    });
    const again = await client.post(`${core}/pods/p/binding`, binding('m'));
    expect(again.code).toBe(409);
    expect(again.body['message']).toContain('pod p is already assigned to node "n"');
    expect((await client.post(`${core}/configmaps/p/binding`, binding('n'))).code).toBe(404);
  });

  test('is seen going before it is gone', async () => {
    const made = await client.post(`${core}/pods`, pod('q'));
    const { resourceVersion } = objectAt(made.body, 'metadata') ?? {};
    const deleted = await client.delete(`${core}/pods/q`);
    expect(deleted.body).toMatchObject({ metadata: { deletionGracePeriodSeconds: 0, generation: 2 } });
    const abort = new AbortController();
    const path = `${core}/pods?watch=1&fieldSelector=metadata.name%3Dq&resourceVersion=${resourceVersion}`;
    const seen: string[] = [];
    for await (const { type, object } of client.watch(path, abort.signal)) {
      expect(object.metadata).toHaveProperty('deletionTimestamp');
      seen.push(type);
      if (type === 'DELETED') break;
    }
    abort.abort();
    expect(seen).toEqual(['MODIFIED', 'DELETED']);
    expect((await client.get(`${core}/pods/q`)).code).toBe(404);
  });

  test('owns a reference without a name', async () => {
    const { body } = await client.post(`${core}/pods`, pod('r', { imagePullSecrets: [{}] }));
    expect(JSON.stringify(body)).toContain('"k:{\\"name\\":\\"\\"}"');
  });

  test('whose container has no name is invalid when it is applied', async () => {
    const applied = { ...pod('s'), spec: { containers: [{ image: 'i:1' }] } };
    const answer = await client.patch(`${core}/pods/s?fieldManager=me`, applied, 'application/apply-patch+yaml');
    expect(answer).toMatchObject({ code: 422, body: { details: { causes: [{ field: 'spec.containers[0].name' }] } } });
  });
});

test('finalizers of a Namespace change by their subresource alone', async () => {
  const path = '/api/v1/namespaces/held';
  await client.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'held' } });
  const patched = await client.patch(path, { spec: { finalizers: ['example.org/x'] } });
  expect(patched.body).toMatchObject({ spec: { finalizers: ['kubernetes'] } });
  const { body } = await client.get(path);
  const finalized = await client.put(`${path}/finalize`, { ...body, spec: { finalizers: ['example.org/x'] } });
  expect(finalized.body).toMatchObject({ spec: { finalizers: ['example.org/x'] } });
});

test('changes of the template of a DaemonSet are counted', async () => {
  const path = '/apis/apps/v1/namespaces/default/daemonsets';
  const count = (body: JsonObject): unknown =>
    objectAt(objectAt(body, 'metadata'), 'annotations')?.['deprecated.daemonset.template.generation'];
  const object = { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'd' } };
  const spec = { selector: { matchLabels: { app: 'x' } }, template };
  expect(count((await client.post(path, { ...object, spec })).body)).toBe('1');
  expect(count((await client.patch(`${path}/d`, { spec: { minReadySeconds: 5 } })).body)).toBe('1');
  const changed = { ...spec, template: { ...template, spec: { containers: [{ name: 'c', image: 'i:2' }] } } };
  expect(count((await client.put(`${path}/d`, { ...object, spec: changed })).body)).toBe('2');
});

test('who says that a Role has no rules owns that', async () => {
  const path = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles';
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role' };
  const said = await client.post(path, { ...role, metadata: { name: 'said' }, rules: [] });
  expect(said.body).toMatchObject({ metadata: { managedFields: [{ fieldsV1: { 'f:rules': {} } }] } });
  expect(said.body).not.toHaveProperty('rules');
  const unsaid = await client.post(path, { ...role, metadata: { name: 'unsaid' } });
  expect(unsaid.body).not.toHaveProperty('metadata.managedFields');
});

test('labels and annotations that are null are empty', async () => {
  const metadata = { name: 'nulls', annotations: { a: null }, labels: { b: null } };
  const { body } = await client.post(`${core}/configmaps`, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
  expect(body).toMatchObject({ metadata: { annotations: { a: '' }, labels: { b: '' } } });
});

test('tolerations of a Pod are only added to', async () => {
  const path = `${core}/pods/tolerant`;
  const tolerations = [{ key: 'a', operator: 'Exists' }];
  await client.post(`${core}/pods`, pod('tolerant'));
  const added = await client.patch(path, { spec: { tolerations } });
  const keys = objectsAt(objectAt(added.body, 'spec'), 'tolerations').map(({ key }) => key);
  expect(keys).toEqual(['a', 'node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']);
  const removed = await client.patch(path, { spec: { tolerations: [] } });
  expect(removed).toMatchObject({ code: 422, body: { details: { causes: [{ field: 'spec.tolerations' }] } } });
});

test('labels of an EndpointSlice count as a change, nothing of a PriorityClass does', async () => {
  const slices = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
  const slice = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 's' } };
  await client.post(slices, { ...slice, addressType: 'IPv4', endpoints: [] });
  const labelled = await client.patch(`${slices}/s`, { metadata: { labels: { a: 'b' } } });
  expect(labelled.body).toHaveProperty('metadata.generation', 2);
  const classes = '/apis/scheduling.k8s.io/v1/priorityclasses';
  await client.post(classes, {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'p' },
    value: 5,
  });
  const described = await client.patch(`${classes}/p`, { description: 'd' });
  expect(described.body).toMatchObject({ metadata: { generation: 1 }, description: 'd' });
});

test('all Namespaces are not deleted at once', async () => {
  expect((await client.delete('/api/v1/namespaces')).code).toBe(405);
  const { body } = await client.get('/api/v1');
  const namespaces = objectsAt(body, 'resources').find(({ name }) => name === 'namespaces');
  expect(namespaces?.['verbs']).not.toContain('deletecollection');
});

test('limits and quotas say that nothing enforces them', async () => {
  const spec = { hard: { pods: '2' } };
  const made = await client.post(`${core}/resourcequotas`, {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q' },
    spec,
  });
  expect(made.code).toBe(201);
  expect(String(made.headers['warning'])).toContain('nothing here counts what a namespace uses');
});
