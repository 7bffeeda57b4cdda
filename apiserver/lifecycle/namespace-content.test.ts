import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type JsonObject, objectAt, objectsAt } from '../schema/json.ts';
import { startTestServer, type TestClient, type TestServer } from '../testing/server.ts';

let running: TestServer;
let client: TestClient;

beforeAll(async () => {
  running = await startTestServer({ controllers: 'all' });
  client = running.client;
});
afterAll(() => running.stop());

function pod(name: string, spec: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [{ name: 'c', image: 'i:1' }], ...spec },
  };
}

describe.each(['default', 'kube-system', 'new'])('namespace %s', (namespace) => {
  const path = `/api/v1/namespaces/${namespace}`;
  beforeAll(async () => {
    await client.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  });

  test('has its account and the certificate authority, and gets them back', async () => {
    const account = await client.until(`${path}/serviceaccounts/default`, ({ code }) => code === 200);
    const { uid } = objectAt(account.body, 'metadata') ?? {};
    const roots = `${path}/configmaps/kube-root-ca.crt`;
    const root = await client.until(roots, ({ code }) => code === 200);
    expect(root.body).toHaveProperty('data', { 'ca.crt': client.ca });
    await client.delete(`${path}/serviceaccounts/default`);
    await client.delete(roots);
    const other = await client.until(`${path}/serviceaccounts/default`, ({ code }) => code === 200);
    expect(objectAt(other.body, 'metadata')?.['uid']).not.toBe(uid);
    await client.until(roots, ({ code }) => code === 200);
    await client.patch(roots, { data: { 'ca.crt': 'mine' } });
    await client.until(roots, ({ body }) => objectAt(body, 'data')?.['ca.crt'] === client.ca);
  });
});

test('a namespace that is deleted takes them along', async () => {
  await client.delete('/api/v1/namespaces/new');
  await client.until('/api/v1/namespaces/new', ({ code }) => code === 404);
  expect(objectsAt((await client.get('/api/v1/serviceaccounts')).body, 'items').map(namespaceOf)).not.toContain('new');
});

function namespaceOf(object: JsonObject): unknown {
  return objectAt(object, 'metadata')?.['namespace'];
}

describe('a Pod', () => {
  const pods = '/api/v1/namespaces/default/pods';
  test('gets the account, a token, a priority and tolerations', async () => {
    const { body } = await client.post(pods, pod('plain', { volumes: [{ name: 'v' }] }));
    expect(body).toMatchObject({
      spec: {
        serviceAccountName: 'default',
        serviceAccount: 'default',
        priority: 0,
        preemptionPolicy: 'PreemptLowerPriority',
        enableServiceLinks: true,
        tolerations: [
          { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
          { key: 'node.kubernetes.io/unreachable' },
        ],
        containers: [
          { volumeMounts: [{ readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }] },
        ],
        volumes: [{ name: 'v', emptyDir: {} }, { projected: { sources: [{}, {}, {}] } }],
      },
      status: { qosClass: 'BestEffort' },
    });
  });

  test('says what it wants otherwise', async () => {
    const resources = { limits: { cpu: '1', memory: '1Gi' } };
    const containers = [{ name: 'c', image: 'i:1', resources }];
    const { body } = await client.post(pods, pod('own', { automountServiceAccountToken: false, containers }));
    expect(objectAt(body, 'spec')).not.toHaveProperty('volumes');
    expect(body).toMatchObject({
      spec: { containers: [{ resources: { requests: resources.limits } }] },
      status: { qosClass: 'Guaranteed' },
    });
  });

  test.each([
    {
      spec: { serviceAccountName: 'nobody' },
      want: 'error looking up service account default/nobody: serviceaccount "nobody" not found',
    },
    { spec: { priorityClassName: 'none' }, want: 'no PriorityClass with name none was found' },
  ])('is forbidden: $want', async ({ spec, want }) => {
    const answer = await client.post(pods, pod('bad', spec));
    expect([answer.code, answer.body['message']]).toEqual([403, `pods "bad" is forbidden: ${want}`]);
  });
});
