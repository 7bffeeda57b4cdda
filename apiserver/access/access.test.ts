import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type JsonObject, objectAt, textAt } from '../schema/json.ts';
import {
  type Answer,
  configMap,
  startTestServer,
  type TestClient,
  type TestServer,
  widgetDefinition,
} from '../testing/server.ts';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const A = '/api/v1/namespaces/team-a';
const B = '/api/v1/namespaces/team-b';

let running: TestServer;
let admin: TestClient;

beforeAll(async () => {
  running = await startTestServer({ customResources: [widgetDefinition()] });
  admin = running.client;
  for (const name of ['team-a', 'team-b']) {
    await made(admin.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } };
    await made(admin.post(`/api/v1/namespaces/${name}/serviceaccounts`, account));
    await made(admin.post(`/api/v1/namespaces/${name}/configmaps`, configMap('given')));
  }
  await made(admin.post(`${RBAC}/namespaces/team-a/rolebindings`, binding('editors', 'edit', user('alice'))));
  await made(admin.post(`${RBAC}/namespaces/team-a/rolebindings`, binding('admins', 'admin', user('ada'))));
  await made(
    admin.post(`${RBAC}/namespaces/team-a/rolebindings`, binding('viewers', 'view', account('team-a', 'robot'))),
  );
  // The tiers gather their parts a moment after they came.
  await admin.until(
    `${RBAC}/clusterroles/admin`,
    ({ body }) => JSON.stringify(body).includes('widgets') && JSON.stringify(body).includes('rolebindings'),
  );
});

afterAll(() => running.stop());

async function made(answer: Promise<Answer>): Promise<Answer> {
  const { code, text } = await answer;
  expect(code, text).toBe(201);
  return answer;
}

function user(name: string): JsonObject {
  return { kind: 'User', name, apiGroup: 'rbac.authorization.k8s.io' };
}

function account(namespace: string, name: string): JsonObject {
  return { kind: 'ServiceAccount', namespace, name };
}

function binding(name: string, role: string, subject: JsonObject, kind = 'ClusterRole'): JsonObject {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: role },
    subjects: [subject],
  };
}

function role(name: string, ...rules: JsonObject[]): JsonObject {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name }, rules };
}

/** As somebody else: what `kubectl --as` sends. */
function as(
  name: string,
  more: Readonly<Record<string, string>> = {},
): { readonly headers: Readonly<Record<string, string>> } {
  return { headers: { 'impersonate-user': name, ...more } };
}

async function tokenOf(namespace: string, name: string, spec: JsonObject = {}): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const { body } = await made(admin.post(path, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec }));
  return textAt(objectAt(body, 'status'), 'token');
}

function bearer(token: string): { readonly headers: Readonly<Record<string, string>> } {
  return { headers: { authorization: `Bearer ${token}` } };
}

