import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type JsonObject, objectAt, textAt } from '../schema/json.ts';
import { configMap, startTestServer, type TestClient, type TestServer, widgetDefinition } from '../testing/server.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const WIDGETS = '/apis/example.org/v1/namespaces/default/widgets';

let running: TestServer;
let client: TestClient;

beforeAll(async () => {
  running = await startTestServer();
  client = running.client;
  const created = await client.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', widgetDefinition());
  expect(created.code, created.text).toBe(201);
});

afterAll(() => running.stop());

function widget(name: string, spec: JsonObject = {}): JsonObject {
  return { apiVersion: 'example.org/v1', kind: 'Widget', metadata: { name }, spec };
}

function metadata(body: JsonObject): JsonObject {
  return objectAt(body, 'metadata') ?? {};
}

describe('access', () => {
  test('health and version are public, everything else wants the token', async () => {
    for (const path of ['/healthz', '/livez', '/readyz', '/version']) {
      expect((await client.get(path, { headers: { authorization: '' } })).code, path).toBe(200);
    }
    for (const path of ['/', '/api', '/apis', '/openapi/v2', '/api/v1/secrets']) {
      const answer = await client.get(path, { headers: { authorization: 'Bearer wrong' } });
      expect(answer.code, path).toBe(401);
      expect(answer.body).toMatchObject({ kind: 'Status', reason: 'Unauthorized' });
    }
  });

  test('reviews answer without being stored', async () => {
    const token = (text: string): JsonObject => ({
      kind: 'TokenReview',
      apiVersion: 'authentication.k8s.io/v1',
      spec: { token: text },
    });
    const path = '/apis/authentication.k8s.io/v1/tokenreviews';
    expect((await client.post(path, token(client.token))).body).toMatchObject({
      status: { authenticated: true, user: { username: 'admin' } },
    });
    expect((await client.post(path, token('wrong'))).body).toMatchObject({ status: { error: 'invalid bearer token' } });
    const access = await client.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      kind: 'SelfSubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      spec: { resourceAttributes: { verb: 'create', resource: 'pods' } },
    });
    expect(access.code).toBe(201);
    expect(access.body).toMatchObject({ status: { allowed: true } });
    expect((await client.get(path)).code).toBe(405);
  });
});

