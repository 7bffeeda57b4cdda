import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type JsonObject, objectAt, objectsAt, textAt } from '../schema/json.ts';
import { configMap, startTestServer, type TestClient, type TestServer, widgetDefinition } from '../testing/server.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

let running: TestServer;
let client: TestClient;

beforeAll(async () => {
  running = await startTestServer();
  client = running.client;
});

afterAll(() => running.stop());

async function create(name: string, owners: readonly JsonObject[] = [], extra: JsonObject = {}): Promise<JsonObject> {
  const answer = await client.post(MAPS, {
    ...configMap(name),
    metadata: { name, ownerReferences: [...owners], ...extra },
  });
  expect(answer.code, answer.text).toBe(201);
  return answer.body;
}

function ownedBy(owner: JsonObject, extra: JsonObject = {}): JsonObject {
  const metadata = objectAt(owner, 'metadata');
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name: textAt(metadata, 'name'),
    uid: textAt(metadata, 'uid'),
    ...extra,
  };
}

function gone(name: string): Promise<unknown> {
  return client.until(`${MAPS}/${name}`, ({ code }) => code === 404);
}

describe('garbage collection', () => {
  test('what belongs to a deleted object goes too, level by level', async () => {
    const owner = await create('bg-owner');
    const child = await create('bg-child', [ownedBy(owner)]);
    await create('bg-grandchild', [ownedBy(child)]);
    await client.delete(`${MAPS}/bg-owner`);
    await gone('bg-grandchild');
    await gone('bg-child');
  });

  test('one owner left is enough; the other reference is removed', async () => {
    const [one, two] = [await create('two-one'), await create('two-two')];
    await create('two-child', [ownedBy(one), ownedBy(two)]);
    await client.delete(`${MAPS}/two-one`);
    const references = (body: JsonObject): readonly JsonObject[] =>
      objectsAt(objectAt(body, 'metadata'), 'ownerReferences');
    const child = await client.until(`${MAPS}/two-child`, ({ body }) => references(body).length === 1);
    expect(references(child.body)[0]?.name).toBe('two-two');
  });

  test('foreground: the owner waits for dependents that block it', async () => {
    const owner = await create('fg-owner');
    await create('fg-child', [ownedBy(owner, { blockOwnerDeletion: true })], { finalizers: ['example.org/hold'] });
    const answer = await client.delete(`${MAPS}/fg-owner`, {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      propagationPolicy: 'Foreground',
    });
    expect(answer.body).toMatchObject({ metadata: { finalizers: ['foregroundDeletion'] } });
    await client.until(
      `${MAPS}/fg-child`,
      ({ body }) => textAt(objectAt(body, 'metadata'), 'deletionTimestamp') !== '',
    );
    expect((await client.get(`${MAPS}/fg-owner`)).code).toBe(200);
    await client.patch(`${MAPS}/fg-child`, { metadata: { finalizers: null } });
    await gone('fg-owner');
  });

  test('orphans stay and know no owner', async () => {
    const owner = await create('or-owner');
    await create('or-child', [ownedBy(owner)]);
    await client.delete(`${MAPS}/or-owner?propagationPolicy=Orphan`);
    await gone('or-owner');
    expect(objectAt((await client.get(`${MAPS}/or-child`)).body, 'metadata')).not.toHaveProperty('ownerReferences');
  });

  test('an object that names an owner which never was is collected; one whose owner has an unknown kind is not', async () => {
    const ghost = { metadata: { name: 'ghost', uid: 'none' } };
    await create('lost-unknown', [ownedBy(ghost, { apiVersion: 'example.com/v9', kind: 'Ghost' })]);
    await create('lost', [ownedBy(ghost)]);
    await gone('lost');
    expect((await client.get(`${MAPS}/lost-unknown`)).code).toBe(200);
  });
});

describe('namespaces', () => {
  test('the usual ones exist and stay', async () => {
    const { body } = await client.get('/api/v1/namespaces');
    const names = objectsAt(body, 'items').map((item) => textAt(objectAt(item, 'metadata'), 'name'));
    expect(names).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system']);
    expect((await client.delete('/api/v1/namespaces/default')).code).toBe(403);
  });

  test('deletion takes the content first and refuses new content meanwhile', async () => {
    await client.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'doomed' } });
    const maps = '/api/v1/namespaces/doomed/configmaps';
    await client.post(maps, configMap('plain'));
    await client.post(maps, { ...configMap('held'), metadata: { name: 'held', finalizers: ['example.org/hold'] } });
    expect((await client.delete('/api/v1/namespaces/doomed')).body).toMatchObject({ status: { phase: 'Terminating' } });
    const late = await client.post(maps, configMap('late'));
    expect(late.body).toMatchObject({ code: 403, details: { causes: [{ reason: 'NamespaceTerminating' }] } });
    await client.until(`${maps}/plain`, ({ code }) => code === 404);
    expect((await client.get('/api/v1/namespaces/doomed')).code).toBe(200);
    await client.patch(`${maps}/held`, { metadata: { finalizers: null } });
    await client.until('/api/v1/namespaces/doomed', ({ code }) => code === 404);
  });
});