describe('roles', () => {
  test.each([
    ['alice', 'GET', `${A}/configmaps/given`, 200],
    ['alice', 'GET', `${A}/configmaps`, 200],
    ['alice', 'GET', `${A}/secrets`, 200],
    ['alice', 'DELETE', `${A}/configmaps/none`, 404],
    ['alice', 'GET', '/apis/example.org/v1/namespaces/team-a/widgets', 200],
    ['alice', 'GET', `${B}/configmaps/given`, 403],
    ['alice', 'GET', '/api/v1/configmaps', 403],
    ['alice', 'GET', '/api/v1/namespaces/team-b', 403],
    ['alice', 'GET', '/api/v1/namespaces', 403],
    ['alice', 'GET', '/api/v1/nodes', 403],
    ['alice', 'GET', `${RBAC}/namespaces/team-a/roles`, 403],
    ['alice', 'GET', '/apis/example.org/v1/widgets', 403],
    ['alice', 'GET', `${B}/configmaps?watch=true`, 403],
    ['ada', 'GET', `${RBAC}/namespaces/team-a/roles`, 200],
    ['ada', 'GET', `${RBAC}/clusterroles`, 403],
    ['nobody', 'GET', `${A}/configmaps/given`, 403],
    ['nobody', 'GET', '/apis', 200],
    ['nobody', 'GET', '/openapi/v2', 200],
    ['nobody', 'GET', '/api', 200],
  ])('%s: %s %s: %d', async (name, method, path, code) => {
    const answer = await admin.call(method, path, undefined, as(name));
    expect(answer.code, answer.text).toBe(code);
  });

  test('the refusal says who, what and where', async () => {
    const one = await admin.call('DELETE', `${B}/configmaps/given`, undefined, as('alice'));
    expect(one.body).toMatchObject({
      kind: 'Status',
      reason: 'Forbidden',
      code: 403,
      message:
        'configmaps "given" is forbidden: User "alice" cannot delete resource "configmaps" in API group "" in the namespace "team-b"',
      details: { name: 'given', kind: 'configmaps' },
    });
    const all = await admin.get('/apis/example.org/v1/widgets', as('alice'));
    expect(all.body).toMatchObject({
      message:
        'widgets.example.org is forbidden: User "alice" cannot list resource "widgets" in API group "example.org" at the cluster scope',
    });
    const path = await admin.get('/metrics-of-mine', as('alice'));
    expect(path.body).toMatchObject({ message: 'forbidden: User "alice" cannot get path "/metrics-of-mine"' });
  });

  test('what a role says holds from the next request on, and no longer than its binding', async () => {
    await made(
      admin.post(
        `${RBAC}/namespaces/team-b/roles`,
        role('reader', { apiGroups: [''], resources: ['configmaps'], resourceNames: ['given'], verbs: ['get'] }),
      ),
    );
    await made(admin.post(`${RBAC}/namespaces/team-b/rolebindings`, binding('reader', 'reader', user('bob'), 'Role')));
    expect((await admin.get(`${B}/configmaps/given`, as('bob'))).code).toBe(200);
    expect((await admin.get(`${B}/configmaps/other`, as('bob'))).code).toBe(403);
    expect((await admin.get(`${B}/configmaps`, as('bob'))).code).toBe(403);
    await admin.delete(`${RBAC}/namespaces/team-b/rolebindings/reader`);
    expect((await admin.get(`${B}/configmaps/given`, as('bob'))).code).toBe(403);
  });

  test('a default role that somebody broke is whole again after a restart; one to be left alone is not touched', async () => {
    const own = await startTestServer();
    const path = `${RBAC}/clusterroles/system:basic-user`;
    const other = `${RBAC}/clusterroles/system:discovery`;
    await own.client.patch(path, { rules: [] });
    await own.client.patch(other, {
      rules: [],
      metadata: { annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false' } },
    });
    await own.stop({ keep: true });
    const again = await startTestServer({ dataDirectory: own.directory });
    expect((await again.client.get(path)).body['rules']).not.toEqual([]);
    expect((await again.client.get(other)).body['rules']).toBeUndefined();
    await again.stop();
  });
});

test('who may patch and not create, does not create by applying', async () => {
  const rule = { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'patch'] };
  await made(admin.post(`${RBAC}/namespaces/team-b/roles`, role('patcher', rule)));
  await made(admin.post(`${RBAC}/namespaces/team-b/rolebindings`, binding('patcher', 'patcher', user('pat'), 'Role')));
  const apply = (name: string): Promise<Answer> =>
    admin.call('PATCH', `${B}/configmaps/${name}?fieldManager=pat&force=true`, configMap(name, { by: 'pat' }), {
      contentType: 'application/apply-patch+yaml',
      ...as('pat'),
    });
  expect((await apply('given')).code).toBe(200);
  const created = await apply('new');
  expect(created.code, created.text).toBe(403);
  expect(created.body['message']).toContain('User "pat" cannot create resource "configmaps"');
});

