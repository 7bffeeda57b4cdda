import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A connection to 127.0.0.1:`port` that this worker process accepted: connects
 * until the kernel happens to choose that worker (listening sockets with
 * SO_REUSEPORT are chosen by a hash of the addresses).
 */
export async function connectTo(worker: number, port: number): Promise<Socket> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const socket = await connected(port);
    if ((await ownerOf(socket, port, worker)) === worker) return socket;
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

/** Returns `worker` when it owns the other end, 0 when somebody else does. */
async function ownerOf(socket: Socket, port: number, worker: number): Promise<number> {
  // The connection is established before the worker accepts it; until then its inode is 0.
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const inode = inodeOf(port, socket.localPort ?? 0);
    if (inode !== undefined && inode !== '0') return holds(worker, inode) ? worker : 0;
    await sleep(2);
  }
  return 0;
}

/** Source: proc(5), /proc/net/tcp: `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode`. */
function inodeOf(localPort: number, remotePort: number): string | undefined {
  const local = `0100007F:${hex(localPort)}`;
  const remote = `0100007F:${hex(remotePort)}`;
  for (const line of readFileSync('/proc/net/tcp', 'latin1').split('\n')) {
    const fields = line.trim().split(/\s+/);
    if (fields[1] === local && fields[2] === remote) return fields[9];
  }
  return undefined;
}

function hex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

function holds(pid: number, inode: string): boolean {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).some((name) => {
    try {
      return readlinkSync(`${folder}/${name}`) === `socket:[${inode}]`;
    } catch {
      return false; // closed meanwhile
    }
  });
}