describe('create', () => {
  test('the server decides identity; the answer is what is stored', async () => {
    const created = await client.post(MAPS, {
      ...configMap('made', { a: '1' }),
      metadata: { name: 'made', uid: 'mine', creationTimestamp: '2000-01-01T00:00:00Z', managedFields: [] },
    });
    expect(created.code).toBe(201);
    const { uid, creationTimestamp, generation } = metadata(created.body);
    expect(uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(creationTimestamp).not.toBe('2000-01-01T00:00:00Z');
    expect(generation).toBeUndefined();
    expect((await client.get(`${MAPS}/made`)).body).toEqual(created.body);
    expect((await client.post(MAPS, configMap('made'))).body).toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
      message: 'configmaps "made" already exists',
    });
  });

  test('generateName, YAML bodies and dry run', async () => {
    const generated = await client.post(MAPS, { ...configMap(''), metadata: { generateName: 'x-' } });
    expect(textAt(metadata(generated.body), 'name')).toMatch(/^x-[a-z0-9]{5}$/);
    const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: from-yaml\ndata: {a: "1"}\n';
    expect((await client.post(MAPS, yaml, { contentType: 'application/yaml' })).code).toBe(201);
    expect((await client.post(`${MAPS}?dryRun=All`, configMap('dry'))).code).toBe(201);
    expect((await client.get(`${MAPS}/dry`)).code).toBe(404);
  });

  const refused: readonly [string, string, string | JsonObject, number, string][] = [
    [
      'another kind',
      MAPS,
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } },
      400,
      'does not match the expected kind',
    ],
    [
      'another namespace',
      MAPS,
      { ...configMap('x'), metadata: { name: 'x', namespace: 'kube-system' } },
      400,
      'does not match the namespace',
    ],
    ['no name', MAPS, { ...configMap(''), metadata: {} }, 422, 'name or generateName is required'],
    ['a bad name', MAPS, configMap('Not_DNS'), 422, 'metadata.name'],
    ['no JSON', MAPS, '{', 400, 'parse error'],
    [
      'metadata of wrong types',
      MAPS,
      { ...configMap('x'), metadata: { name: 'x', labels: ['a'] } },
      400,
      'metadata.labels',
    ],
    ['a missing namespace', '/api/v1/namespaces/none/configmaps', configMap('x'), 404, 'namespaces "none" not found'],
    ['an unknown resource', '/api/v1/namespaces/default/gadgets', configMap('x'), 404, 'could not find'],
    ['a value out of range', WIDGETS, widget('x', { size: 0 }), 422, 'spec.size'],
    ['an unknown enum value', WIDGETS, widget('x', { color: 'blue' }), 422, 'spec.color'],
  ];
  for (const [name, path, body, code, message] of refused) {
    test(`${name}: ${code}`, async () => {
      const answer = await client.post(path, body);
      expect(answer.body).toMatchObject({ kind: 'Status', status: 'Failure', code });
      expect(answer.code).toBe(code);
      expect(textAt(answer.body, 'message')).toContain(message);
    });
  }

  test('a body in another form, or in broken protobuf', async () => {
    expect((await client.post(MAPS, 'a=b', { contentType: 'application/x-www-form-urlencoded' })).code).toBe(415);
    expect((await client.post(MAPS, 'k8s', { contentType: 'application/vnd.kubernetes.protobuf' })).code).toBe(400);
  });

  test('a body over 3 MiB: 413', async () => {
    expect((await client.post(MAPS, configMap('big', { a: 'x'.repeat(3 * 1024 * 1024) }))).code).toBe(413);
  });
});

describe('unknown fields', () => {
  const body = (name: string): JsonObject => widget(name, { size: 1, shape: 'round' });

  test('are pruned and warned about', async () => {
    const answer = await client.post(WIDGETS, body('warned'));
    expect(answer.code).toBe(201);
    expect(answer.headers.warning).toBe('299 - "unknown field \\"spec.shape\\""');
    expect(answer.body.spec).toEqual({ size: 1 });
  });

  test('fail when the client is strict', async () => {
    const answer = await client.post(`${WIDGETS}?fieldValidation=Strict`, body('strict'));
    expect(answer.code).toBe(400);
    expect(textAt(answer.body, 'message')).toContain('strict decoding error: unknown field "spec.shape"');
  });

  test('are ignored on demand', async () => {
    const answer = await client.post(`${WIDGETS}?fieldValidation=Ignore`, body('ignored'));
    expect([answer.code, answer.headers.warning]).toEqual([201, undefined]);
  });
});

