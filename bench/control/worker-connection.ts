import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { socketsOf } from '@causeway/targets/nginx/proc';

const LOOPBACK = '127.0.0.1';

/**
 * A connection to `host`:`port` that this worker process accepted: connects
 * until the kernel happens to choose that worker (listening sockets with
 * SO_REUSEPORT are chosen by a hash of the addresses).
 *
 * @param host an IPv4 address of this machine
 */
export async function connectTo(worker: number, port: number, host = LOOPBACK): Promise<Socket> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const socket = await connected(port, host);
    if (await isAcceptedBy(worker, socket, port, host)) return socket;
    socket.destroy();
  }
  throw new Error(`no connection to ${host}:${port} was accepted by process ${worker}`);
}

function connected(port: number, host: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

/** Whether `worker` accepted a connection to `host`:`port`. */
async function isAcceptedBy(worker: number, socket: Socket, port: number, host: string): Promise<boolean> {
  // The connection is established before a worker accepts it; until then its inode is 0.
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const inode = socketsOn(port, host).find(({ client }) => client === socket.localPort)?.inode;
    if (inode !== undefined && inode !== '0') return socketsOf(worker).includes(inode);
    await sleep(2);
  }
  return false;
}

/** Ports of the clients whose connections to 127.0.0.1:`port` a process holds. */
export function clientPortsOf(pid: number, port: number): number[] {
  const inodes = new Set(socketsOf(pid));
  return socketsOn(port)
    .filter(({ state, inode }) => state !== LISTEN && inodes.has(inode))
    .map(({ client }) => client);
}

/** Whether a process holds a listening socket of 127.0.0.1:`port`. */
export function isListening(pid: number, port: number): boolean {
  const inodes = new Set(socketsOf(pid));
  return socketsOn(port).some(({ state, inode }) => state === LISTEN && inodes.has(inode));
}

/** Source: proc(5), include/net/tcp_states.h. */
const LISTEN = '0A';

interface ListedSocket {
  /** Port of the other end; 0 for a listening socket. */
  readonly client: number;
  readonly state: string;
  /** `'0'`: nobody has accepted the connection yet, or it is closed. */
  readonly inode: string;
}

/**
 * All TCP sockets of `host`:`port`.
 * Source: proc(5), /proc/net/tcp: `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode`.
 */
export function socketsOn(port: number, host = LOOPBACK): ListedSocket[] {
  const wanted = `: ${hexAddress(host)}:${hex(port)} `;
  const found: ListedSocket[] = [];
  for (const line of readFileSync('/proc/net/tcp', 'latin1').split('\n')) {
    if (!line.includes(wanted)) continue;
    const [, , remote = '', state = '', , , , , , inode = ''] = line.trim().split(/\s+/);
    found.push({ client: Number.parseInt(remote.slice(remote.indexOf(':') + 1), 16), state, inode });
  }
  return found;
}

function hex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

/** The bytes stand as this machine, little-endian, reads them as a number. */
function hexAddress(address: string): string {
  const bytes = address.split('.').map((part) => Number(part).toString(16).toUpperCase().padStart(2, '0'));
  return bytes.reverse().join('');
}
