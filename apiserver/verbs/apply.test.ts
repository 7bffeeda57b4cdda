import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isJsonObject, type JsonObject, type JsonValue, objectAt, objectsAt } from '../schema/json.ts';
import { type Answer, configMap, startTestServer, type TestClient, type TestServer } from '../testing/server.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const SERVICES = '/api/v1/namespaces/default/services';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const WIDGETS = '/apis/apply.example.org/v1/namespaces/default/widgets';

let running: TestServer;
let client: TestClient;

beforeAll(async () => {
  running = await startTestServer();
  client = running.client;
  const created = await client.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', DEFINITION);
  expect(created.code, created.text).toBe(201);
});

afterAll(() => running.stop());

interface ApplyQuery {
  readonly by?: string;
  readonly query?: string;
}

/** Applies `object` at its place in `collection`. */
function apply(collection: string, object: JsonObject, { by = 'one', query = '' }: ApplyQuery = {}): Promise<Answer> {
  const [path = '', subresource] = collection.split('#');
  const name = String(objectAt(object, 'metadata')?.['name']);
  const place = subresource === undefined ? `${path}/${name}` : `${path}/${name}/${subresource}`;
  return client.patch(`${place}?fieldManager=${by}${query}`, object, 'application/apply-patch+yaml');
}

/** `<manager> <operation>[ <subresource>]` -> fields. */
function owners(body: JsonObject): Record<string, JsonValue> {
  return Object.fromEntries(
    objectsAt(objectAt(body, 'metadata'), 'managedFields').map(({ manager, operation, subresource, fieldsV1 }) => [
      [manager, operation, subresource].filter((part) => part !== undefined).join(' '),
      fieldsV1 ?? null,
    ]),
  );
}

function widget(name: string, spec: JsonObject, rest: JsonObject = {}): JsonObject {
  return { apiVersion: 'apply.example.org/v1', kind: 'Widget', metadata: { name }, spec, ...rest };
}

function service(name: string, ports: JsonObject[], rest: JsonObject = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports, ...rest } };
}

