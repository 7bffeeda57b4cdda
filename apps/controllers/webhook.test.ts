import { X509Certificate } from 'node:crypto';
import type { KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import { ApiError } from '@causeway/protocols/kubernetes/api-error';
import { Snapshot } from '@causeway/resources/snapshot';
import pino from 'pino';
import { Agent, request } from 'undici';
import { afterEach, expect, test } from 'vitest';
import { storedCredentials, trustAuthority } from './webhook-credentials.ts';
import { serveWebhook, useCredentials } from './webhook-server.ts';

const SERVICE = { namespace: 'causeway-system', name: 'causeway-webhook' };
const NOW = new Date('2026-01-01T00:00:00Z');
const DAY_MS = 24 * 3600_000;
const DNS_NAME = 'causeway-webhook.causeway-system.svc';

type Stored = KubernetesObject & { data?: Record<string, string>; webhooks?: unknown };

/** Objects by kind, with versions that count up. */
function storeOf(objects: Record<string, Stored> = {}) {
  const conflict = () => new ApiError({ code: 409, reason: 'Conflict', message: 'conflict' });
  const patches: unknown[] = [];
  const put = (kind: KindRef, object: KubernetesObject): Promise<KubernetesObject> => {
    const resourceVersion = String(Number(objects[kind.kind]?.metadata.resourceVersion ?? 0) + 1);
    objects[kind.kind] = { ...object, metadata: { ...object.metadata, resourceVersion } };
    return Promise.resolve(object);
  };
  return {
    objects,
    patches,
    get: (kind: KindRef) => Promise.resolve(objects[kind.kind]),
    create: (kind: KindRef, object: KubernetesObject) =>
      objects[kind.kind] === undefined ? put(kind, object) : Promise.reject(conflict()),
    update: (kind: KindRef, object: KubernetesObject) =>
      objects[kind.kind]?.metadata.resourceVersion === object.metadata.resourceVersion
        ? put(kind, object)
        : Promise.reject(conflict()),
    patch: (_kind: KindRef, _key: unknown, patch: unknown) => {
      patches.push(patch);
      return Promise.resolve({} as KubernetesObject);
    },
  };
}

test('replicas that start at once share a certificate; it is renewed before it ends, under the same authority', async () => {
  const store = storeOf();
  const [one, other] = await Promise.all([
    storedCredentials(store, SERVICE, NOW),
    storedCredentials(store, SERVICE, NOW),
  ]);
  expect(other).toEqual(one);
  expect(new X509Certificate(one.certificate).checkHost(DNS_NAME)).toBe(DNS_NAME);
  expect(await storedCredentials(store, SERVICE, new Date(NOW.getTime() + 200 * DAY_MS))).toEqual(one);
  const later = await storedCredentials(store, SERVICE, new Date(NOW.getTime() + 330 * DAY_MS));
  expect(later.certificate).not.toBe(one.certificate);
  expect(later.caCertificate).toBe(one.caCertificate);
});

test('the API server is told once whom to trust, and again when the configuration was applied anew', async () => {
  const service = { ...SERVICE, path: '/review' };
  const configuration = (caBundle?: string): Stored => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: SERVICE.name, resourceVersion: '7' },
    webhooks: [{ clientConfig: { service, ...(caBundle === undefined ? {} : { caBundle }) } }],
  });
  const kind = 'ValidatingWebhookConfiguration';
  const store = storeOf({ [kind]: configuration() });
  await trustAuthority(store, SERVICE.name, SERVICE, 'authority');
  const value = Buffer.from('authority').toString('base64');
  expect(store.patches).toEqual([
    [
      { op: 'test', path: '/metadata/resourceVersion', value: '7' },
      { op: 'add', path: '/webhooks/0/clientConfig/caBundle', value },
    ],
  ]);
  store.objects[kind] = configuration(value);
  await trustAuthority(store, SERVICE.name, SERVICE, 'authority');
  delete store.objects[kind];
  await trustAuthority(store, SERVICE.name, SERVICE, 'authority');
  expect(store.patches.length).toBe(1);
});

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0)) await end();
});

test('the server answers reviews, says when it is ready, and takes another certificate while it runs', async () => {
  const credentials = await storedCredentials(storeOf(), SERVICE, new Date());
  let isComplete = false;
  const { present } = new Snapshot();
  const server = await serveWebhook({
    host: '127.0.0.1',
    port: 0,
    credentials,
    read: () => (isComplete ? present : undefined),
    log: pino({ level: 'silent' }),
  });
  ending.push(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const ask = async (method: 'GET' | 'POST', path: string, body?: string, ca = credentials.caCertificate) => {
    const dispatcher = new Agent({ connect: { ca, servername: DNS_NAME } });
    const response = await request(`https://127.0.0.1:${port}${path}`, { method, dispatcher, body: body ?? null });
    const text = await response.body.text();
    await dispatcher.destroy();
    return { code: response.statusCode, text };
  };
  const review = JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: 'u', operation: 'DELETE', kind: { group: '', kind: 'Pod' }, resource: { resource: 'pods' } },
  });
  expect((await ask('GET', '/readyz')).code).toBe(503);
  expect((await ask('POST', '/review', review)).code).toBe(503);
  isComplete = true;
  expect((await ask('GET', '/readyz')).code).toBe(200);
  expect(JSON.parse((await ask('POST', '/review', review)).text)).toMatchObject({
    response: { uid: 'u', allowed: true },
  });
  expect((await ask('POST', '/review', '{')).code).toBe(400);
  expect((await ask('POST', '/review', '{}')).code).toBe(400);
  expect((await ask('POST', '/review', ' '.repeat(9 * 1024 * 1024))).code).toBe(413);
  expect((await ask('GET', '/review')).code).toBe(404);
  const other = await storedCredentials(storeOf(), SERVICE, new Date());
  useCredentials(server, other);
  expect((await ask('GET', '/readyz', undefined, other.caCertificate)).code).toBe(200);
});
