/** One TCP port on one address: takes connections and passes their bytes on to an endpoint and back. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Peer } from '../policy/record.ts';
import { isInNetworks } from './networks.ts';
import { hostOf, peersFor, upstreamOf } from './peer-choice.ts';
import { type Ends, proxyHeader, takeProxyHeader } from './proxy-protocol.ts';
import type { SessionEnd, SessionLog } from './session-log.ts';
import type { SessionMeter } from './session-meter.ts';
import type { StreamState } from './state.ts';

export interface ListenerOptions {
  readonly address: string;
  readonly port: number;
  readonly state: StreamState;
  readonly log: SessionLog;
  readonly meter: SessionMeter;
}

const BACKLOG = 2_048;
/** For the PROXY header, as ingress-nginx's proxy-protocol-header-timeout (IN-21). */
const PROXY_HEADER_MS = 5_000;
/** Waits this long before an endpoint is tried a second time. */
const AGAIN_MS = 200;

interface Reached {
  readonly socket: Socket;
  readonly peer: Peer;
}

export class TcpListener {
  readonly #options: ListenerOptions;
  readonly #id: string;
  readonly #server: Server;
  readonly #sessions: Set<Socket>;

  /** @param sessions where open connections are noted; they outlive the listener */
  constructor(options: ListenerOptions, sessions: Set<Socket>) {
    this.#options = options;
    this.#id = `tcp:${options.port}`;
    this.#sessions = sessions;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (client) => {
      void this.#serve(client);
    });
  }

  /** @throws the error of the system, e.g. EADDRINUSE */
  open(): Promise<void> {
    const { address, port } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host: address, port, backlog: BACKLOG, ipv6Only: true, exclusive: true }, () => {
        this.#server.off('error', reject);
        this.#server.on('error', () => {}); // of single connections, e.g. no more files
        resolve();
      });
    });
  }

  /** Takes no more connections; those that are open go on. */
  close(): void {
    this.#server.close();
  }

  async #serve(client: Socket): Promise<void> {
    const begun = performance.now();
    this.#sessions.add(client);
    client.on('error', () => {}); // 'close' follows
    let ends = endsOf(client);
    const metered = this.#options.meter.begin(this.#id, () => ({
      received: client.bytesRead,
      sent: client.bytesWritten,
    }));
    const end = (status: SessionEnd['status'], upstream: string): void => {
      this.#sessions.delete(client);
      metered.end(status, upstream);
      this.#options.log.write({
        ...{ client: ends.client.address, protocol: 'TCP', port: this.#options.port, status },
        ...{ bytesReceived: client.bytesRead, bytesSent: client.bytesWritten },
        seconds: (performance.now() - begun) / 1000,
      });
    };
    const refuse = (status: SessionEnd['status']): void => {
      client.resetAndDestroy();
      end(status, '');
    };
    const settings = this.#options.state.port(this.#id);
    if (settings?.keepaliveMs !== undefined) client.setKeepAlive(true, settings.keepaliveMs);
    if (settings?.proxyProtocol?.receive === true) {
      const header = await takeProxyHeader(client, PROXY_HEADER_MS);
      if (header === 'broken') {
        refuse(400);
        return;
      }
      const believed = isInNetworks(ends.client.address, settings.proxyProtocol.trusted);
      if (believed && header.ends !== undefined) ends = header.ends;
    }
    const found = await this.#reach(client, ends);
    if (typeof found === 'number') {
      refuse(found);
      return;
    }
    const upstream = upstreamOf(found.peer);
    client.once('close', () => end(200, upstream));
    join(client, found.socket, this.#options.state.port(this.#id)?.idleMs ?? 0);
  }

  /** Connects to the first endpoint that accepts. @returns what the log says when there is none */
  async #reach(client: Socket, ends: Ends): Promise<Reached | 500 | 502> {
    const { state } = this.#options;
    const settings = state.port(this.#id);
    const group = state.group(settings?.group);
    if (settings === undefined || group === undefined) return 500;
    const tried = new Set<Peer>();
    let attempts = 0;
    for (const peer of peersFor(group, ends.client.address)) {
      if (attempts === settings.attempts || client.destroyed) break;
      attempts += 1;
      if (tried.has(peer)) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      tried.add(peer);
      const socket = await connectTo(peer, settings.connectMs);
      if (socket === undefined) continue;
      const version = settings.proxyProtocol?.send;
      if (version !== undefined) socket.write(proxyHeader(version, ends));
      return { socket, peer };
    }
    return attempts === 0 ? 500 : 502;
  }
}

/** As the sockets have them. */
function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): Ends {
  return {
    client: { address: remoteAddress ?? '', port: remotePort ?? 0 },
    server: { address: localAddress ?? '', port: localPort ?? 0 },
  };
}

/** @returns undefined when the endpoint does not accept in time */
function connectTo(peer: Peer, connectMs: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: hostOf(peer), port: peer.port, noDelay: true, allowHalfOpen: true });
    const timer = setTimeout(() => socket.destroy(), connectMs);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(undefined);
    });
    socket.on('error', () => {}); // 'close' follows
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
  });
}

/** Passes bytes both ways; the end of one direction is passed on too. Silence of both for `idleMs` ends it. */
function join(client: Socket, backend: Socket, idleMs: number): void {
  const destroyBoth = (): void => {
    client.destroy();
    backend.destroy();
  };
  if (client.destroyed) {
    backend.destroy();
    return;
  }
  if (idleMs > 0) watchSilence(client, backend, idleMs, destroyBoth);
  // A reset is passed on as a reset.
  client.once('close', (failed) => (failed ? backend.resetAndDestroy() : undefined));
  backend.once('close', (failed) => (failed ? client.resetAndDestroy() : undefined));
  client.pipe(backend);
  backend.pipe(client);
  client.resume();
}

/** A socket's own timeout knows only its own bytes; the session ends when neither side has any. */
function watchSilence(client: Socket, backend: Socket, idleMs: number, end: () => void): void {
  let seen = -1;
  let since = performance.now();
  const timer = setInterval(
    () => {
      const bytes = client.bytesRead + backend.bytesRead;
      if (bytes !== seen) {
        seen = bytes;
        since = performance.now();
      } else if (performance.now() - since >= idleMs) end();
    },
    Math.max(50, Math.min(1_000, idleMs / 10)),
  );
  timer.unref();
  client.once('close', () => clearInterval(timer));
}
