import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSigned } from '@causeway/dataplane/test/certificates';

/** The part of a kubelet that an API server asks: what a container has printed. */
export interface Kubelet {
  readonly port: number;
  close(): void;
}

/** @param logOf what the container of a Pod has printed since a time in ms; undefined: there is no such Pod */
export async function startKubelet(
  logOf: (namespace: string, pod: string, since: number) => string | undefined,
): Promise<Kubelet> {
  const { keyPem, chainPem } = await selfSigned('kubelet');
  const server = createServer({ key: keyPem, cert: chainPem }, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://kubelet');
    const [, what, namespace = '', pod = ''] = pathname.split('/');
    const since = Date.parse(searchParams.get('sinceTime') ?? '');
    const log = what === 'containerLogs' ? logOf(namespace, pod, Number.isNaN(since) ? 0 : since) : undefined;
    response.writeHead(log === undefined ? 404 : 200, { 'content-type': 'text/plain' });
    response.end(log ?? 'not found\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, close: () => void server.close() };
}