describe('nobody gives away what they do not have', () => {
  const configMaps = { apiGroups: [''], resources: ['configmaps'], verbs: ['get'] };
  const nodes = { apiGroups: [''], resources: ['nodes'], verbs: ['get'] };
  const roles = `${RBAC}/namespaces/team-a/roles`;
  const bindings = `${RBAC}/namespaces/team-a/rolebindings`;

  test('a role of what one has', async () => {
    await made(admin.post(roles, role('own', configMaps), as('ada')));
  });

  test('not a role of more, neither new nor changed', async () => {
    const created = await admin.post(roles, role('more', configMaps, nodes), as('ada'));
    expect(created.code).toBe(403);
    expect(created.body['message']).toBe(
      'roles.rbac.authorization.k8s.io "more" is forbidden: user "ada" (groups=["system:authenticated"]) is attempting to grant ' +
        'RBAC permissions not currently held:\n{APIGroups:[""], Resources:["nodes"], Verbs:["get"]}',
    );
    await made(admin.post(roles, role('changed', configMaps), as('ada')));
    const changed = await admin.call(
      'PATCH',
      `${roles}/changed`,
      { rules: [nodes] },
      {
        contentType: 'application/merge-patch+json',
        ...as('ada'),
      },
    );
    expect(changed.code).toBe(403);
  });

  test('not a binding to a greater role, and not one beyond the namespace', async () => {
    expect((await admin.post(bindings, binding('all', 'cluster-admin', user('ada')), as('ada'))).code).toBe(403);
    await made(admin.post(bindings, binding('eve', 'view', user('eve')), as('ada')));
    const everywhere = { ...binding('everywhere', 'view', user('ada')), kind: 'ClusterRoleBinding' };
    expect((await admin.post(`${RBAC}/clusterrolebindings`, everywhere, as('ada'))).code).toBe(403);
  });

  test('who may bind a role may, whatever it holds', async () => {
    const rule = {
      apiGroups: ['rbac.authorization.k8s.io'],
      resources: ['clusterroles'],
      resourceNames: ['cluster-admin'],
      verbs: ['bind'],
    };
    await made(admin.post(roles, role('binder', rule)));
    await made(admin.post(bindings, binding('binder', 'binder', user('ada'), 'Role')));
    await made(admin.post(bindings, binding('all', 'cluster-admin', user('root-of-a')), as('ada')));
    expect((await admin.get(`${RBAC}/namespaces/team-a/roles`, as('root-of-a'))).code).toBe(200);
  });
});

describe('tokens of ServiceAccounts', () => {
  test('are their accounts, with their groups', async () => {
    const token = await tokenOf('team-a', 'robot');
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    const { body } = await made(admin.post('/apis/authentication.k8s.io/v1/selfsubjectreviews', review, bearer(token)));
    expect(body).toMatchObject({
      status: {
        userInfo: {
          username: 'system:serviceaccount:team-a:robot',
          groups: ['system:serviceaccounts', 'system:serviceaccounts:team-a', 'system:authenticated'],
        },
      },
    });
    expect((await admin.get(`${A}/configmaps/given`, bearer(token))).code).toBe(200);
    expect((await admin.get(`${A}/secrets`, bearer(token))).code).toBe(403);
    expect((await admin.get(`${B}/configmaps/given`, bearer(token))).code).toBe(403);
  });

  test('are good for those they are for', async () => {
    const token = await tokenOf('team-a', 'robot', { audiences: ['vault'] });
    expect((await admin.get(`${A}/configmaps/given`, bearer(token))).code).toBe(401);
    const review = (audiences: string[]): JsonObject => ({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token, audiences },
    });
    const path = '/apis/authentication.k8s.io/v1/tokenreviews';
    expect((await admin.post(path, review(['vault', 'other']))).body).toMatchObject({
      status: { authenticated: true, audiences: ['vault'] },
    });
    expect((await admin.post(path, review(['other']))).body).toMatchObject({
      status: { error: 'invalid bearer token' },
    });
  });

  test('end with their account, and with what they are bound to', async () => {
    await made(
      admin.post(`${A}/serviceaccounts`, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'gone' } }),
    );
    await made(admin.post(`${A}/secrets`, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'tie' } }));
    const bound = await tokenOf('team-a', 'robot', {
      boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 'tie' },
    });
    const token = await tokenOf('team-a', 'gone');
    expect((await admin.get('/apis', bearer(token))).code).toBe(200);
    expect((await admin.get('/apis', bearer(bound))).code).toBe(200);
    await admin.delete(`${A}/serviceaccounts/gone`);
    await admin.delete(`${A}/secrets/tie`);
    expect((await admin.get('/apis', bearer(token))).code).toBe(401);
    expect((await admin.get('/apis', bearer(bound))).code).toBe(401);
  });

  test.each<[JsonObject, number, string]>([
    [{ expirationSeconds: 10 }, 422, 'may not specify a duration less than 10 minutes'],
    [{ expirationSeconds: 2 ** 33 }, 422, 'may not specify a duration larger than 2^32 seconds'],
    [{ boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 'none' } }, 404, 'secrets "none" not found'],
    [
      { boundObjectRef: { kind: 'Node', apiVersion: 'v1', name: 'none' } },
      400,
      'cannot bind token to object of type /v1, Kind=Node',
    ],
  ])('%j: %d', async (spec, code, message) => {
    const answer = await admin.post(`${A}/serviceaccounts/robot/token`, { spec });
    expect(answer.code, answer.text).toBe(code);
    expect(answer.body['message']).toContain(message);
  });

  test('a forged one is none', async () => {
    const [head = '', , signature = ''] = (await tokenOf('team-a', 'robot')).split('.');
    const claims = Buffer.from(JSON.stringify({ sub: 'system:serviceaccount:kube-system:root' })).toString('base64url');
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const token of [`${head}.${claims}.${signature}`, `${unsigned}.${claims}.`, 'a.b.c']) {
      expect((await admin.get('/api', bearer(token))).code, token).toBe(401);
    }
  });

  test('others can verify them', async () => {
    const token = await tokenOf('team-a', 'robot');
    const { body: metadata } = await admin.get('/.well-known/openid-configuration');
    const { text } = await admin.get(new URL(textAt(metadata, 'jwks_uri')).pathname);
    const { createLocalJWKSet, jwtVerify } = await import('jose');
    const { payload } = await jwtVerify(token, createLocalJWKSet(JSON.parse(text)), {
      issuer: textAt(metadata, 'issuer'),
    });
    expect(payload.sub).toBe('system:serviceaccount:team-a:robot');
  });
});

