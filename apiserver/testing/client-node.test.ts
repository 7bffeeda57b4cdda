import {
  ApiException,
  AppsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  makeInformer,
  type V1ConfigMap,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer, widgetDefinition } from './server.ts';

/* A client that somebody else wrote: what it takes for granted must hold. */

let running: TestServer;
let config: KubeConfig;
let core: CoreV1Api;

beforeAll(async () => {
  running = await startTestServer({ customResources: [widgetDefinition()] });
  config = new KubeConfig();
  config.loadFromFile(running.server.kubeconfig);
  core = config.makeApiClient(CoreV1Api);
});

afterAll(() => running.stop());

test('typed objects go through create, read, replace, list and delete', async () => {
  const namespace = 'default';
  const made = await core.createNamespacedSecret({
    namespace,
    body: { metadata: { name: 'typed' }, stringData: { password: 'x' } },
  });
  expect([made.type, made.data]).toEqual(['Opaque', { password: 'eA==' }]);
  expect(made.metadata?.creationTimestamp).toBeInstanceOf(Date);
  const replaced = await core.replaceNamespacedSecret({
    namespace,
    name: 'typed',
    body: { ...made, data: { a: 'Yg==' } },
  });
  expect(replaced.data).toEqual({ a: 'Yg==' });
  const stale = core.replaceNamespacedSecret({ namespace, name: 'typed', body: { ...made, data: { a: 'Yw==' } } });
  await expect(stale).rejects.toMatchObject({ code: 409 });
  expect((await core.listNamespacedSecret({ namespace })).items.map((secret) => secret.metadata?.name)).toEqual([
    'typed',
  ]);
  expect((await core.deleteNamespacedSecret({ namespace, name: 'typed' })).status).toBe('Success');
  await expect(core.readNamespacedSecret({ namespace, name: 'typed' })).rejects.toBeInstanceOf(ApiException);
});

test('scale of a Deployment', async () => {
  const apps = config.makeApiClient(AppsV1Api);
  const labels = { app: 'scaled' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const body = { metadata: { name: 'scaled' }, spec: { selector: { matchLabels: labels }, template } };
  await apps.createNamespacedDeployment({ namespace: 'default', body });
  const scale = await apps.readNamespacedDeploymentScale({ namespace: 'default', name: 'scaled' });
  scale.spec = { replicas: 4 };
  await apps.replaceNamespacedDeploymentScale({ namespace: 'default', name: 'scaled', body: scale });
  const scaled = await apps.readNamespacedDeployment({ namespace: 'default', name: 'scaled' });
  expect([scaled.spec?.replicas, scaled.metadata?.generation]).toEqual([4, 2]);
});

test('custom objects and their status', async () => {
  const custom = config.makeApiClient(CustomObjectsApi);
  const at = { group: 'example.org', version: 'v1', namespace: 'default', plural: 'widgets' };
  const made = await custom.createNamespacedCustomObject({
    ...at,
    body: { metadata: { name: 'w' }, spec: { size: 2 } },
  });
  const status = await custom.replaceNamespacedCustomObjectStatus({
    ...at,
    name: 'w',
    body: { ...made, status: { phase: 'Ready' } },
  });
  expect(status).toMatchObject({ spec: { size: 2 }, status: { phase: 'Ready' } });
});

test('an informer follows the changes', async () => {
  const path = '/api/v1/namespaces/default/configmaps';
  const informer = makeInformer(config, path, () => core.listNamespacedConfigMap({ namespace: 'default' }));
  const seen: string[] = [];
  const deleted = new Promise<void>((resolve) => {
    informer.on('add', (map: V1ConfigMap) => void seen.push(`add ${map.metadata?.name}`));
    informer.on('update', (map: V1ConfigMap) => void seen.push(`update ${map.data?.['a']}`));
    informer.on('delete', () => resolve());
  });
  await informer.start();
  await core.createNamespacedConfigMap({ namespace: 'default', body: { metadata: { name: 'followed' } } });
  const body = { metadata: { name: 'followed' }, data: { a: '1' } };
  await core.replaceNamespacedConfigMap({ namespace: 'default', name: 'followed', body });
  await core.deleteNamespacedConfigMap({ namespace: 'default', name: 'followed' });
  await deleted;
  await informer.stop();
  expect(seen).toEqual(['add followed', 'update 1']);
});
