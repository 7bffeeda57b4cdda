import { afterAll, beforeAll, expect, test } from 'vitest';
import { objectAt } from '../schema/json.ts';
import { startTestServer, type TestClient, type TestServer } from '../testing/server.ts';

/* Claims and volumes that are deleted stay until nothing uses them. */

let running: TestServer;
let client: TestClient;

beforeAll(async () => {
  running = await startTestServer({ controllers: 'all' });
  client = running.client;
});
afterAll(() => running.stop());

const claims = '/api/v1/namespaces/default/persistentvolumeclaims';
const pods = '/api/v1/namespaces/default/pods';
const volumes = '/api/v1/persistentvolumes';
const accessModes = ['ReadWriteOnce'];

async function makeClaim(name: string): Promise<void> {
  const spec = { accessModes, resources: { requests: { storage: '1Gi' } } };
  const { body } = await client.post(claims, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec,
  });
  expect(body).toHaveProperty('metadata.finalizers', ['kubernetes.io/pvc-protection']);
}

async function makePod(name: string, claimName: string, node: object): Promise<void> {
  const spec = {
    containers: [{ name: 'c', image: 'i:1' }],
    volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }],
    ...node,
  };
  expect((await client.post(pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec })).code).toBe(201);
}

test('a claim stays while a Pod on a node uses it', async () => {
  await makeClaim('used');
  await makePod('runs', 'used', { nodeName: 'n' });
  await client.delete(`${claims}/used`);
  const { body } = await client.get(`${claims}/used`);
  expect(objectAt(body, 'metadata')).toHaveProperty('deletionTimestamp');
  await client.delete(`${pods}/runs`);
  await client.until(`${claims}/used`, ({ code }) => code === 404);
});

test('a Pod that is on no node holds no claim', async () => {
  await makeClaim('wanted');
  await makePod('waits', 'wanted', {});
  await client.delete(`${claims}/wanted`);
  await client.until(`${claims}/wanted`, ({ code }) => code === 404);
});

test('a volume stays while it is bound', async () => {
  const spec = { accessModes, capacity: { storage: '1Gi' }, hostPath: { path: '/x' } };
  await client.post(volumes, { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'v' }, spec });
  await client.patch(`${volumes}/v/status`, { status: { phase: 'Bound' } });
  await client.delete(`${volumes}/v`);
  expect((await client.get(`${volumes}/v`)).body).toHaveProperty('metadata.finalizers', [
    'kubernetes.io/pv-protection',
  ]);
  await client.patch(`${volumes}/v/status`, { status: { phase: 'Released' } });
  await client.until(`${volumes}/v`, ({ code }) => code === 404);
});