describe('update', () => {
  test('PUT makes a Lease that is not there, but not one that the client has seen and that is gone', async () => {
    const path = '/apis/coordination.k8s.io/v1/namespaces/default/leases/gone';
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'gone' }, spec: {} };
    const created = await client.put(path, lease);
    expect(created.code).toBe(201);
    expect((await client.delete(path)).code).toBe(200);
    const late = await client.put(path, created.body);
    expect(late.code).toBe(409);
    expect(textAt(late.body, 'message')).toContain('Precondition failed: UID in precondition');
  });

  test('a stale resourceVersion conflicts, the current one does not', async () => {
    const created = await client.post(MAPS, configMap('raced', { a: '1' }));
    const changed = await client.put(`${MAPS}/raced`, { ...created.body, data: { a: '2' } });
    expect(changed.code).toBe(200);
    const late = await client.put(`${MAPS}/raced`, { ...created.body, data: { a: '3' } });
    expect(late.body).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on configmaps "raced": the object has been modified; please apply your changes to the latest version and try again',
    });
    const blind = await client.put(`${MAPS}/raced`, configMap('raced', { a: '4' }));
    expect(blind.body.data).toEqual({ a: '4' });
  });

  test('of many writers with the same resourceVersion one wins', async () => {
    const created = await client.post(MAPS, configMap('contended'));
    const writers = Array.from({ length: 20 }, (_, index) =>
      client.put(`${MAPS}/contended`, { ...created.body, data: { winner: String(index) } }),
    );
    const codes = (await Promise.all(writers)).map(({ code }) => code).sort((a, b) => a - b);
    expect(codes).toEqual([200, ...Array.from({ length: 19 }, () => 409)]);
  });

  test('no difference, no write', async () => {
    const created = await client.post(MAPS, configMap('same', { a: '1' }));
    const again = await client.put(`${MAPS}/same`, configMap('same', { a: '1' }));
    expect(metadata(again.body).resourceVersion).toBe(metadata(created.body).resourceVersion);
  });

  test('generation counts changes of the spec; status and spec have their own doors', async () => {
    const created = await client.post(WIDGETS, { ...widget('split', { size: 1 }), status: { phase: 'Forged' } });
    expect(created.body).toMatchObject({ metadata: { generation: 1 }, spec: { size: 1 } });
    expect(created.body.status).toBeUndefined();
    const status = await client.put(`${WIDGETS}/split/status`, {
      ...created.body,
      spec: { size: 9 },
      status: { phase: 'Ready' },
    });
    expect(status.body).toMatchObject({ metadata: { generation: 1 }, spec: { size: 1 }, status: { phase: 'Ready' } });
    const spec = await client.put(`${WIDGETS}/split`, {
      ...status.body,
      spec: { size: 2 },
      status: { phase: 'Forged' },
    });
    expect(spec.body).toMatchObject({ metadata: { generation: 2 }, spec: { size: 2 }, status: { phase: 'Ready' } });
    const labelled = await client.patch(`${WIDGETS}/split`, { metadata: { labels: { a: 'b' } } });
    expect(labelled.body).toMatchObject({ metadata: { generation: 2, labels: { a: 'b' } } });
  });

  test('a custom resource needs a resourceVersion to be replaced', async () => {
    await client.post(WIDGETS, widget('blind'));
    const answer = await client.put(`${WIDGETS}/blind`, widget('blind', { size: 5 }));
    expect([answer.code, textAt(answer.body, 'message')]).toEqual([
      422,
      expect.stringContaining('metadata.resourceVersion'),
    ]);
  });

  test('identity does not change', async () => {
    const created = await client.post(MAPS, configMap('kept'));
    const other = await client.put(`${MAPS}/kept`, {
      ...configMap('kept'),
      metadata: { name: 'kept', uid: 'another' },
    });
    expect(other.code).toBe(409);
    const renamed = await client.patch(`${MAPS}/kept`, { metadata: { name: 'renamed' } });
    expect(renamed.code).toBe(400);
    const forged = await client.patch(`${MAPS}/kept`, { metadata: { creationTimestamp: '2000-01-01T00:00:00Z' } });
    expect(metadata(forged.body).creationTimestamp).toBe(metadata(created.body).creationTimestamp);
  });
});

