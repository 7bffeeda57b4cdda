import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { socketsOf } from '@causeway/targets/nginx/proc';

/**
 * A connection to 127.0.0.1:`port` that this worker process accepted: connects
 * until the kernel happens to choose that worker (listening sockets with
 * SO_REUSEPORT are chosen by a hash of the addresses).
 */
export async function connectTo(worker: number, port: number): Promise<Socket> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const socket = await connected(port);
    if ((await acceptorOf(socket, port, () => [worker])) === worker) return socket;
    socket.destroy();
  }
  throw new Error(`no connection to ${port} was accepted by process ${worker}`);
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

/**
 * Which of `candidates` accepted a connection to 127.0.0.1:`port`; undefined when none of them did, or nobody within
 * `waitMs`.
 *
 * @param candidates asked for when the connection was accepted
 */
export async function acceptorOf(
  socket: Socket,
  port: number,
  candidates: () => readonly number[],
  waitMs = 100,
): Promise<number | undefined> {
  // The connection is established before the worker accepts it; until then its inode is 0.
  const deadline = performance.now() + waitMs;
  while (!socket.destroyed && performance.now() < deadline) {
    const inode = inodeOf(port, socket.localPort ?? 0);
    if (inode !== undefined && inode !== '0') return candidates().find((pid) => holds(pid, inode));
    await sleep(2);
  }
  return undefined;
}

/** Ports of the clients whose connections to 127.0.0.1:`port` a process holds. */
export function clientPortsOf(pid: number, port: number): number[] {
  const inodes = new Set(socketsOf(pid));
  return socketsOn(port)
    .filter(({ state, inode }) => state !== LISTEN && inodes.has(inode))
    .map(({ remote }) => Number.parseInt(remote.slice(remote.indexOf(':') + 1), 16));
}

/** Whether a process holds a listening socket of 127.0.0.1:`port`. */
export function isListening(pid: number, port: number): boolean {
  const inodes = new Set(socketsOf(pid));
  return socketsOn(port).some(({ state, inode }) => state === LISTEN && inodes.has(inode));
}

function inodeOf(localPort: number, remotePort: number): string | undefined {
  const wanted = `0100007F:${hex(remotePort)}`;
  return socketsOn(localPort).find(({ remote }) => remote === wanted)?.inode;
}

/** Source: proc(5), include/net/tcp_states.h. */
const LISTEN = '0A';

interface ListedSocket {
  /** `<address>:<port>` in hexadecimal digits. */
  readonly remote: string;
  readonly state: string;
  readonly inode: string;
}

/**
 * All TCP sockets of 127.0.0.1:`port`.
 * Source: proc(5), /proc/net/tcp: `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode`.
 */
function socketsOn(port: number): ListedSocket[] {
  const wanted = `0100007F:${hex(port)}`;
  const found: ListedSocket[] = [];
  for (const line of readFileSync('/proc/net/tcp', 'latin1').split('\n')) {
    const [, local, remote = '', state = '', , , , , , inode = ''] = line.trim().split(/\s+/);
    if (local === wanted) found.push({ remote, state, inode });
  }
  return found;
}

function hex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

function holds(pid: number, inode: string): boolean {
  return socketsOf(pid).includes(inode);
}
