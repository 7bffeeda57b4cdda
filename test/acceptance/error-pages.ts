import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a default backend was asked. */
export interface PageRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface ErrorPagesBackend {
  readonly port: number;
  close(): Promise<void>;
}

/** A default backend as ingress-nginx describes them: answers with the status of X-Code, and tells what it was asked in the body. */
export async function startErrorPages(): Promise<ErrorPagesBackend> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      response.writeHead(Number(headers['x-code'] ?? 404), { 'x-backend': 'pages' });
      response.end(JSON.stringify({ method, url, headers, body } satisfies PageRequest));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}
