import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type JsonObject, objectAt, objectsAt } from '../schema/json.ts';
import { startTestServer, type TestClient, type TestServer } from '../testing/server.ts';

/* ValidatingAdmissionPolicies through the API. */

let running: TestServer;
let client: TestClient;

beforeAll(async () => {
  running = await startTestServer();
  client = running.client;
});
afterAll(() => running.stop());

const apiVersion = 'admissionregistration.k8s.io/v1';
const policies = `/apis/${apiVersion}/validatingadmissionpolicies`;
const bindings = `/apis/${apiVersion}/validatingadmissionpolicybindings`;
const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] };

/** Each test has a namespace of its own, in which alone its policy holds. */
async function bound(name: string, spec: JsonObject, binding: JsonObject = {}): Promise<string> {
  await client.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const here = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } };
  const policy = await client.post(policies, {
    apiVersion,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: { matchConstraints: { resourceRules: [rule], ...here }, ...spec },
  });
  expect(policy.body).toMatchObject({ kind: 'ValidatingAdmissionPolicy' });
  const made = await client.post(bindings, {
    apiVersion,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: `${name}-binding` },
    spec: { policyName: name, validationActions: ['Deny'], ...binding },
  });
  expect(made.body).toMatchObject({ kind: 'ValidatingAdmissionPolicyBinding' });
  return `/api/v1/namespaces/${name}/configmaps`;
}

const config = (name: string, data: JsonObject = {}, labels: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels },
  data,
});

