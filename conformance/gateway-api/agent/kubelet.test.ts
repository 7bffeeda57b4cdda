import { startTestServer, type TestServer } from '@causeway/apiserver/testing/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Kubelet, startKubelet } from './kubelet.ts';

const PODS = '/api/v1/namespaces/default/pods';
const SINCE = '2026-11-21T12:00:00Z';

describe('pods/log asks the kubelet of the node', () => {
  let api: TestServer;
  let kubelet: Kubelet;

  beforeAll(async () => {
    api = await startTestServer();
    kubelet = await startKubelet((namespace, pod, since) =>
      pod === 'gone' ? undefined : `${namespace}/${pod} since ${new Date(since).toISOString()}\n`,
    );
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'one' } };
    await api.client.post('/api/v1/nodes', node);
    const status = {
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      daemonEndpoints: { kubeletEndpoint: { Port: kubelet.port } },
    };
    await api.client.put('/api/v1/nodes/one/status', { ...node, status });
    await pod('served', { nodeName: 'one' });
    await pod('gone', { nodeName: 'one' });
    await pod('nowhere', {});
    await pod('lost', { nodeName: 'two' });
    await pod('pair', { nodeName: 'one', containers: ['a', 'b'].map((name) => ({ name, image: 'i' })) });
  });

  afterAll(async () => {
    kubelet.close();
    await api.stop();
  });

  async function pod(name: string, spec: object): Promise<void> {
    const containers = [{ name: 'only', image: 'i' }];
    await api.client.post(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers, ...spec } });
  }

  const cases = [
    { path: `served/log?sinceTime=${SINCE}`, code: 200, says: 'default/served since 2026-11-21T12:00:00.000Z\n' },
    { path: 'served/log?container=only', code: 200, says: 'default/served since 1970' },
    { path: 'served/log?container=other', code: 400, says: 'container other is not valid for pod served' },
    { path: 'gone/log', code: 404, says: 'not found' },
    { path: 'pair/log', code: 400, says: 'a container name must be specified for pod pair, choose one of: [a b]' },
    { path: 'pair/log?container=b', code: 200, says: 'default/pair' },
    { path: 'nowhere/log', code: 400, says: 'nothing runs containers here' },
    { path: 'lost/log', code: 404, says: 'nodes \\"two\\" not found' },
    { path: 'missing/log', code: 404, says: 'pods \\"missing\\" not found' },
  ];
  for (const { path, code, says } of cases) {
    test(path, async () => {
      const answer = await api.client.get(`${PODS}/${path}`);
      expect(answer.code).toBe(code);
      expect(answer.text).toContain(says);
    });
  }

  test('nobody writes it', async () => {
    const answer = await api.client.post(`${PODS}/served/log`, {});
    expect(answer.code).toBe(405);
  });
});
