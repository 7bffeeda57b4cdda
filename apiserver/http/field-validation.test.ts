import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, startTestServer, type TestClient, type TestServer, widgetDefinition } from '../testing/server.ts';

const SERVICES = '/api/v1/namespaces/default/services';
const WIDGETS = '/apis/example.org/v1/namespaces/default/widgets';
const APPLY = 'application/apply-patch+yaml';

let running: TestServer;
let client: TestClient;

beforeAll(async () => {
  running = await startTestServer();
  client = running.client;
  await client.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', widgetDefinition());
  await client.post(SERVICES, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { ports: [{ port: 1 }] },
  });
  await client.post(WIDGETS, {
    apiVersion: 'example.org/v1',
    kind: 'Widget',
    metadata: { name: 'one' },
    spec: { size: 1 },
  });
});

afterAll(() => running.stop());

/** An unknown field and one that is there twice. */
const SERVICE =
  '{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},' +
  '"spec":{"type":"NodePort","type":"ClusterIP","ports":[{"port":1,"prot":"x"}]}}';
const WIDGET =
  '{"apiVersion":"example.org/v1","kind":"Widget","metadata":{"name":"one","resourceVersion":"0"},"spec":{"size":1,"size":2,"b":1,"a":1}}';
const YAML =
  'apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  ports:\n  - port: 1\n    port: 2\n    prot: x\n';
const APPLIED = '{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"ports":[{"port":1,"port":1}]}}';

const CASES: readonly {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly contentType?: string;
  /** Of Strict. */
  readonly code: number;
  readonly message: string;
  readonly warnings: readonly string[];
}[] = [
  {
    name: 'create',
    method: 'POST',
    path: `${SERVICES}?dryRun=All&`,
    body: SERVICE.replace('"web"', '"new"'),
    code: 400,
    message:
      'Service in version "v1" cannot be handled as a Service: strict decoding error: unknown field "spec.ports[0].prot", duplicate field "spec.type"',
    warnings: ['unknown field "spec.ports[0].prot"', 'duplicate field "spec.type"'],
  },
  {
    name: 'update of a custom resource',
    method: 'PUT',
    path: `${WIDGETS}/one?dryRun=All&`,
    body: WIDGET,
    code: 400,
    message:
      'Widget in version "v1" cannot be handled as a Widget: strict decoding error: duplicate field "spec.size", unknown field "spec.a", unknown field "spec.b"',
    warnings: ['duplicate field "spec.size"', 'unknown field "spec.a"', 'unknown field "spec.b"'],
  },
  {
    name: 'YAML',
    method: 'PUT',
    path: `${SERVICES}/web?dryRun=All&`,
    contentType: 'application/yaml',
    body: YAML,
    code: 400,
    message: 'unknown field "spec.ports[0].prot", yaml: unmarshal errors:\n  line 8: key "port" already set in map',
    warnings: ['unknown field "spec.ports[0].prot"', 'line 8: key "port" already set in map'],
  },
  {
    name: 'merge patch',
    method: 'PATCH',
    path: `${WIDGETS}/one?dryRun=All&`,
    contentType: 'application/merge-patch+json',
    body: '{"spec":{"size":2,"size":3,"shape":"round"}}',
    code: 422,
    message: 'strict decoding error: duplicate field "spec.size", unknown field "spec.shape"',
    warnings: ['duplicate field "spec.size"', 'unknown field "spec.shape"'],
  },
  {
    name: 'strategic merge patch',
    method: 'PATCH',
    path: `${SERVICES}/web?dryRun=All&`,
    contentType: 'application/strategic-merge-patch+json',
    body: '{"spec":{"type":"NodePort","type":"NodePort","typ":"x"}}',
    code: 422,
    message: 'strict decoding error: unknown field "spec.typ", duplicate field "spec.type"',
    warnings: ['unknown field "spec.typ"', 'duplicate field "spec.type"'],
  },
  {
    name: 'JSON patch',
    method: 'PATCH',
    path: `${SERVICES}/web?dryRun=All&`,
    contentType: 'application/json-patch+json',
    body: '[{"op":"add","op":"add","path":"/spec/typ","value":"x"}]',
    code: 422,
    message: 'strict decoding error: unknown field "spec.typ", json patch duplicate field "[0].op"',
    warnings: ['unknown field "spec.typ"', 'json patch duplicate field "[0].op"'],
  },
  {
    name: 'apply',
    method: 'PATCH',
    path: `${SERVICES}/web?dryRun=All&fieldManager=test&force=true&`,
    contentType: APPLY,
    body: APPLIED,
    code: 400,
    message:
      'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 1: key "port" already set in map',
    warnings: ['line 1: key "port" already set in map'],
  },
];

describe.each(CASES)('$name', ({ method, path, body, contentType = 'application/json', code, message, warnings }) => {
  const send = (validation: string): Promise<Answer> =>
    client.call(method, `${path}${validation}`, body, { contentType });

  test('Strict refuses', async () => {
    const answer = await send('fieldValidation=Strict');
    expect(answer.code, answer.text).toBe(code);
    expect(answer.body['message']).toContain(message);
  });

  test.each(['', 'fieldValidation=Warn'])('Warn, the default, tells (%j)', async (validation) => {
    const answer = await send(validation);
    expect([200, 201], answer.text).toContain(answer.code);
    const texts = warnings.map((text) => `299 - "${text.replaceAll('"', '\\"')}"`);
    expect([answer.headers['warning']].flat().join(', ')).toBe(texts.join(', '));
  });

  test('Ignore is silent', async () => {
    const answer = await send('fieldValidation=Ignore');
    expect([200, 201], answer.text).toContain(answer.code);
    expect(answer.headers['warning']).toBeUndefined();
  });
});

test('a patch is refused as the object that it makes', async () => {
  const answer = await client.patch(`${WIDGETS}/one?fieldValidation=Strict`, { spec: { shape: 'round' } });
  expect(answer.body).toMatchObject({ code: 422, reason: 'Invalid' });
  expect(answer.body['message']).toMatch(
    /^ "" is invalid: patch: Invalid value: ".*\\"shape\\":\\"round\\".*": strict decoding error: unknown field "spec.shape"$/,
  );
});

test('another value of fieldValidation', async () => {
  expect((await client.post(`${SERVICES}?fieldValidation=strict`, {})).code).toBe(422);
});