describe('patch', () => {
  test('JSON, merge and strategic', async () => {
    await client.post(MAPS, configMap('patched', { a: '1', b: '2' }));
    const path = `${MAPS}/patched`;
    expect((await client.patch(path, { data: { a: null, c: '3' } })).body.data).toEqual({ b: '2', c: '3' });
    const operations = [{ op: 'replace', path: '/data/b', value: '4' }];
    expect((await client.patch(path, operations, 'application/json-patch+json')).body.data).toEqual({ b: '4', c: '3' });
    const strategic = await client.patch(path, { data: { d: '5' } }, 'application/strategic-merge-patch+json');
    expect(strategic.body.data).toEqual({ b: '4', c: '3', d: '5' });
  });

  test('what cannot be applied', async () => {
    await client.post(WIDGETS, widget('patched'));
    const strategic = await client.patch(`${WIDGETS}/patched`, {}, 'application/strategic-merge-patch+json');
    expect(strategic.code).toBe(415);
    const failing = [{ op: 'test', path: '/spec/size', value: 99 }];
    expect((await client.patch(`${WIDGETS}/patched`, failing, 'application/json-patch+json')).code).toBe(422);
    expect((await client.patch(`${WIDGETS}/absent`, {})).code).toBe(404);
  });
});

describe('delete', () => {
  test('answers a Status; preconditions protect a successor', async () => {
    const created = await client.post(MAPS, configMap('gone'));
    const wrong = await client.delete(`${MAPS}/gone`, {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      preconditions: { uid: 'another' },
    });
    expect(wrong.code).toBe(409);
    const right = await client.delete(`${MAPS}/gone`);
    expect(right.body).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'gone', uid: metadata(created.body).uid ?? '' },
    });
    expect((await client.delete(`${MAPS}/gone`)).code).toBe(404);
  });

  test('finalizers hold an object, and none can be added then', async () => {
    await client.post(MAPS, {
      ...configMap('held'),
      metadata: { name: 'held', finalizers: ['example.org/a', 'example.org/b'] },
    });
    const marked = await client.delete(`${MAPS}/held`);
    expect(metadata(marked.body).deletionTimestamp).toBeDefined();
    expect(
      (await client.patch(`${MAPS}/held`, { metadata: { finalizers: ['example.org/a', 'example.org/c'] } })).code,
    ).toBe(422);
    expect((await client.patch(`${MAPS}/held`, { metadata: { finalizers: ['example.org/a'] } })).code).toBe(200);
    expect((await client.patch(`${MAPS}/held`, { metadata: { finalizers: null } })).code).toBe(200);
    expect((await client.get(`${MAPS}/held`)).code).toBe(404);
  });

  test('a collection, by selector', async () => {
    for (const name of ['c1', 'c2', 'c3']) {
      const labels = { group: name === 'c3' ? 'stays' : 'goes' };
      await client.post(MAPS, { ...configMap(name), metadata: { name, labels } });
    }
    const answer = await client.delete(`${MAPS}?labelSelector=group%3Dgoes`);
    expect(answer.body).toMatchObject({
      kind: 'ConfigMapList',
      items: [{ metadata: { name: 'c1' } }, { metadata: { name: 'c2' } }],
    });
    const codes = await Promise.all(['c1', 'c2', 'c3'].map(async (name) => (await client.get(`${MAPS}/${name}`)).code));
    expect(codes).toEqual([404, 404, 200]);
  });
});

describe('versions of a custom resource', () => {
  test('an object can be read, listed and written in each', async () => {
    const beta = WIDGETS.replace('/v1/', '/v1beta1/');
    await client.post(beta, { ...widget('both', { size: 7 }), apiVersion: 'example.org/v1beta1' });
    expect((await client.get(`${beta}/both`)).body.apiVersion).toBe('example.org/v1beta1');
    expect((await client.get(`${WIDGETS}/both`)).body.apiVersion).toBe('example.org/v1');
    const list = await client.get(`${beta}?fieldSelector=metadata.name%3Dboth`);
    expect(list.body).toMatchObject({
      apiVersion: 'example.org/v1beta1',
      items: [{ apiVersion: 'example.org/v1beta1' }],
    });
    const patched = await client.patch(`${beta}/both`, { spec: { size: 8 } });
    expect(patched.body).toMatchObject({
      apiVersion: 'example.org/v1beta1',
      spec: { size: 8 },
      metadata: { generation: 2 },
    });
  });
});
