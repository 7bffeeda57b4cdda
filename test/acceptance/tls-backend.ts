import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { TestCertificate } from '@causeway/dataplane/test/certificates';
import { WebSocketServer } from 'ws';

/** What a TLS backend saw of a request, as it tells in the body. */
export interface SeenByTls {
  readonly backend: string;
  /** Server name indication; '' for none. */
  readonly serverName: string;
  /** Common name of the certificate that the client showed; '' for none. */
  readonly client: string;
  readonly protocol: string;
  readonly cipher: string;
  /** Numbers the connection, from 1. */
  readonly connection: number;
  /** A TLS session that was made on another connection. */
  readonly resumed: boolean;
}

export interface TlsBackend {
  readonly name: string;
  readonly port: number;
  /** That have come. */
  readonly requests: () => number;
  close(): Promise<void>;
}

/** Answers 200 with {@link SeenByTls}; it asks for a certificate and takes any. WebSockets echo. */
export async function startTlsBackend(name: string, { chainPem, keyPem }: TestCertificate): Promise<TlsBackend> {
  const numbers = new WeakMap<object, number>();
  let connections = 0;
  let requests = 0;
  const server = createServer(
    { cert: chainPem, key: keyPem, requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.2' },
    (request, response) => {
      requests += 1;
      request.resume();
      response.setHeader('x-backend', name);
      response.end(JSON.stringify(seen(name, request, numbers)));
    },
  );
  // It never ends an idle connection: how many there are is up to who asks.
  server.keepAliveTimeout = 0;
  server.on('secureConnection', (socket: TLSSocket) => {
    connections += 1;
    numbers.set(socket, connections);
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`${name}: ${String(data)}`)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    name,
    port: (server.address() as AddressInfo).port,
    requests: () => requests,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

function seen(backend: string, { socket }: IncomingMessage, numbers: WeakMap<object, number>): SeenByTls {
  const tls = socket as TLSSocket & { readonly servername?: string | false };
  return {
    backend,
    serverName: tls.servername || '',
    client: String(tls.getPeerCertificate().subject?.CN ?? ''),
    protocol: tls.getProtocol() ?? '',
    cipher: tls.getCipher().name,
    connection: numbers.get(socket) ?? 0,
    resumed: tls.isSessionReused(),
  };
}

/** Answers any gRPC call with one empty message, over TLS; says its name in `x-backend`. */
export async function startGrpcTlsBackend(name: string, { chainPem, keyPem }: TestCertificate): Promise<TlsBackend> {
  const server = createSecureServer({ cert: chainPem, key: keyPem });
  let requests = 0;
  server.on('stream', (stream) => {
    requests += 1;
    stream.resume();
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc', 'x-backend': name },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.alloc(5));
  });
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    name,
    port: (server.address() as AddressInfo).port,
    requests: () => requests,
    close: async () => {
      for (const session of sessions) session.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
