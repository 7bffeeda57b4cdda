/**
 * Connections of one port that nginx took, and does not end itself at once: TLS connections that are passed on without a look inside. nginx takes them from the clients and hands over those whose server name
 * may pass through (targets/nginx/conf/passthrough.ts), each with a PROXY header that names the client. Here the name decides once
 * more, by the records, which are newer than nginx's configuration: what does not pass through goes back to nginx, which ends TLS.
 * What passes through goes on as it is, or has its TLS ended here.
 *
 * Where clients may say by a PROXY header of their own whom they speak for, or not, nginx hands over all connections of the port, also those without
 * TLS: a listening socket of nginx wants a header of every connection or of none. They go back with one.
 */
import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { endedSocket, passedSocket } from '../policy/listen-file.ts';
import type { PassthroughRecord } from '../policy/record.ts';
import { peekClientHello } from './client-hello.ts';
import { connected, connectToEndpoint, join, reset } from './endpoint-connection.ts';
import { isInNetworks } from './networks.ts';
import { upstreamOf } from './peer-choice.ts';
import { type Ends, type ProxyHeader, proxyHeader, takeProxyHeader, takeProxyHeaderIfThere } from './proxy-protocol.ts';
import type { SessionEnd } from './session-log.ts';
import type { ListenerContext } from './tcp-listener.ts';
import { endTls } from './tls-end.ts';
import { listenInFolder } from './unix-listen.ts';

export interface TlsListenerOptions extends ListenerContext {
  readonly port: number;
  /** Networks (CIDR) of clients whose word about others before them counts. */
  readonly trusted: readonly string[];
  /** Connections may begin with a PROXY header of the client, which is believed. */
  readonly mayHaveHeader?: true;
}

/** nginx sends both at once; it has waited for the client. */
const BEGINNING_MS = 5_000;
const HAND_BACK_MS = 5_000;
const HANDSHAKE_MS = 10_000;

export class TlsListener {
  readonly #options: TlsListenerOptions;
  readonly #server: Server;
  readonly #sessions: Set<Socket>;
  trusted: readonly string[];
  mayHaveHeader: boolean;

  /** @param sessions where open connections are noted; they outlive the listener */
  constructor(options: TlsListenerOptions, sessions: Set<Socket>) {
    this.#options = options;
    this.#sessions = sessions;
    this.trusted = options.trusted;
    this.mayHaveHeader = options.mayHaveHeader === true;
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
      void this.#serve(client);
    });
  }

  /** @throws the error of the system */
  open(): Promise<void> {
    const { directory, port } = this.#options;
    return listenInFolder(this.#server, directory, passedSocket(port));
  }

  /** Takes no more connections; those that are open go on. */
  close(): void {
    this.#server.close();
  }

  /** Nobody shall connect any more, not even to another process. */
  removeSocket(): void {
    rmSync(path.join(this.#options.directory, passedSocket(this.#options.port)), { force: true });
  }

  async #serve(client: Socket): Promise<void> {
    const { port, state, log, meter } = this.#options;
    const begun = performance.now();
    this.#sessions.add(client);
    client.on('error', () => {}); // 'close' follows
    client.once('close', () => this.#sessions.delete(client));
    const header = await this.#takeHeaders(client);
    const ends = header === 'broken' ? undefined : header.ends;
    const hello = ends === undefined ? 'other' : await peekClientHello(client, BEGINNING_MS);
    if (ends === undefined || header === 'broken' || client.destroyed) {
      client.destroy();
      return;
    }
    const record = hello === 'other' ? undefined : state.passthrough(port, hello.serverName);
    if (record === undefined) {
      await this.#handBack(client, ends);
      return;
    }
    const bytesOf = () => ({ received: client.bytesRead - header.length, sent: client.bytesWritten });
    const metered = meter.begin(`tls:${port}`, bytesOf);
    let ended = false;
    const end = (status: SessionEnd['status'], upstream: string): void => {
      if (ended) return;
      ended = true;
      metered.end(status, upstream);
      const { received, sent } = bytesOf();
      log.write({
        ...{ client: ends.client.address, protocol: 'TLS', port, status, bytesReceived: received, bytesSent: sent },
        seconds: (performance.now() - begun) / 1000,
      });
    };
    const group = state.group(record.group);
    const inner =
      group === undefined || hello === 'other' ? client : await this.#opened(client, hello.serverName, record);
    if (inner === undefined) {
      end(400, '');
      return;
    }
    const found = group === undefined ? 500 : await connectToEndpoint(group, record, inner, ends.client.address);
    if (typeof found === 'number') {
      reset(client);
      end(found, '');
      return;
    }
    const upstream = upstreamOf(found.peer);
    client.once('close', () => end(200, upstream));
    if (client.destroyed) end(200, upstream);
    join(inner, found.socket, record.idleMs);
  }

  /** nginx's, and that of the client where there is one. */
  async #takeHeaders(client: Socket): Promise<ProxyHeader | 'broken'> {
    const header = await takeProxyHeader(client, BEGINNING_MS);
    if (header === 'broken' || !this.mayHaveHeader) return header;
    const told = await takeProxyHeaderIfThere(client, BEGINNING_MS);
    if (told === 'broken') return told;
    return { ends: told.ends ?? header.ends, length: header.length + told.length };
  }

  /** Without its TLS, if that is ended here; undefined: the handshake failed. */
  async #opened(client: Socket, serverName: string, { end }: PassthroughRecord): Promise<Socket | undefined> {
    if (end === undefined) return client;
    const { state } = this.#options;
    return endTls(client, serverName, end, { certificate: (id) => state.certificate(id), timeoutMs: HANDSHAKE_MS });
  }

  /** To nginx, as if it had kept the connection. */
  async #handBack(client: Socket, ends: Ends): Promise<void> {
    const { port } = this.#options;
    const socket = endedSocket(port, isInNetworks(ends.client.address, this.trusted) ? 'trusted' : 'stranger');
    const nginx = await connected({ path: socket }, HAND_BACK_MS);
    if (nginx === undefined) {
      client.destroy();
      return;
    }
    nginx.write(proxyHeader('v1', ends));
    join(client, nginx, 0);
  }
}
