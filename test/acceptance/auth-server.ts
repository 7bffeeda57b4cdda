import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestCertificate } from '@causeway/dataplane/test/certificates';

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
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

/** An authentication service that says what it is told to say. @param certificate with it by TLS */
export async function startAuthServer(certificate?: TestCertificate): Promise<AuthServer> {
  const asked: Asked[] = [];
  let connections = 0;
  let answer: { readonly status: number | undefined; readonly headers: OutgoingHttpHeaders } = {
    status: 200,
    headers: {},
  };
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const { method = '', url = '', headers } = request;
    void text(request).then((body) => {
      asked.push({ method, url, headers, body });
      if (answer.status === undefined) return;
      response.writeHead(answer.status, answer.headers);
      response.end(request.method === 'HEAD' ? undefined : 'not for clients');
    });
  };
  const server =
    certificate === undefined
      ? createServer(onRequest)
      : createSecureServer({ cert: certificate.chainPem, key: certificate.keyPem }, onRequest);
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
