/** One UDP port on one address. Packets of one client go to one endpoint, as long as neither is silent for too long. */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Peer } from '../policy/record.ts';
import { chanceOf, hostOf, type PeerGroup, peersFor, upstreamOf } from './peer-choice.ts';
import type { MeteredSession } from './session-meter.ts';
import type { ListenerOptions } from './tcp-listener.ts';

interface Session {
  readonly client: { readonly address: string; readonly port: number };
  readonly socket: Socket;
  readonly peer: Peer;
  /** In which the peer was found. */
  group: PeerGroup;
  readonly begun: number;
  usedAt: number;
  readonly bytes: { received: number; sent: number };
  readonly metered: MeteredSession;
}

/** More clients at a time are dropped, the longest silent first. */
const SESSIONS_MAX = 16_384;
const SWEEP_MS = 500;
const BUFFER_BYTES = 1 << 20;

export class UdpListener {
  readonly #options: ListenerOptions;
  readonly #id: string;
  readonly #socket: Socket;
  /** In the order of their last packet from the client. */
  readonly #sessions = new Map<string, Session>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#id = `udp:${options.port}`;
    this.#socket = createSocket(isIPv6(options.address) ? { type: 'udp6', ipv6Only: true } : { type: 'udp4' });
    this.#socket.on('message', (message, { address, port }) => this.#take(message, address, port));
  }

  /** @throws the error of the system, e.g. EADDRINUSE */
  open(): Promise<void> {
    const { address, port } = this.#options;
    return new Promise((resolve, reject) => {
      this.#socket.once('error', reject);
      this.#socket.bind({ address, port, exclusive: true }, () => {
        this.#socket.off('error', reject);
        this.#socket.on('error', () => {}); // of single packets
        try {
          this.#socket.setRecvBufferSize(BUFFER_BYTES);
        } catch {
          // what the system gives
        }
        this.#timer = setInterval(() => this.#sweep(), SWEEP_MS).unref();
        resolve();
      });
    });
  }

  close(): void {
    clearInterval(this.#timer);
    for (const [key, session] of this.#sessions) this.#end(key, session);
    this.#socket.close();
  }

  #take(message: Buffer, address: string, port: number): void {
    const key = `${address} ${port}`;
    const session = this.#sessions.get(key) ?? this.#begin(address, port);
    if (session === undefined) return;
    this.#sessions.delete(key);
    this.#sessions.set(key, session);
    session.usedAt = performance.now();
    session.bytes.received += message.length;
    session.socket.send(message, session.peer.port, hostOf(session.peer));
  }

  #begin(address: string, port: number): Session | undefined {
    const { state, meter } = this.#options;
    const group = state.group(state.port(this.#id)?.group);
    const peer = group && peersFor(group, address, chanceOf(`${address} ${port}`)).next().value;
    if (group === undefined || !peer) {
      meter.begin(this.#id, () => ({ received: 0, sent: 0 })).end(500, '');
      const bytes = { bytesReceived: 0, bytesSent: 0, seconds: 0 };
      this.#options.log.write({ client: address, protocol: 'UDP', port: this.#options.port, status: 500, ...bytes });
      return undefined;
    }
    for (const [key, oldest] of this.#sessions) {
      if (this.#sessions.size < SESSIONS_MAX) break;
      this.#end(key, oldest);
    }
    const socket = createSocket(isIPv6(hostOf(peer)) ? 'udp6' : 'udp4');
    const now = performance.now();
    const bytes = { received: 0, sent: 0 };
    const session: Session = {
      ...{ client: { address, port }, socket, peer, group, begun: now, usedAt: now },
      ...{ bytes, metered: meter.begin(this.#id, () => ({ ...bytes })) },
    };
    socket.on('error', () => {}); // e.g. the endpoint does not listen: the client hears nothing, as without a proxy
    socket.on('message', (answer, from) => {
      if (from.port !== peer.port) return; // not from whom we asked
      session.usedAt = performance.now();
      session.bytes.sent += answer.length;
      this.#socket.send(answer, port, address);
    });
    return session;
  }

  /** Ends sessions that are silent, or whose endpoint is gone. */
  #sweep(): void {
    const { state } = this.#options;
    const settings = state.port(this.#id);
    const group = state.group(settings?.group);
    const now = performance.now();
    for (const [key, session] of this.#sessions) {
      if (now - session.usedAt >= (settings?.idleMs ?? 0) || !this.#stillThere(session, group)) this.#end(key, session);
    }
  }

  #stillThere(session: Session, group: PeerGroup | undefined): boolean {
    if (session.group === group) return true;
    const { address, port } = session.peer;
    if (group === undefined || !group.ring.peers.some((peer) => peer.address === address && peer.port === port)) {
      return false;
    }
    session.group = group;
    return true;
  }

  #end(key: string, session: Session): void {
    this.#sessions.delete(key);
    session.socket.close();
    session.metered.end(200, upstreamOf(session.peer));
    const { client, bytes, begun } = session;
    this.#options.log.write({
      ...{ client: client.address, protocol: 'UDP', port: this.#options.port, status: 200 },
      ...{ bytesReceived: bytes.received, bytesSent: bytes.sent, seconds: (performance.now() - begun) / 1000 },
    });
  }
}
