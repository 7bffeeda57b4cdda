import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSigned } from '@causeway/dataplane/test/certificates';
import type { Instance } from '@causeway/resources/kinds';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readMetricsPage } from './metrics-page.ts';

let server: Server;
let fingerprint: string;
/** Authorization headers that arrived. */
let tokens: (string | undefined)[];

beforeEach(async () => {
  const { chainPem, keyPem } = await selfSigned('localhost');
  fingerprint = new X509Certificate(chainPem).fingerprint256;
  tokens = [];
  server = createServer({ cert: chainPem, key: keyPem }, (request, response) => {
    tokens.push(request.headers.authorization);
    response.statusCode = request.headers.authorization === 'Bearer right' ? 200 : 401;
    response.end('metric 1\n');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

function instance(certificateSha256: string, addresses = ['127.0.0.2', '127.0.0.1']): Instance {
  const { port } = server.address() as AddressInfo;
  return {
    apiVersion: 'causeway.dev/v1alpha1',
    kind: 'Instance',
    metadata: { name: 'i', namespace: 'ns' },
    spec: {},
    status: {
      ports: [{ port, protocol: 'metrics', state: 'listening' }],
      metrics: { addresses, certificateSha256 },
    },
  };
}

test('the first address that answers, with the token', async () => {
  expect(await readMetricsPage(instance(fingerprint), 'right')).toBe('metric 1\n');
});

test('a token that is refused', async () => {
  await expect(readMetricsPage(instance(fingerprint), 'wrong')).rejects.toThrow('the metrics want a token');
});

test('who shows another certificate than the instance reported gets no request, and no token', async () => {
  const reading = readMetricsPage(instance(fingerprint.replace(/^../, 'no')), 'right');
  await expect(reading).rejects.toThrow('127.0.0.1: another certificate than that of the instance');
  expect(tokens).toEqual([]);
});

test('an instance that reports no place', async () => {
  await expect(readMetricsPage({ ...instance(fingerprint), status: {} }, 'right')).rejects.toThrow(
    'instance i serves no metrics',
  );
});