describe('create by apply', () => {
  test('the applier owns what it says, not defaults or what the server allots', async () => {
    const answer = await apply(SERVICES, service('made', [{ port: 80, name: 'http' }]));
    expect(answer.code, answer.text).toBe(201);
    expect(owners(answer.body)).toEqual({
      'one Apply': {
        'f:spec': { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:name': {}, 'f:port': {} } } },
      },
    });
    expect(objectAt(answer.body, 'metadata')).toMatchObject({
      managedFields: [
        {
          manager: 'one',
          operation: 'Apply',
          apiVersion: 'v1',
          fieldsType: 'FieldsV1',
          time: expect.stringMatching(/^\d{4}-.*Z$/),
        },
      ],
    });
    expect((await client.get(`${SERVICES}/made`)).body).toEqual(answer.body);
  });

  test('a second time changes nothing', async () => {
    const first = await apply(MAPS, configMap('same', { a: '1' }));
    const second = await apply(MAPS, configMap('same', { a: '1' }));
    expect([first.code, second.code]).toEqual([201, 200]);
    expect(second.body).toEqual(first.body);
  });

  test('dry run stores nothing', async () => {
    expect((await apply(MAPS, configMap('dry', { a: '1' }), { query: '&dryRun=All' })).code).toBe(201);
    expect((await client.get(`${MAPS}/dry`)).code).toBe(404);
    await apply(MAPS, configMap('wet', { a: '1' }));
    const dry = await apply(MAPS, configMap('wet', { a: '2' }), { query: '&dryRun=All' });
    expect(dry.body).toMatchObject({ data: { a: '2' } });
    expect((await client.get(`${MAPS}/wet`)).body).toMatchObject({ data: { a: '1' } });
  });

  test('YAML', async () => {
    const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: written\ndata:\n  a: "1"\n';
    const answer = await client.patch(`${MAPS}/written?fieldManager=y`, yaml, 'application/apply-patch+yaml');
    expect(answer.code, answer.text).toBe(201);
    expect(answer.body).toMatchObject({ data: { a: '1' } });
  });
});

describe('conflicts', () => {
  test('another value where somebody else owns the field', async () => {
    await apply(MAPS, configMap('contested', { a: '1', b: '1' }), { by: 'first' });
    const answer = await apply(MAPS, configMap('contested', { a: '2', b: '1' }), { by: 'second' });
    expect(answer.body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'Apply failed with 1 conflict: conflict with "first": .data.a',
      reason: 'Conflict',
      details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "first"', field: '.data.a' }] },
      code: 409,
    });
  });

  test('several, with somebody who updates', async () => {
    await client.post(`${SERVICES}?fieldManager=maker`, service('updated', [{ port: 80, targetPort: 1 }]));
    const { body } = await apply(
      SERVICES,
      service('updated', [{ port: 80, targetPort: 2 }], { sessionAffinity: 'ClientIP' }),
    );
    expect(body).toMatchObject({
      code: 409,
      message:
        'Apply failed with 2 conflicts: conflicts with "maker" using v1:\n' +
        '- .spec.ports[port=80,protocol="TCP"].targetPort\n- .spec.sessionAffinity',
    });
  });

  test('the same value is shared, force takes the field', async () => {
    await apply(MAPS, configMap('shared', { a: '1', b: '1' }), { by: 'first' });
    const shared = await apply(MAPS, configMap('shared', { a: '1' }), { by: 'second' });
    expect(owners(shared.body)).toEqual({
      'first Apply': { 'f:data': { 'f:a': {}, 'f:b': {} } },
      'second Apply': { 'f:data': { 'f:a': {} } },
    });
    const forced = await apply(MAPS, configMap('shared', { a: '2' }), { by: 'second', query: '&force=true' });
    expect(forced.body).toMatchObject({ data: { a: '2', b: '1' } });
    expect(owners(forced.body)).toEqual({
      'first Apply': { 'f:data': { 'f:b': {} } },
      'second Apply': { 'f:data': { 'f:a': {} } },
    });
  });
});

describe('what is applied no more', () => {
  test('goes, unless somebody else owns it', async () => {
    await apply(MAPS, configMap('leaving', { mine: '1', shared: '1', theirs: '1' }), { by: 'first' });
    await apply(MAPS, configMap('leaving', { shared: '1' }), { by: 'second' });
    const updated = await client.patch(`${MAPS}/leaving?fieldManager=editor`, { data: { theirs: '2' } });
    expect(owners(updated.body)).toMatchObject({ 'editor Update': { 'f:data': { 'f:theirs': {} } } });
    const { body } = await apply(MAPS, configMap('leaving'), { by: 'first' });
    expect(body).toMatchObject({ data: { shared: '1', theirs: '2' } });
    expect(objectAt(body, 'data')).not.toHaveProperty('mine');
  });

  test('an element of a list by its keys, with what was defaulted in it', async () => {
    const spec = (...names: string[]): JsonObject => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'lists' },
      spec: {
        selector: { matchLabels: { app: 'a' } },
        template: {
          metadata: { labels: { app: 'a' } },
          spec: { containers: names.map((name) => ({ name, image: `${name}:1` })) },
        },
      },
    });
    const made = await apply(DEPLOYMENTS, spec('a', 'b'));
    expect(made.code, made.text).toBe(201);
    const sidecar = { spec: { template: { spec: { containers: [{ name: 'side', image: 's' }] } } } };
    const merged = await client.patch(
      `${DEPLOYMENTS}/lists?fieldManager=side`,
      sidecar,
      'application/strategic-merge-patch+json',
    );
    expect(merged.code).toBe(200);
    const { body } = await apply(DEPLOYMENTS, spec('c', 'b'));
    const containers = objectsAt(objectAt(objectAt(objectAt(body, 'spec'), 'template'), 'spec'), 'containers');
    expect(containers.map(({ name }) => name)).toEqual(['side', 'c', 'b']);
  });

  test('labels, down to none', async () => {
    const labelled = (labels?: JsonObject): JsonObject => ({
      ...configMap('labelled'),
      metadata: { name: 'labelled', ...(labels === undefined ? {} : { labels }) },
    });
    await apply(MAPS, labelled({ a: '1', b: '1' }));
    expect((await apply(MAPS, labelled({ b: '1' }))).body).toHaveProperty('metadata.labels', { b: '1' });
    const bare = await apply(MAPS, labelled());
    expect(bare.body).not.toHaveProperty('metadata.labels');
    expect(bare.body).toHaveProperty('metadata.name', 'labelled');
  });
});

