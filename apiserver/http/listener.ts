import { createSecureServer, type Http2SecureServer, type Http2Session } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Credentials } from '../pki/authority.ts';
import type { HttpRequest, HttpResponse } from './exchange.ts';

export interface ListenerOptions {
  readonly port: number;
  readonly bind: string;
  readonly credentials: Credentials;
  readonly serve: (request: HttpRequest, response: HttpResponse) => Promise<void>;
}

const KEEP_ALIVE_MS = 90_000;
/** Node's default of 10 MB refuses new streams while a few long lists are under way. */
const SESSION_MEMORY_MB = 512;

/** The TLS port: HTTP/2 for kubectl and client-go, HTTP/1.1 for those who prefer it. */
export class Listener {
  readonly #server: Http2SecureServer;
  /** Open connections, and how many requests of HTTP/1.1 are under way on each. */
  readonly #sockets = new Map<Socket, number>();
  readonly #sessions = new Set<Http2Session>();

  #closing = false;

  private constructor(server: Http2SecureServer, serve: ListenerOptions['serve']) {
    this.#server = server;
    server.on('request', (request, response) => {
      if (request.httpVersionMajor === 1) this.#track(request.socket, response);
      void serve(request, response);
    });
    server.on('secureConnection', (socket: TLSSocket) => {
      // Node does so for HTTP/2 alone; otherwise a watch event waits up to 40 ms for the acknowledgement of the one before.
      socket.setNoDelay(true);
      this.#sockets.set(socket, 0);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    server.on('session', (session: Http2Session) => {
      this.#sessions.add(session);
      session.on('close', () => this.#sessions.delete(session));
    });
  }

  static async open({ port, bind, credentials, serve }: ListenerOptions): Promise<Listener> {
    const options = {
      allowHTTP1: true,
      minVersion: 'TLSv1.2',
      cert: credentials.certificate,
      key: credentials.key,
      // Certificates of clients are optional; one of another authority makes nobody known.
      requestCert: true,
      rejectUnauthorized: false,
      ca: credentials.caCertificate,
      maxSessionMemory: SESSION_MEMORY_MB,
      keepAliveTimeout: KEEP_ALIVE_MS,
      settings: { maxConcurrentStreams: 2000, initialWindowSize: 1024 * 1024 },
    } as const;
    const server = createSecureServer(options);
    const listener = new Listener(server, serve);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, bind, () => {
        server.off('error', reject);
        resolve();
      });
    });
    server.on('tlsClientError', () => {});
    server.on('sessionError', () => {});
    return listener;
  }

  get port(): number {
    const address: AddressInfo | string | null = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** New connections get these. */
  renew({ caCertificate, certificate, key }: Credentials): void {
    this.#server.setSecureContext({ cert: certificate, key, ca: caCertificate });
  }

  /** Takes nothing new; what is under way gets a moment to end. */
  async close(graceMs = 500): Promise<void> {
    this.#closing = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    // HTTP/2 sessions close when their streams have ended, connections of HTTP/1.1 have to be told.
    for (const session of this.#sessions) session.close();
    for (const [socket, requests] of this.#sockets) if (requests === 0 && !isHttp2(socket)) socket.end();
    const cut = setTimeout(() => {
      for (const socket of this.#sockets.keys()) socket.destroy();
    }, graceMs);
    await closed;
    clearTimeout(cut);
  }

  #track(socket: Socket, response: HttpResponse): void {
    this.#sockets.set(socket, (this.#sockets.get(socket) ?? 0) + 1);
    response.on('close', () => {
      const requests = (this.#sockets.get(socket) ?? 1) - 1;
      if (this.#sockets.has(socket)) this.#sockets.set(socket, requests);
      if (this.#closing && requests === 0) socket.end();
    });
  }
}

function isHttp2(socket: Socket): boolean {
  return 'alpnProtocol' in socket && socket.alpnProtocol === 'h2';
}