describe('custom resource definitions', () => {
  test('a kind can be used at once, is discovered at once, and goes with its objects', async () => {
    const created = await client.post(DEFINITIONS, widgetDefinition());
    expect(created.body).toMatchObject({
      status: { acceptedNames: { plural: 'widgets' }, storedVersions: ['v1'] },
    });
    const conditions = objectsAt(objectAt(created.body, 'status'), 'conditions').map(
      ({ type, status }) => `${String(type)}=${String(status)}`,
    );
    expect(conditions).toEqual(['NamesAccepted=True', 'Established=True']);
    const widgets = '/apis/example.org/v1/namespaces/default/widgets';
    expect((await client.post(widgets, { metadata: { name: 'w' } })).body).toMatchObject({
      kind: 'Widget',
      apiVersion: 'example.org/v1',
    });
    expect((await client.get('/apis/example.org')).body).toMatchObject({ preferredVersion: { version: 'v1' } });
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    const groups = objectsAt((await client.get('/apis', { headers: { accept } })).body, 'items');
    expect(groups.find((group) => textAt(objectAt(group, 'metadata'), 'name') === 'example.org')).toMatchObject({
      versions: [
        {
          version: 'v1',
          resources: [{ resource: 'widgets', scope: 'Namespaced', subresources: [{ subresource: 'status' }] }],
        },
        { version: 'v1beta1' },
      ],
    });

    await client.delete(`${DEFINITIONS}/widgets.example.org`);
    await client.until(`${DEFINITIONS}/widgets.example.org`, ({ code }) => code === 404);
    expect((await client.get(widgets)).code).toBe(404);
    await client.post(DEFINITIONS, widgetDefinition());
    expect((await client.get(widgets)).body.items).toEqual([]);
  });

  test('a name that another kind has is not accepted', async () => {
    const definition = widgetDefinition();
    const spec = { ...objectAt(definition, 'spec'), names: { kind: 'Widget', plural: 'gadgets' } };
    const created = await client.post(DEFINITIONS, { ...definition, metadata: { name: 'gadgets.example.org' }, spec });
    expect(objectsAt(objectAt(created.body, 'status'), 'conditions')[0]).toMatchObject({
      type: 'NamesAccepted',
      status: 'False',
    });
    expect((await client.get('/apis/example.org/v1/gadgets')).code).toBe(404);
  });

  test('a name is taken over when the kind that had it goes', async () => {
    const crd = (plural: string, kind: string, shortNames: readonly string[]): JsonObject => ({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${plural}.names.org` },
      spec: {
        group: 'names.org',
        scope: 'Cluster',
        names: { plural, kind, shortNames: [...shortNames] },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    });
    await client.post(DEFINITIONS, crd('firsts', 'First', ['f']));
    const second = await client.post(DEFINITIONS, crd('seconds', 'First', ['f', 'g']));
    expect(second.body).toMatchObject({
      status: {
        acceptedNames: { plural: 'seconds', kind: '' },
        conditions: [
          {
            type: 'NamesAccepted',
            status: 'False',
            reason: 'ListKindConflict',
            message: '"FirstList" is already in use',
          },
          { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' },
        ],
      },
    });
    expect((await client.get('/apis/names.org/v1/seconds')).code).toBe(404);
    await client.delete(`${DEFINITIONS}/firsts.names.org`);
    const served = await client.until(`${DEFINITIONS}/seconds.names.org`, ({ text }) =>
      text.includes('InitialNamesAccepted'),
    );
    expect(served.body).toMatchObject({ status: { acceptedNames: { kind: 'First', shortNames: ['f', 'g'] } } });
    expect((await client.get('/apis/names.org/v1/seconds')).code).toBe(200);
    await client.delete(`${DEFINITIONS}/seconds.names.org`);
  });

  test('while a definition waits for its objects, nothing new comes; then it can be created again', async () => {
    const crd: JsonObject = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'slows.names.org' },
      spec: {
        group: 'names.org',
        scope: 'Cluster',
        names: { plural: 'slows', kind: 'Slow' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    };
    const slow = (name: string): JsonObject => ({
      apiVersion: 'names.org/v1',
      kind: 'Slow',
      metadata: { name, finalizers: ['names.org/hold'] },
    });
    const path = '/apis/names.org/v1/slows';
    await client.post(DEFINITIONS, crd);
    await client.post(path, slow('a'));
    await client.delete(`${DEFINITIONS}/slows.names.org`);
    const refused = await client.post(path, slow('b'));
    expect([refused.code, refused.body.message]).toEqual([
      405,
      'create not allowed while custom resource definition is terminating',
    ]);
    const held = await client.until(`${path}/a`, ({ text }) => text.includes('deletionTimestamp'));
    expect(held.code).toBe(200);
    expect((await client.get(`${DEFINITIONS}/slows.names.org`)).text).toContain(
      'CustomResource deletion is in progress',
    );
    await client.patch(`${path}/a`, { metadata: { finalizers: null } });
    await client.until(`${DEFINITIONS}/slows.names.org`, ({ code }) => code === 404);
    expect((await client.post(DEFINITIONS, crd)).code).toBe(201);
    expect((await client.get(path)).body).toHaveProperty('items', []);
    await client.delete(`${DEFINITIONS}/slows.names.org`);
  });

  test('those that the server brings are brought up to date, and their objects stay', async () => {
    const first = await startTestServer({ customResources: [widgetDefinition()] });
    const widgets = '/apis/example.org/v1/namespaces/default/widgets';
    await first.client.post(widgets, { metadata: { name: 'w' }, spec: { size: 2 } });
    await first.stop({ keep: true });
    const newer = structuredClone(widgetDefinition());
    const names = objectAt(objectAt(newer, 'spec'), 'names');
    if (names !== undefined) names['shortNames'] = ['wd'];
    const second = await startTestServer({ dataDirectory: first.directory, customResources: [newer] });
    expect((await second.client.get('/apis/example.org/v1')).body).toMatchObject({
      resources: [{ shortNames: ['wd'] }, {}],
    });
    expect((await second.client.get(`${widgets}/w`)).body).toMatchObject({ spec: { size: 2 } });
    await second.stop();
  });
});

describe('at home', () => {
  test('a workload is stored and told that nothing runs it, once', async () => {
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const spec = { selector: { matchLabels: { a: 'b' } }, template };
    const path = '/apis/apps/v1/namespaces/default/deployments';
    const created = await client.post(path, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      spec,
    });
    const conditions = objectsAt(objectAt(created.body, 'status'), 'conditions');
    expect(conditions.map(({ type, status, reason }) => [type, status, reason])).toEqual([
      ['Available', 'False', 'NoContainerRuntime'],
      ['Progressing', 'False', 'NoContainerRuntime'],
    ]);
    const pod = await client.post('/api/v1/namespaces/default/pods', { metadata: { name: 'p' }, spec: template.spec });
    expect(pod.body).toMatchObject({
      status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False' }] },
    });
    const events =
      '/api/v1/namespaces/default/events?fieldSelector=involvedObject.kind%3DDeployment,involvedObject.name%3Dd';
    const { body } = await client.until(events, (answer) => objectsAt(answer.body, 'items').length > 0);
    expect(body.items).toMatchObject([
      { type: 'Warning', reason: 'NoContainerRuntime', message: expect.stringContaining('EndpointSlice') },
    ]);
  });

  test('this machine is a Node', async () => {
    const { body } = await client.get('/api/v1/nodes');
    expect(body.items).toMatchObject([{ status: { conditions: [{ type: 'Ready', status: 'True' }] } }]);
  });

  test('an Ingress without class gets the default class', async () => {
    const classes = '/apis/networking.k8s.io/v1/ingressclasses';
    const annotations = { 'ingressclass.kubernetes.io/is-default-class': 'true' };
    await client.post(classes, { metadata: { name: 'usual', annotations }, spec: { controller: 'example.org/c' } });
    const backend = { service: { name: 's', port: { number: 80 } } };
    const ingress = { metadata: { name: 'i' }, spec: { defaultBackend: backend } };
    const created = await client.post('/apis/networking.k8s.io/v1/namespaces/default/ingresses', ingress);
    expect(created.body).toMatchObject({ spec: { ingressClassName: 'usual' } });
  });

  test('Services get addresses of their own and keep them', async () => {
    const path = '/api/v1/namespaces/default/services';
    const make = (name: string, extra: JsonObject = {}): Promise<{ body: JsonObject; code: number }> =>
      client.post(path, { metadata: { name }, spec: { ports: [{ port: 80 }], ...extra } });
    const made = await Promise.all(['s1', 's2', 's3'].map((name) => make(name)));
    const addresses = made.map(({ body }) => textAt(objectAt(body, 'spec'), 'clusterIP'));
    expect(new Set(addresses).size).toBe(3);
    expect(addresses.every((address) => address.startsWith('10.96.'))).toBe(true);
    const first = addresses[0] ?? '';
    expect(made[0]?.body).toMatchObject({
      spec: { type: 'ClusterIP', clusterIPs: [first], ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }] },
    });
    expect((await make('taken', { clusterIP: first })).code).toBe(422);
    const replaced = await client.put(`${path}/s1`, { metadata: { name: 's1' }, spec: { ports: [{ port: 81 }] } });
    expect(textAt(objectAt(replaced.body, 'spec'), 'clusterIP')).toBe(first);
    expect((await make('headless', { clusterIP: 'None' })).body).toMatchObject({ spec: { clusterIP: 'None' } });
    await client.delete(`${path}/s1`);
    expect((await make('again', { clusterIP: first })).code).toBe(201);
    const node = await make('node', { type: 'NodePort' });
    expect(objectsAt(objectAt(node.body, 'spec'), 'ports')[0]?.nodePort).toBeGreaterThanOrEqual(30_000);
  });
});