describe('custom resources', () => {
  test('lists of type map and set, atomic lists and maps', async () => {
    const made = await apply(
      WIDGETS,
      widget('lists', { parts: [{ id: 'a', size: 1 }], tags: ['x'], words: ['w'], whole: { a: '1' } }),
    );
    expect(made.code, made.text).toBe(201);
    expect(owners(made.body)).toEqual({
      'one Apply': {
        'f:spec': {
          'f:parts': { 'k:{"id":"a"}': { '.': {}, 'f:id': {}, 'f:size': {} } },
          'f:tags': { 'v:"x"': {} },
          'f:whole': {},
          'f:words': {},
        },
      },
    });
    const added = await apply(WIDGETS, widget('lists', { parts: [{ id: 'b' }], tags: ['y'] }), { by: 'two' });
    expect(added.body).toHaveProperty('spec.parts', [{ id: 'a', size: 1 }, { id: 'b' }]);
    expect(added.body).toHaveProperty('spec.tags', ['x', 'y']);
    const words = await apply(WIDGETS, widget('lists', { words: ['v'], whole: { b: '1' } }), { by: 'three' });
    expect(words.body).toMatchObject({
      message: 'Apply failed with 2 conflicts: conflicts with "one":\n- .spec.whole\n- .spec.words',
    });
    const removed = await apply(WIDGETS, widget('lists', {}));
    expect(removed.body).toHaveProperty('spec', { parts: [{ id: 'b' }], tags: ['y'] });
  });

  test('status has owners of its own', async () => {
    const made = await apply(WIDGETS, widget('state', { size: 1 }, { status: { phase: 'ignored' } }));
    expect(made.body).not.toHaveProperty('status');
    const reported = await apply(`${WIDGETS}#status`, widget('state', { size: 9 }, { status: { phase: 'Ready' } }), {
      by: 'reporter',
    });
    expect(reported.body).toMatchObject({ spec: { size: 1 }, status: { phase: 'Ready' } });
    expect(owners(reported.body)).toEqual({
      'one Apply': { 'f:spec': { 'f:size': {} } },
      'reporter Apply status': { 'f:status': { 'f:phase': {} } },
    });
    expect((await apply(WIDGETS, widget('state', { size: 2 }))).body).toMatchObject({ status: { phase: 'Ready' } });
    expect((await apply(`${WIDGETS}#status`, widget('absent', {}))).code).toBe(404);
  });
});

