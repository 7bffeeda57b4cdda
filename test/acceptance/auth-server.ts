import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

export interface AuthServer {
  readonly port: number;
  /** What it was asked, in order. */
  readonly asked: readonly Asked[];
  /** Connections that were opened so far. */
  readonly connections: () => number;
  /** What it answers from now on; undefined: nothing, it lets requests wait. */
  answer(status: number | undefined, headers?: OutgoingHttpHeaders): void;
  close(): Promise<void>;
}

/** An authentication service that says what it is told to say. */
export async function startAuthServer(): Promise<AuthServer> {
  const asked: Asked[] = [];
  let connections = 0;
  let answer: { readonly status: number | undefined; readonly headers: OutgoingHttpHeaders } = {
    status: 200,
    headers: {},
  };
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    asked.push({ method, url, headers });
    request.resume();
    if (answer.status === undefined) return;
    response.writeHead(answer.status, answer.headers);
    response.end(request.method === 'HEAD' ? undefined : 'not for clients');
  });
  // It never ends an idle connection: how many are opened is up to who asks.
  server.keepAliveTimeout = 0;
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    connections: () => connections,
    answer: (status, headers = {}) => {
      answer = { status, headers };
    },
    close: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}
