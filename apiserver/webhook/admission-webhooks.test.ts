import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type JsonObject, objectAt, textAt } from '../schema/json.ts';
import { configMap, startTestServer, type TestClient, type TestServer, widgetDefinition } from '../testing/server.ts';
import { startWebhookServer, type WebhookAnswer, type WebhookServer } from '../testing/webhook-server.ts';

/*
 * Admission webhooks that really listen, behind TLS. What they are registered for, what they are shown, and what their answers do.
 */

const REGISTRATION = '/apis/admissionregistration.k8s.io/v1';
const MAPS = '/api/v1/namespaces/default/configmaps';

let running: TestServer;
let client: TestClient;
let hook: WebhookServer;

beforeAll(async () => {
  hook = await startWebhookServer((review) => answered(review, { allowed: true }));
  running = await startTestServer();
  client = running.client;
  await client.post('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'watched', labels: { watched: 'yes' } },
  });
});

beforeEach(async () => {
  await client.delete(`${REGISTRATION}/mutatingwebhookconfigurations`);
  await client.delete(`${REGISTRATION}/validatingwebhookconfigurations`);
  await client.delete(MAPS);
  hook.answer = (review) => answered(review, { allowed: true });
  hook.requests.length = 0;
});

afterAll(async () => {
  await running.stop();
  await hook.close();
});

function answered(review: JsonObject, response: JsonObject): WebhookAnswer {
  const { apiVersion = '', kind = '' } = review;
  return { body: { apiVersion, kind, response: { uid: objectAt(review, 'request')?.uid ?? '', ...response } } };
}

function patching(review: JsonObject, patch: readonly object[]): WebhookAnswer {
  const text = Buffer.from(JSON.stringify(patch)).toString('base64');
  return answered(review, { allowed: true, patch: text, patchType: 'JSONPatch' });
}

const MAP_RULE = { operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] };

function webhook(changes: JsonObject = {}): JsonObject {
  return {
    name: 'a.example.com',
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    timeoutSeconds: 5,
    rules: [MAP_RULE],
    clientConfig: { url: `${hook.url}/review`, caBundle: hook.caBundle },
    ...changes,
  };
}