describe('create, update and patch', () => {
  test('the creator owns everything, named by parameter or program', async () => {
    const named = await client.post(`${MAPS}?fieldManager=maker`, {
      ...configMap('owned', { a: '1' }),
      metadata: { name: 'owned', labels: { x: 'y' } },
    });
    expect(owners(named.body)).toEqual({
      'maker Update': { 'f:data': { '.': {}, 'f:a': {} }, 'f:metadata': { 'f:labels': { '.': {}, 'f:x': {} } } },
    });
    const headers = { 'user-agent': 'tool/v1.2 (linux)' };
    const byProgram = await client.post(MAPS, configMap('by-program', { a: '1' }), { headers });
    expect(Object.keys(owners(byProgram.body))).toEqual(['tool Update']);
  });

  test('who changes a field takes it; a status is changed as a subresource', async () => {
    await client.post(`${WIDGETS}?fieldManager=maker`, widget('taken', { size: 1, color: 'red' }));
    const patched = await client.patch(`${WIDGETS}/taken?fieldManager=patcher`, { spec: { size: 2 } });
    expect(owners(patched.body)).toEqual({
      'maker Update': { 'f:spec': { '.': {}, 'f:color': {} } },
      'patcher Update': { 'f:spec': { 'f:size': {} } },
    });
    const status = await client.patch(`${WIDGETS}/taken/status?fieldManager=ctl`, { status: { phase: 'Up' } });
    expect(owners(status.body)).toMatchObject({ 'ctl Update status': { 'f:status': { '.': {}, 'f:phase': {} } } });
    const put = structuredClone(status.body);
    put['spec'] = { color: 'green' };
    const replaced = await client.put(`${WIDGETS}/taken?fieldManager=putter`, put);
    expect(replaced.code, replaced.text).toBe(200);
    expect(owners(replaced.body)).toEqual({
      'maker Update': { 'f:spec': {} },
      'ctl Update status': { 'f:status': { '.': {}, 'f:phase': {} } },
      'putter Update': { 'f:spec': { 'f:color': {} } },
    });
  });

  test('an update that says nothing new changes nothing', async () => {
    const made = await client.post(`${MAPS}?fieldManager=maker`, configMap('quiet', { a: '1' }));
    const again = await client.put(`${MAPS}/quiet?fieldManager=other`, made.body);
    expect(again.body).toEqual(made.body);
    const forgetful = structuredClone(made.body);
    if (isJsonObject(forgetful['metadata'])) delete forgetful['metadata']['managedFields'];
    expect((await client.put(`${MAPS}/quiet?fieldManager=other`, forgetful)).body).toEqual(made.body);
  });

  test('managed fields can be replaced and ended', async () => {
    await client.post(`${MAPS}?fieldManager=maker`, configMap('edited', { a: '1' }));
    const renamed = await client.patch(
      `${MAPS}/edited`,
      [{ op: 'replace', path: '/metadata/managedFields/0/manager', value: 'renamed' }],
      'application/json-patch+json',
    );
    expect(Object.keys(owners(renamed.body))).toEqual(['renamed Update']);
    const ended = await client.patch(`${MAPS}/edited`, { metadata: { managedFields: [{}] } });
    expect(ended.body).not.toHaveProperty('metadata.managedFields');
    const first = await apply(MAPS, configMap('edited', { b: '1' }));
    expect(Object.keys(owners(first.body))).toEqual(['one Apply', 'before-first-apply Update']);
  });

  test('programs of Causeway do not begin a record, and keep one that is there', async () => {
    const headers = { 'user-agent': 'causeway' };
    const made = await client.post(MAPS, configMap('own', { a: '1' }), { headers });
    expect(made.body).not.toHaveProperty('metadata.managedFields');
    await client.post(`${MAPS}?fieldManager=maker`, configMap('users', { a: '1' }));
    const { body } = await client.put(`${MAPS}/users`, configMap('users', { a: '1', b: '1' }), { headers });
    expect(Object.keys(owners(body)).sort()).toEqual(['causeway Update', 'maker Update']);
  });

  test('more than ten who update are joined', async () => {
    await client.post(`${MAPS}?fieldManager=m0`, configMap('many', { a: '0' }));
    let body: JsonObject = {};
    for (let index = 1; index <= 12; index++) {
      body = (await client.patch(`${MAPS}/many?fieldManager=m${index}`, { data: { [`k${index}`]: '1' } })).body;
    }
    expect(Object.keys(owners(body))).toHaveLength(10);
    expect(owners(body)).toHaveProperty('ancient-changes Update');
  });

  test('scale', async () => {
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'scaled' },
      spec: {
        selector: { matchLabels: { app: 'a' } },
        template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'a', image: 'a' }] } },
      },
    };
    await client.post(`${DEPLOYMENTS}?fieldManager=maker`, deployment);
    await client.patch(`${DEPLOYMENTS}/scaled/scale?fieldManager=scaler`, { spec: { replicas: 4 } });
    const { body } = await client.get(`${DEPLOYMENTS}/scaled`);
    expect(owners(body)).toMatchObject({ 'scaler Update scale': { 'f:spec': { 'f:replicas': {} } } });
    expect(owners(body)['maker Update']).not.toHaveProperty(['f:spec', 'f:replicas']);
    expect(owners(body)['maker Update']).toHaveProperty(['f:spec', 'f:template', 'f:metadata', 'f:labels'], {
      '.': {},
      'f:app': {},
    });
  });
});

