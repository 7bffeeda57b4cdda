import { afterEach, expect, test } from 'vitest';
import { startTestServer, type TestServer, temporaryDirectory } from '../testing/server.ts';

const SERVICE = '/api/v1/namespaces/default/services/kubernetes';
const ENDPOINTS = '/api/v1/namespaces/default/endpoints/kubernetes';
const SLICE = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes';

let running: TestServer | undefined;
afterEach(() => running?.stop());

test('the API is a Service of its own, which comes back when it is deleted', async () => {
  running = await startTestServer({ controllers: 'all' });
  const { client, server } = running;
  expect((await client.get(SERVICE)).body).toMatchObject({
    metadata: { labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, targetPort: server.port }] },
  });
  for (const path of [SLICE, ENDPOINTS, SERVICE]) {
    const { uid } = (await client.get(path)).body.metadata as { readonly uid: string };
    expect((await client.delete(path)).code).toBe(200);
    await client.until(path, ({ code, body }) => code === 200 && (body.metadata as { uid?: string }).uid !== uid);
  }
  const slices = await client.get('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices');
  expect(slices.body['items']).toHaveLength(1);
});

test('its endpoints are where the server is now, whoever else writes them', async () => {
  const { path: dataDirectory, remove } = temporaryDirectory();
  const first = await startTestServer({ dataDirectory });
  await first.stop({ keep: true });
  running = await startTestServer({ dataDirectory });
  const { client, server } = running;
  const here = { addresses: [{ ip: '127.0.0.1' }], ports: [{ port: server.port }] };
  expect((await client.get(ENDPOINTS)).body).toMatchObject({ subsets: [here] });
  const elsewhere = [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 1 }] }];
  expect((await client.patch(ENDPOINTS, { subsets: elsewhere })).code).toBe(200);
  await client.until(ENDPOINTS, ({ body }) => JSON.stringify(body).includes(`"port":${server.port}`));
  expect((await client.get(SLICE)).body).toMatchObject({
    endpoints: [{ addresses: ['127.0.0.1'] }],
    ports: [{ port: server.port }],
  });
  await running.stop();
  running = undefined;
  remove();
});

test('without controllers, nobody ends a namespace, and there is no Node', async () => {
  running = await startTestServer({ controllers: 'none' });
  const { client } = running;
  await client.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } });
  const { body } = await client.delete('/api/v1/namespaces/a');
  expect(body).toMatchObject({ status: { phase: 'Terminating' }, spec: { finalizers: ['kubernetes'] } });
  expect((await client.get('/api/v1/nodes')).body['items']).toEqual([]);
  const ended = await client.put('/api/v1/namespaces/a/finalize', { ...body, spec: { finalizers: [] } });
  expect(ended.code).toBe(200);
  expect((await client.get('/api/v1/namespaces/a')).code).toBe(404);
});
