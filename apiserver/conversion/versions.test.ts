import { afterAll, beforeAll, expect, test } from 'vitest';
import { type JsonObject, objectAt, objectsAt } from '../schema/json.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

/* Strategy None, several versions, and definitions that change after objects were written. */

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.stop());

interface Version {
  readonly name: string;
  readonly spec: JsonObject;
  readonly storage?: boolean;
  readonly served?: boolean;
  readonly more?: JsonObject;
}

function definition(plural: string, versions: readonly Version[], conversion?: JsonObject): JsonObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.example.org` },
    spec: {
      group: 'example.org',
      scope: 'Cluster',
      names: { kind: plural.slice(0, 1).toUpperCase() + plural.slice(1, -1), plural },
      versions: versions.map(({ name, spec, storage = false, served = true, more = {} }) => ({
        name,
        storage,
        served,
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: spec } } } },
        ...more,
      })),
      ...(conversion === undefined ? {} : { conversion }),
    },
  };
}

const TEXT: JsonObject = { type: 'string' };

test('each version shows what its schema knows, and a default of now is in what was stored before', async () => {
  const { client } = server;
  const before: readonly Version[] = [
    { name: 'v1', storage: true, spec: { a: TEXT, b: TEXT } },
    { name: 'v2', spec: { a: TEXT, c: TEXT } },
  ];
  const made = await client.post(CRDS, definition('trees', before));
  const tree = { kind: 'Tree', metadata: { name: 't' }, spec: { a: '1', b: '2', c: '3' } };
  await client.post('/apis/example.org/v1/trees', { ...tree, apiVersion: 'example.org/v1' });
  const spec = async (version: string): Promise<unknown> =>
    (await client.get(`/apis/example.org/${version}/trees/t`)).body.spec;
  expect([await spec('v1'), await spec('v2')]).toEqual([{ a: '1', b: '2' }, { a: '1' }]);
  const after: readonly Version[] = [
    { name: 'v1', storage: true, spec: { a: TEXT, d: { type: 'string', default: 'new' } } },
    { name: 'v2', spec: { a: TEXT, c: TEXT } },
  ];
  const changed = definition('trees', after);
  const metadata = {
    name: 'trees.example.org',
    resourceVersion: objectAt(made.body, 'metadata')?.resourceVersion ?? '',
  };
  const answer = await client.put(`${CRDS}/trees.example.org`, { ...changed, metadata });
  expect(answer.code, answer.text).toBe(200);
  expect([await spec('v1'), await spec('v2')]).toEqual([{ a: '1', d: 'new' }, { a: '1' }]);
  const list = await client.get('/apis/example.org/v1/trees');
  expect(objectsAt(list.body, 'items').map((item) => item.spec)).toEqual([{ a: '1', d: 'new' }]);
  const end = new AbortController();
  for await (const { object } of client.watch('/apis/example.org/v1/trees?watch=1', end.signal)) {
    expect(object).toMatchObject({ spec: { a: '1', d: 'new' } });
    break;
  }
  end.abort();
});

test('the stored version moves, versions go, and status.storedVersions keeps what may still be stored', async () => {
  const { client } = server;
  const rock = { kind: 'Rock', metadata: { name: 'r' }, spec: { a: '1' } };
  const first = definition('rocks', [
    { name: 'v1alpha1', storage: true, spec: { a: TEXT }, more: { deprecated: true } },
    { name: 'v1', spec: { a: TEXT } },
    { name: 'v2beta1', spec: { a: TEXT }, more: { deprecated: true, deprecationWarning: 'take v1' } },
  ]);
  await client.post(CRDS, first);
  const old = await client.post('/apis/example.org/v1alpha1/rocks', { ...rock, apiVersion: 'example.org/v1alpha1' });
  expect(old.headers.warning).toBe('299 - "example.org/v1alpha1 Rock is deprecated; use example.org/v1 Rock"');
  expect((await client.get('/apis/example.org/v2beta1/rocks')).headers.warning).toBe('299 - "take v1"');
  const group = (await client.get('/apis/example.org')).body;
  expect(objectsAt(group, 'versions').map(({ version }) => version)).toEqual(['v2', 'v1', 'v2beta1', 'v1alpha1']);
  const versions = objectsAt(objectAt(first, 'spec'), 'versions').map(
    (version): JsonObject => ({
      ...version,
      storage: version.name === 'v1',
      served: version.name !== 'v1alpha1',
    }),
  );
  const moved = await client.patch(`${CRDS}/rocks.example.org`, { spec: { versions } });
  expect(moved.body).toHaveProperty('status.storedVersions', ['v1alpha1', 'v1']);
  expect((await client.get('/apis/example.org/v1alpha1/rocks')).code).toBe(404);
  expect((await client.get('/apis/example.org/v1/rocks/r')).body).toMatchObject({ apiVersion: 'example.org/v1' });
  const without = versions.filter(({ name }) => name !== 'v1alpha1');
  const refused = await client.patch(`${CRDS}/rocks.example.org`, { spec: { versions: without } });
  expect(refused.body.message).toBe(
    'CustomResourceDefinition.apiextensions.k8s.io "rocks.example.org" is invalid: status.storedVersions[0]: ' +
      'Invalid value: "v1alpha1": missing from spec.versions; v1alpha1 was previously a storage version, and must remain ' +
      'in spec.versions until a storage migration ensures no data remains persisted in v1alpha1 and removes v1alpha1 ' +
      'from status.storedVersions',
  );
  // The object is written again in the version that is stored now.
  await client.patch('/apis/example.org/v1/rocks/r', {});
  const migrated = await client.call(
    'PATCH',
    `${CRDS}/rocks.example.org/status`,
    { status: { storedVersions: ['v1'] } },
    { contentType: 'application/merge-patch+json' },
  );
  expect(migrated.code, migrated.text).toBe(200);
  const gone = await client.patch(`${CRDS}/rocks.example.org`, { spec: { versions: without } });
  expect(gone.code, gone.text).toBe(200);
  expect((await client.get('/apis/example.org/v1/rocks/r')).body).toMatchObject({
    apiVersion: 'example.org/v1',
    spec: { a: '1' },
  });
});

const INVALID: readonly { name: string; conversion: JsonObject; message: string }[] = [
  {
    name: 'strategy',
    conversion: { strategy: 'Magic' },
    message: 'spec.conversion.strategy: Unsupported value: "Magic": supported values: "None", "Webhook"',
  },
  {
    name: 'no client',
    conversion: { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'] } },
    message: 'spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook',
  },
  {
    name: 'no place',
    conversion: { strategy: 'Webhook', webhook: { clientConfig: {}, conversionReviewVersions: ['v1'] } },
    message: 'spec.conversion.webhookClientConfig: Required value: exactly one of url or service is required',
  },
  {
    name: 'scheme',
    conversion: {
      strategy: 'Webhook',
      webhook: { clientConfig: { url: 'http://a' }, conversionReviewVersions: ['v1'] },
    },
    message:
      `spec.conversion.webhookClientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; ` +
      'desired format: https://host[/path]',
  },
  {
    name: 'review versions',
    conversion: {
      strategy: 'Webhook',
      webhook: { clientConfig: { url: 'https://a' }, conversionReviewVersions: ['v3'] },
    },
    message:
      'spec.conversion.conversionReviewVersions: Invalid value: ["v3"]: must include at least one of v1, v1beta1',
  },
  {
    name: 'unwanted',
    conversion: { strategy: 'None', webhook: { clientConfig: { url: 'https://a' }, conversionReviewVersions: ['v1'] } },
    message:
      '[spec.conversion.webhookClientConfig: Forbidden: should not be set when strategy is not set to Webhook, ' +
      'spec.conversion.conversionReviewVersions: Forbidden: should not be set when strategy is not set to Webhook]',
  },
];
test.each(INVALID)('conversion is validated: $name', async ({ conversion, message }) => {
  const crd = definition('clouds', [{ name: 'v1', storage: true, spec: {} }], conversion);
  const answer = await server.client.post(CRDS, crd);
  expect(answer.body.message).toBe(
    `CustomResourceDefinition.apiextensions.k8s.io "clouds.example.org" is invalid: ${message}`,
  );
});
