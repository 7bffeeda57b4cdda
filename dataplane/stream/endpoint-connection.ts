/** From a client's connection to an endpoint: who accepts, and bytes both ways. */
import { connect, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Peer, StreamTls } from '../policy/record.ts';
import { securedTo } from './endpoint-tls.ts';
import { hostOf, type PeerGroup, peersFor } from './peer-choice.ts';

/** Waits this long before an endpoint is tried a second time. */
const AGAIN_MS = 200;

export interface EndpointConnection {
  readonly socket: Socket;
  readonly peer: Peer;
}

export interface ConnectSettings {
  readonly connectMs: number;
  /** All of them, the first included. */
  readonly attempts: number;
  readonly tls?: StreamTls;
  /** Sent first, before TLS. */
  readonly greeting?: Buffer;
}

/**
 * Connects to the first endpoint that accepts, and is who it must be.
 *
 * @param client its connection; when it is gone there are no further attempts
 * @param address of the client, for balancing by it
 * @returns what the log says when there is none
 */
export async function connectToEndpoint(
  group: PeerGroup,
  settings: ConnectSettings,
  client: Socket,
  address: string,
): Promise<EndpointConnection | 500 | 502> {
  const tried = new Set<Peer>();
  let attempts = 0;
  for (const peer of peersFor(group, address)) {
    if (attempts === settings.attempts || client.destroyed) break;
    attempts += 1;
    if (tried.has(peer)) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    tried.add(peer);
    const { connectMs, tls, greeting } = settings;
    const plain = await connected({ host: hostOf(peer), port: peer.port, noDelay: true }, connectMs);
    if (greeting !== undefined) plain?.write(greeting);
    const socket = plain !== undefined && tls !== undefined ? await securedTo(plain, tls, connectMs) : plain;
    if (socket !== undefined) return { socket, peer };
  }
  return attempts === 0 ? 500 : 502;
}

/** @returns undefined when nobody accepts in time */
export function connected(
  to: { readonly host: string; readonly port: number; readonly noDelay: true } | { readonly path: string },
  connectMs: number,
): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ ...to, allowHalfOpen: true });
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

/** Passes bytes both ways; the end of one direction is passed on too. Silence of both for `idleMs` ends it, 0: never. */
export function join(client: Socket, backend: Socket, idleMs: number): void {
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
  client.once('close', (failed) => (failed ? reset(backend) : undefined));
  backend.once('close', (failed) => (failed ? reset(client) : undefined));
  client.pipe(backend);
  backend.pipe(client);
  client.resume();
}

/** Closes a connection so that the other side learns of a failure; unix sockets and TLS know no reset. */
export function reset(socket: Socket): void {
  if (socket.remoteAddress === undefined || socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
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