describe('client certificates', () => {
  async function certified(subject: string, signer: 'ours' | 'other'): Promise<{ cert: string; key: string }> {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const pki = join(running.directory, 'pki');
    const der = createPrivateKey(readFileSync(join(pki, 'ca.key'), 'utf8')).export({ format: 'der', type: 'pkcs8' });
    const ours = await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
    const certificate = await x509.X509CertificateGenerator.create({
      subject,
      issuer: new x509.X509Certificate(readFileSync(join(pki, 'ca.crt'), 'utf8')).subject,
      publicKey: keys.publicKey,
      signingKey: signer === 'ours' ? ours : keys.privateKey,
      signingAlgorithm: algorithm,
      notBefore: new Date(Date.now() - 60_000),
      notAfter: new Date(Date.now() + 3_600_000),
      extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
    });
    const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
    return {
      cert: certificate.toString('pem'),
      key: createPrivateKey({ key, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' }).toString(),
    };
  }

  async function statusOf(subject: string, signer: 'ours' | 'other', path: string): Promise<number | undefined> {
    const { hostname, port } = new URL(admin.origin);
    const credentials = await certified(subject, signer);
    return new Promise((resolve, reject) => {
      const sent = request({ hostname, port, path, ca: admin.ca, agent: false, ...credentials }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      sent.on('error', reject).end();
    });
  }

  test.each([
    ['CN=alice', 'ours', `${A}/configmaps/given`, 200],
    ['CN=alice', 'ours', `${B}/configmaps/given`, 403],
    ['CN=root,O=system:masters', 'ours', `${B}/configmaps/given`, 200],
    ['CN=root,O=system:masters', 'other', `${B}/configmaps/given`, 403],
  ] as const)('%s signed by %s: GET %s: %d', async (subject, signer, path, code) => {
    expect(await statusOf(subject, signer, path)).toBe(code);
  });
});

describe('without credentials', () => {
  const none = { headers: { authorization: '' } };

  test.each([
    ['/version', 200],
    ['/healthz', 200],
    ['/api', 403],
    [`${A}/configmaps/given`, 403],
  ])('%s: %d', async (path, code) => {
    expect((await admin.get(path, none)).code).toBe(code);
  });
});

describe('impersonation', () => {
  test('needs leave for each part', async () => {
    const twice = await admin.get('/apis', {
      headers: { ...bearer(await tokenOf('team-a', 'robot')).headers, 'impersonate-user': 'alice' },
    });
    expect(twice.body['message']).toBe(
      'users "alice" is forbidden: User "system:serviceaccount:team-a:robot" cannot impersonate resource "users" in API group "" at the cluster scope',
    );
    expect((await admin.get('/apis', { headers: { 'impersonate-group': 'x' } })).code).toBe(400);
  });

  test('with groups', async () => {
    expect((await admin.get(`${B}/secrets`, as('x', { 'impersonate-group': 'system:masters' }))).code).toBe(200);
    expect((await admin.get(`${A}/configmaps`, as('system:serviceaccount:team-a:robot'))).code).toBe(200);
  });
});

describe('reviews', () => {
  const path = '/apis/authorization.k8s.io/v1';
  const ask = (attributes: JsonObject): JsonObject => ({ spec: { resourceAttributes: attributes } });

  test('can I, can they', async () => {
    const mine = await admin.post(
      `${path}/selfsubjectaccessreviews`,
      ask({ verb: 'get', resource: 'secrets', namespace: 'team-a' }),
      as('alice'),
    );
    expect(mine.body).toMatchObject({
      status: {
        allowed: true,
        reason: 'RBAC: allowed by RoleBinding "editors/team-a" of ClusterRole "edit" to User "alice"',
      },
    });
    const other = await admin.post(
      `${path}/selfsubjectaccessreviews`,
      ask({ verb: 'get', resource: 'secrets', namespace: 'team-b' }),
      as('alice'),
    );
    expect(other.body).toMatchObject({ status: { allowed: false } });
    const theirs = { spec: { user: 'alice', resourceAttributes: { verb: 'delete', resource: 'nodes' } } };
    expect((await admin.post(`${path}/subjectaccessreviews`, theirs)).body).toMatchObject({
      status: { allowed: false },
    });
    expect((await admin.post(`${path}/subjectaccessreviews`, theirs, as('alice'))).code).toBe(403);
    const local = {
      spec: { user: 'alice', resourceAttributes: { verb: 'get', resource: 'secrets', namespace: 'team-a' } },
    };
    const asked = await admin.post(`${path}/namespaces/team-a/localsubjectaccessreviews`, local, as('ada'));
    expect(asked.body).toMatchObject({ status: { allowed: true } });
  });

  test('all that I can', async () => {
    const rules = await admin.post(`${path}/selfsubjectrulesreviews`, { spec: { namespace: 'team-a' } }, as('alice'));
    expect(JSON.stringify(rules.body)).toContain('"resources":["widgets"');
    expect(rules.body).toMatchObject({ status: { incomplete: false } });
  });
});

test('the audit log tells what was written and what was refused', async () => {
  const own = await startTestServer();
  await own.client.post('/api/v1/namespaces/default/configmaps', configMap('x'));
  await own.client.get('/api/v1/namespaces/default/configmaps/x');
  await own.client.get('/api/v1/namespaces/default/secrets/hidden', as('eve'));
  await own.client.get('/api', bearer('wrong'));
  await own.stop({ keep: true });
  const lines = readFileSync(join(own.directory, 'audit.log'), 'utf8').trim().split('\n');
  const events = lines.map((line) => JSON.parse(line) as JsonObject);
  expect(events).toHaveLength(3);
  expect(events[0]).toMatchObject({
    kind: 'Event',
    verb: 'create',
    user: { username: 'admin' },
    objectRef: { resource: 'configmaps', namespace: 'default', apiVersion: 'v1' },
    responseStatus: { code: 201 },
    annotations: { 'authorization.k8s.io/decision': 'allow' },
  });
  expect(events[1]).toMatchObject({
    verb: 'get',
    user: { username: 'admin' },
    impersonatedUser: { username: 'eve' },
    responseStatus: { code: 403 },
    annotations: { 'authorization.k8s.io/decision': 'forbid' },
  });
  expect(events[2]).toMatchObject({ responseStatus: { code: 401 }, user: {} });
});