describe('a policy', () => {
  test('refuses what its expressions do not like, in the words of Kubernetes', async () => {
    const list = await bound('small', {
      variables: [
        { name: 'count', expression: 'has(object.data) ? size(object.data) : 0' },
        { name: 'unused', expression: '1 / 0' },
      ],
      validations: [
        { expression: 'variables.count < 2', messageExpression: '"too many: " + string(variables.count)' },
        {
          expression: '!has(object.metadata.labels) || !("secret" in object.metadata.labels)',
          message: 'no secrets',
          reason: 'Forbidden',
        },
      ],
    });
    expect((await client.post(list, config('a', { a: '1' }))).code).toBe(201);
    const many = await client.post(list, config('b', { a: '1', b: '2' }));
    const why = "ValidatingAdmissionPolicy 'small' with binding 'small-binding' denied request: too many: 2";
    expect(many.body).toMatchObject({
      code: 422,
      reason: 'Invalid',
      message: `configmaps "b" is forbidden: ${why}`,
      details: { name: 'b', kind: 'configmaps', causes: [{ message: why }] },
    });
    const secret = await client.patch(`${list}/a`, { metadata: { labels: { secret: 'x' } } });
    expect(secret.body).toMatchObject({ code: 403, reason: 'Forbidden' });
    expect((await client.get(`${list}/a`)).body).not.toHaveProperty('metadata.labels');
    await client.delete(`${bindings}/small-binding`);
    expect((await client.post(list, config('b', { a: '1', b: '2' }))).code).toBe(201);
  });

  test('knows the former state, the request and the namespace', async () => {
    const list = await bound('growing', {
      matchConditions: [{ name: 'others', expression: 'request.userInfo.username != "nobody"' }],
      validations: [
        {
          expression:
            'request.operation != "UPDATE" || int(object.data.n) > int(oldObject.data.n) || namespaceObject.metadata.name != "growing"',
        },
      ],
    });
    await client.post(list, config('a', { n: '5' }));
    const smaller = await client.patch(`${list}/a`, { data: { n: '4' } });
    expect(smaller.body['message']).toContain('denied request: failed expression: request.operation');
    expect((await client.patch(`${list}/a`, { data: { n: '6' } })).code).toBe(200);
  });

  test('warns and is audited where its binding says so', async () => {
    const list = await bound(
      'told',
      {
        validations: [{ expression: 'false', message: 'never' }],
        auditAnnotations: [{ key: 'who', valueExpression: '"name " + object.metadata.name' }],
      },
      { validationActions: ['Warn', 'Audit'] },
    );
    const made = await client.post(list, config('a'));
    expect(made.code).toBe(201);
    expect(String(made.headers['warning'])).toContain(
      "Validation failed for ValidatingAdmissionPolicy 'told' with binding 'told-binding': never",
    );
    const file = path.join(running.directory, 'audit.log');
    await expect.poll(() => readFileSync(file, 'utf8')).toContain('"told/who":"name a"');
    expect(readFileSync(file, 'utf8')).toContain('validation.policy.admission.k8s.io/validation_failure');
  });

  test('is asked with each of its parameters', async () => {
    const list = await bound(
      'limited',
      {
        paramKind: { apiVersion: 'v1', kind: 'Secret' },
        validations: [{ expression: 'size(object.metadata.name) < int(string(params.metadata.annotations.limit))' }],
      },
      { paramRef: { selector: { matchLabels: { use: 'limits' } }, parameterNotFoundAction: 'Deny' } },
    );
    const without = await client.post(list, config('a'));
    expect(without.body['message']).toContain('failed to configure binding: no params found');
    const limit = (name: string, value: string): JsonObject => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, labels: { use: 'limits' }, annotations: { limit: value } },
    });
    await client.post('/api/v1/namespaces/limited/secrets', limit('ten', '10'));
    expect((await client.post(list, config('abcde'))).code).toBe(201);
    await client.post('/api/v1/namespaces/limited/secrets', limit('five', '5'));
    expect((await client.post(list, config('fghij'))).code).toBe(422);
  });

  test.each([
    ['Fail', 422],
    ['Ignore', 201],
  ])('that comes to no result: %s', async (failurePolicy, code) => {
    const list = await bound(failurePolicy.toLowerCase(), {
      failurePolicy,
      validations: [{ expression: 'object.data.missing == "x"' }],
    });
    const answer = await client.post(list, config('a'));
    expect(answer.code).toBe(code);
    if (code === 422) expect(answer.body['message']).toContain('resulted in error: no such key');
  });

  test('leaves alone what it excludes, by name', async () => {
    const list = await bound('excluding', {
      matchConstraints: {
        resourceRules: [{ ...rule, operations: ['*'] }],
        excludeResourceRules: [{ ...rule, resourceNames: ['free'] }],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'excluding' } },
      },
      validations: [{ expression: 'request.operation != "DELETE" && false' }],
    });
    expect((await client.post(list, config('free'))).code).toBe(201);
    expect((await client.post(list, config('bound'))).code).toBe(422);
    expect((await client.delete(`${list}/free`)).code).toBe(422);
  });
});

test('policies and bindings that cannot be used are refused', async () => {
  const spec = {
    paramKind: { apiVersion: '', kind: 'X' },
    matchConstraints: { resourceRules: [rule] },
    matchConditions: [{ name: 'c', expression: 'variables.a' }],
    variables: [
      { name: 'a', expression: 'variables.b' },
      { name: 'a', expression: '1' },
    ],
    validations: [
      { expression: '1' },
      { expression: 'object.x ==' },
      { expression: 'variables.none', messageExpression: '2' },
    ],
  };
  const policy = await client.post(policies, {
    apiVersion,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'p' },
    spec,
  });
  const fields = (body: JsonObject): unknown[] =>
    objectsAt(objectAt(body, 'details'), 'causes').map((each) => each['field']);
  expect(fields(policy.body)).toEqual([
    'spec.paramKind.apiVersion',
    'spec.matchConditions[0].expression',
    'spec.variables[0].expression',
    'spec.variables[1].name',
    'spec.validations[0].expression',
    'spec.validations[1].expression',
    'spec.validations[2].expression',
    'spec.validations[2].messageExpression',
  ]);
  const binding = await client.post(bindings, {
    apiVersion,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'b' },
    spec: { policyName: 'p', validationActions: ['Deny', 'Warn'], paramRef: { parameterNotFoundAction: 'Deny' } },
  });
  expect(fields(binding.body)).toEqual(['spec.paramRef', 'spec.validationActions']);
});