describe('refusals', () => {
  const refused: readonly [string, string, JsonObject, string, number, string][] = [
    [
      'no manager',
      MAPS,
      configMap('x'),
      '',
      422,
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value',
    ],
    ['a long name', MAPS, configMap('x'), `?fieldManager=${'m'.repeat(129)}`, 422, 'fieldManager: Too long'],
    [
      'managed fields in the configuration',
      MAPS,
      { ...configMap('x'), metadata: { name: 'x', managedFields: [{}] } },
      '?fieldManager=a',
      400,
      'metadata.managedFields must be nil',
    ],
    [
      'an unknown field',
      SERVICES,
      service('x', [{ port: 1, protocl: 'TCP' }]),
      '?fieldManager=a',
      400,
      'failed to create typed patch object (/x; /v1, Kind=Service): .spec.ports[0].protocl: field not declared in schema',
    ],
    [
      'an element twice',
      SERVICES,
      service('x', [{ port: 1 }, { port: 1 }]),
      '?fieldManager=a',
      400,
      '.spec.ports: duplicate entries for key [port=1,protocol="TCP"]',
    ],
    [
      'a wrong version',
      MAPS,
      { ...configMap('x'), apiVersion: 'v2' },
      '?fieldManager=a',
      400,
      'invalid object type: /v2, Kind=ConfigMap',
    ],
    [
      'an object that must exist',
      MAPS,
      { ...configMap('x'), metadata: { name: 'x', uid: 'u' } },
      '?fieldManager=a',
      409,
      'uid mismatch: the provided object specified uid u, and no existing object was found',
    ],
    ['an invalid object', SERVICES, service('x', [{ port: 0 }]), '?fieldManager=a', 422, 'spec.ports[0].port'],
  ];
  test.each(refused)('%s', async (_name, collection, object, query, code, message) => {
    const answer = await client.patch(`${collection}/x${query}`, object, 'application/apply-patch+yaml');
    expect(answer.code, answer.text).toBe(code);
    expect(answer.body['message']).toContain(message);
    expect((await client.get(`${collection}/x`)).code).toBe(404);
  });

  test('an old resourceVersion', async () => {
    const made = await apply(MAPS, configMap('versioned', { a: '1' }));
    await apply(MAPS, configMap('versioned', { a: '2' }));
    const { resourceVersion } = objectAt(made.body, 'metadata') ?? {};
    const stale = { ...configMap('versioned', { a: '3' }), metadata: { name: 'versioned', resourceVersion } };
    expect((await apply(MAPS, stale as JsonObject)).body).toMatchObject({ code: 409, reason: 'Conflict' });
  });

  test('force is for apply alone', async () => {
    const answer = await client.patch(`${MAPS}/kube?force=true`, { data: {} });
    expect(answer.body).toMatchObject({
      code: 422,
      message: 'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
    });
  });
});

const DEFINITION: JsonObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.apply.example.org' },
  spec: {
    group: 'apply.example.org',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets' },
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
              spec: {
                type: 'object',
                properties: {
                  size: { type: 'integer' },
                  color: { type: 'string' },
                  parts: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['id'],
                    items: {
                      type: 'object',
                      required: ['id'],
                      properties: { id: { type: 'string' }, size: { type: 'integer' } },
                    },
                  },
                  tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
                  words: { type: 'array', items: { type: 'string' } },
                  whole: {
                    type: 'object',
                    'x-kubernetes-map-type': 'atomic',
                    additionalProperties: { type: 'string' },
                  },
                },
              },
              status: { type: 'object', properties: { phase: { type: 'string' } } },
            },
          },
        },
      },
    ],
  },
};