async function register(kind: 'Mutating' | 'Validating', ...webhooks: JsonObject[]): Promise<void> {
  const plural = `${kind.toLowerCase()}webhookconfigurations`;
  const answer = await client.post(`${REGISTRATION}/${plural}`, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${kind}WebhookConfiguration`,
    metadata: { name: `hooks-${hook.requests.length}-${kind.toLowerCase()}` },
    webhooks,
  });
  expect(answer.code, answer.text).toBe(201);
}

const asked = (): readonly JsonObject[] => hook.requests.map(({ body }) => objectAt(body, 'request') ?? {});

test('what a validating webhook is asked', async () => {
  await register('Validating', webhook());
  await client.post(`${MAPS}?fieldManager=tester`, configMap('a', { x: '1' }));
  await client.patch(`${MAPS}/a`, { data: { x: '2' } });
  await client.delete(`${MAPS}/a`);
  const [create, update, gone] = asked();
  expect(hook.requests[0]?.path).toBe('/review?timeout=5s');
  expect(create).toMatchObject({
    kind: { group: '', version: 'v1', kind: 'ConfigMap' },
    resource: { group: '', version: 'v1', resource: 'configmaps' },
    requestKind: { group: '', version: 'v1', kind: 'ConfigMap' },
    name: 'a',
    namespace: 'default',
    operation: 'CREATE',
    userInfo: { username: 'admin', groups: expect.arrayContaining(['system:masters']) },
    object: { kind: 'ConfigMap', data: { x: '1' } },
    oldObject: null,
    dryRun: false,
    options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'tester' },
  });
  expect(update).toMatchObject({ operation: 'UPDATE', object: { data: { x: '2' } }, oldObject: { data: { x: '1' } } });
  expect(gone).toMatchObject({ operation: 'DELETE', object: null, oldObject: { data: { x: '2' } } });
});

test('a refusal, with its warnings; nothing is written', async () => {
  await register('Validating', webhook());
  hook.answer = (review) =>
    answered(review, {
      allowed: false,
      warnings: ['careful'],
      status: { code: 403, message: 'not you', reason: 'Forbidden' },
    });
  const answer = await client.post(MAPS, configMap('a'));
  expect([answer.code, answer.body['reason'], answer.body['message']]).toEqual([
    403,
    'Forbidden',
    'admission webhook "a.example.com" denied the request: not you',
  ]);
  expect(answer.headers['warning']).toBe('299 - "careful"');
  expect((await client.get(`${MAPS}/a`)).code).toBe(404);
  hook.answer = (review) => answered(review, { allowed: false });
  const silent = await client.post(MAPS, configMap('a'));
  expect([silent.code, silent.body['message']]).toEqual([
    400,
    'admission webhook "a.example.com" denied the request without explanation',
  ]);
});

describe('a mutating webhook', () => {
  test('changes what is written; what it adds is pruned and defaulted', async () => {
    await register('Mutating', webhook({ rules: [{ ...MAP_RULE, resources: ['services', 'configmaps'] }] }));
    hook.answer = (review) =>
      patching(review, [
        { op: 'add', path: '/metadata/labels', value: { by: 'hook' } },
        { op: 'add', path: '/nonsense', value: 1 },
      ]);
    const made = await client.post(MAPS, configMap('a', { x: '1' }));
    expect(made.body).toMatchObject({ metadata: { name: 'a', labels: { by: 'hook' } }, data: { x: '1' } });
    expect(made.body).not.toHaveProperty('nonsense');
    expect((await client.get(`${MAPS}/a`)).body).toEqual(made.body);
    const dry = await client.post(`${MAPS}?dryRun=All`, configMap('dry'));
    expect(dry.body).toMatchObject({ metadata: { labels: { by: 'hook' } } });
    expect(asked().at(-1)).toMatchObject({ dryRun: true, options: { dryRun: ['All'] } });
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } };
    hook.answer = (review) =>
      patching(review, [
        { op: 'add', path: '/spec/ports/-', value: { port: 81, name: 'b' } },
        { op: 'add', path: '/spec/ports/0/name', value: 'a' },
      ]);
    const served = await client.post('/api/v1/namespaces/default/services', service);
    expect(served.body).toMatchObject({
      spec: { ports: [{ targetPort: 80 }, { port: 81, targetPort: 81, protocol: 'TCP' }] },
    });
    await client.delete('/api/v1/namespaces/default/services/s');
  });

  test('cannot change what was found invalid into something stored, nor a deletion', async () => {
    await register('Mutating', webhook());
    hook.answer = (review) => patching(review, [{ op: 'add', path: '/data', value: { 'no key!': '' } }]);
    expect((await client.post(MAPS, configMap('a'))).code).toBe(422);
    hook.answer = (review) => answered(review, { allowed: true });
    await client.post(MAPS, configMap('a'));
    hook.answer = (review) => patching(review, [{ op: 'add', path: '/data', value: {} }]);
    const gone = await client.delete(`${MAPS}/a`);
    expect([gone.code, gone.body['message']]).toEqual([
      500,
      'Internal error occurred: admission webhook "a.example.com" attempted to modify the object, which is not supported for this operation',
    ]);
  });

  test('is asked again when one after it changed something, if it wants', async () => {
    const first = webhook({
      name: 'first.example.com',
      reinvocationPolicy: 'IfNeeded',
      clientConfig: { url: `${hook.url}/first`, caBundle: hook.caBundle },
    });
    const second = webhook({
      name: 'second.example.com',
      clientConfig: { url: `${hook.url}/second`, caBundle: hook.caBundle },
    });
    await register('Mutating', first, second);
    hook.answer = (review, path) => {
      const data = objectAt(objectAt(objectAt(review, 'request'), 'object'), 'data') ?? {};
      const key = path.startsWith('/first') ? 'first' : 'second';
      return patching(review, [{ op: 'add', path: `/data/${key}`, value: `${textAt(data, key)}!` }]);
    };
    const made = await client.post(MAPS, configMap('a', { x: '1' }));
    expect(made.body['data']).toEqual({ x: '1', first: '!!', second: '!' });
    expect(hook.requests.map(({ path }) => path.slice(1, 7))).toEqual(['first?', 'second', 'first?']);
  });
});

describe('a webhook that fails', () => {
  const failures: readonly {
    readonly name: string;
    readonly answer: WebhookServer['answer'];
    readonly want: string;
  }[] = [
    {
      name: 'an error of its own',
      answer: () => ({ code: 503, body: 'down' }),
      want: 'failed to call webhook: the server is currently unable to handle the request',
    },
    {
      name: 'no response',
      answer: () => ({ body: {} }),
      want: 'received invalid webhook response: webhook response was absent',
    },
    {
      name: 'an answer to somebody else',
      answer: () => ({
        body: { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid: 'x', allowed: true } },
      }),
      want: 'received invalid webhook response: expected response.uid=',
    },
    {
      name: 'a patch, though it only validates',
      answer: (review) => patching(review, [{ op: 'add', path: '/x', value: 1 }]),
      want: 'received invalid webhook response: validating webhook may not return response.patch',
    },
  ];
  test.each(failures)('$name', async ({ answer, want }) => {
    await register('Validating', webhook());
    hook.answer = answer;
    const refused = await client.post(MAPS, configMap('a'));
    expect([refused.code, refused.body['reason']]).toEqual([500, 'InternalError']);
    expect(refused.body['message']).toContain(
      `Internal error occurred: failed calling webhook "a.example.com": ${want}`,
    );
  });

  test('and nobody listens: the write fails or does not, as its policy says', async () => {
    const nobody = { clientConfig: { url: 'https://127.0.0.1:1/x', caBundle: hook.caBundle } };
    await register('Validating', webhook(nobody));
    const refused = await client.post(MAPS, configMap('a'));
    expect([refused.code, refused.body['message']]).toEqual([
      500,
      'Internal error occurred: failed calling webhook "a.example.com": failed to call webhook: Post "https://127.0.0.1:1/x?timeout=5s": dial tcp 127.0.0.1:1: connect: connection refused',
    ]);
    // Nobody is asked about the configurations themselves, so that is a way out.
    await client.delete(`${REGISTRATION}/validatingwebhookconfigurations`);
    await register('Validating', webhook({ ...nobody, failurePolicy: 'Ignore' }));
    expect((await client.post(MAPS, configMap('a'))).code).toBe(201);
  });

  test('in time', async () => {
    await register('Validating', webhook({ timeoutSeconds: 1 }));
    hook.answer = () => new Promise(() => {});
    const refused = await client.post(MAPS, configMap('a'));
    expect(refused.body['message']).toContain('context deadline exceeded');
  });
});

describe('which writes it is asked about', () => {
  const everything = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] };
  const cases: readonly { readonly name: string; readonly webhook: JsonObject; readonly want: boolean }[] = [
    { name: 'all of everything', webhook: { rules: [everything] }, want: true },
    { name: 'another operation', webhook: { rules: [{ ...MAP_RULE, operations: ['DELETE'] }] }, want: false },
    { name: 'another version', webhook: { rules: [{ ...MAP_RULE, apiVersions: ['v2'] }] }, want: false },
    { name: 'only subresources', webhook: { rules: [{ ...MAP_RULE, resources: ['configmaps/status'] }] }, want: false },
    { name: 'namespaced kinds', webhook: { rules: [{ ...MAP_RULE, scope: 'Namespaced' }] }, want: true },
    { name: 'cluster-scoped kinds', webhook: { rules: [{ ...MAP_RULE, scope: 'Cluster' }] }, want: false },
    {
      name: 'labels of the namespace',
      webhook: { namespaceSelector: { matchLabels: { watched: 'yes' } } },
      want: true,
    },
    {
      name: 'other labels of the namespace',
      webhook: { namespaceSelector: { matchLabels: { watched: 'no' } } },
      want: false,
    },
    {
      name: 'labels of the object',
      webhook: { objectSelector: { matchExpressions: [{ key: 'team', operator: 'Exists' }] } },
      want: true,
    },
    { name: 'other labels of the object', webhook: { objectSelector: { matchLabels: { team: 'b' } } }, want: false },
    {
      name: 'a condition that holds',
      webhook: {
        matchConditions: [
          { name: 'c', expression: 'request.operation == "CREATE" && object.data.size == "3" && oldObject == null' },
        ],
      },
      want: true,
    },
    {
      name: 'a condition that does not',
      webhook: { matchConditions: [{ name: 'c', expression: 'request.userInfo.username != "admin"' }] },
      want: false,
    },
  ];
  test.each(cases)('$name: $want', async ({ webhook: changes, want }) => {
    await register('Validating', webhook(changes));
    const object = { ...configMap('a', { size: '3' }), metadata: { name: 'a', labels: { team: 'a' } } };
    expect((await client.post('/api/v1/namespaces/watched/configmaps', object)).code).toBe(201);
    expect(hook.requests.length > 0).toBe(want);
    await client.delete(`${REGISTRATION}/validatingwebhookconfigurations`);
    await client.delete('/api/v1/namespaces/watched/configmaps');
  });

  test('a condition that cannot be evaluated is a failure', async () => {
    await register('Validating', webhook({ matchConditions: [{ name: 'c', expression: 'object.spec.absent == 1' }] }));
    const refused = await client.post(MAPS, configMap('a'));
    expect([refused.code, refused.body['message']]).toEqual([500, expect.stringContaining('no such key: spec')]);
    expect(hook.requests).toEqual([]);
  });

  test('a condition that is no expression is not registered', async () => {
    const plural = `${REGISTRATION}/validatingwebhookconfigurations`;
    const answer = await client.post(plural, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'bad' },
      webhooks: [webhook({ matchConditions: [{ name: 'c', expression: 'object.' }] })],
    });
    expect([answer.code, answer.body['message']]).toEqual([
      422,
      expect.stringContaining(
        'webhooks[0].matchConditions[0].expression: Invalid value: "object.": compilation failed',
      ),
    ]);
  });

  test('an equivalent version, in the version of the rule; not with Exact', async () => {
    await client.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', widgetDefinition());
    const rules = [{ operations: ['CREATE'], apiGroups: ['example.org'], apiVersions: ['v1'], resources: ['widgets'] }];
    await register('Mutating', webhook({ rules }));
    hook.answer = (review) => patching(review, [{ op: 'add', path: '/spec', value: { color: 'red' } }]);
    const path = '/apis/example.org/v1beta1/namespaces/default/widgets';
    const widget = (name: string): JsonObject => ({
      apiVersion: 'example.org/v1beta1',
      kind: 'Widget',
      metadata: { name },
    });
    const made = await client.post(path, widget('w'));
    expect(made.body).toMatchObject({ apiVersion: 'example.org/v1beta1', spec: { color: 'red', size: 3 } });
    expect(asked()[0]).toMatchObject({
      kind: { version: 'v1' },
      requestKind: { version: 'v1beta1' },
      object: { apiVersion: 'example.org/v1' },
    });
    await client.delete(`${REGISTRATION}/mutatingwebhookconfigurations`);
    await register('Mutating', webhook({ rules, matchPolicy: 'Exact' }));
    hook.requests.length = 0;
    expect((await client.post(path, widget('x'))).code).toBe(201);
    expect(hook.requests).toEqual([]);
  });

  test('a number of replicas, as a Scale', async () => {
    const containers = [{ name: 'c', image: 'i' }];
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers } };
    const path = '/apis/apps/v1/namespaces/default/deployments';
    const spec = { selector: { matchLabels: { a: 'b' } }, template };
    await client.post(path, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec });
    await register(
      'Validating',
      webhook({ rules: [{ ...everything, apiGroups: ['apps'], resources: ['deployments/scale'] }] }),
    );
    await client.patch(`${path}/d/scale`, { spec: { replicas: 3 } });
    expect(asked()).toMatchObject([
      {
        subResource: 'scale',
        kind: { kind: 'Scale' },
        object: { spec: { replicas: 3 } },
        oldObject: { spec: { replicas: 1 } },
      },
    ]);
  });
});

test('behind a Service, found by its endpoints', async () => {
  const services = '/api/v1/namespaces/default/services';
  const spec = { ports: [{ name: 'https', port: 443, targetPort: 8443 }] };
  await client.post(services, { apiVersion: 'v1', kind: 'Service', metadata: { name: 'hook' }, spec });
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'hook-1', labels: { 'kubernetes.io/service-name': 'hook' } },
    addressType: 'IPv4',
    ports: [{ name: 'https', port: hook.port }],
    endpoints: [{ addresses: ['127.0.0.1'] }],
  };
  await client.post('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', slice);
  const service = { namespace: 'default', name: 'hook', path: '/behind' };
  await register('Validating', webhook({ clientConfig: { service, caBundle: hook.caBundle } }));
  expect((await client.post(MAPS, configMap('a'))).code).toBe(201);
  expect(hook.requests[0]?.path).toBe('/behind?timeout=5s');
});

test('a write that waits for a webhook is computed again when the object changed meanwhile', async () => {
  await client.post(MAPS, configMap('a', { x: '0' }));
  await register('Mutating', webhook({ rules: [{ ...MAP_RULE, operations: ['UPDATE'] }] }));
  let other: Promise<unknown> | undefined;
  hook.answer = async (review) => {
    // While the first one waits, a second write goes through.
    if (other === undefined) {
      other = client.patch(`${MAPS}/a`, { data: { second: '1' } });
      await other;
    }
    return answered(review, { allowed: true });
  };
  const first = await client.patch(`${MAPS}/a`, { data: { first: '1' } });
  expect(first.body['data']).toEqual({ x: '0', first: '1', second: '1' });
});
