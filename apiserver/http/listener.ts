import { createSecureServer, type Http2SecureServer, type Http2Session } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
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
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<Http2Session>();

  private constructor(server: Http2SecureServer) {
    this.#server = server;
    server.on('secureConnection', (socket: Socket) => {
      this.#sockets.add(socket);
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
      maxSessionMemory: SESSION_MEMORY_MB,
      keepAliveTimeout: KEEP_ALIVE_MS,
      settings: { maxConcurrentStreams: 2000, initialWindowSize: 1024 * 1024 },
    } as const;
    const server = createSecureServer(options, (request, response) => {
      void serve(request, response);
    });
    const listener = new Listener(server);
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
  renew({ certificate, key }: Credentials): void {
    this.#server.setSecureContext({ cert: certificate, key });
  }

  /** Takes nothing new; what is under way gets a moment to end. */
  async close(graceMs = 500): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.#sessions) session.close();
    const cut = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, graceMs);
    // Idle HTTP/1.1 connections would keep the server open for the whole grace time.
    for (const socket of this.#sockets) if (socket.bytesWritten > 0 && socket.writableLength === 0) socket.end();
    await closed;
    clearTimeout(cut);
  }
}
