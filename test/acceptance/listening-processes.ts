import { readFileSync } from 'node:fs';
import { allPids, commandLine, socketsOf } from '@causeway/targets/nginx/proc';

/** State LISTEN in `/proc/net/tcp`; proc(5). */
const LISTEN = '0A';

/**
 * Every process that holds a listening TCP socket on that port.
 *
 * @param address IPv4; absent: whichever
 */
export function listeningPids(port: number, address?: string): readonly number[] {
  const own = address === undefined ? '' : hexAddress(address);
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => listeningInodes(file, port, own)));
  if (inodes.size === 0) return [];
  return allPids().filter((pid) => socketsOf(pid).some((inode) => inodes.has(inode)));
}

export interface NginxProcesses {
  readonly masters: readonly number[];
  /** Without those that are shutting down. */
  readonly workers: readonly number[];
}

/** Masters and workers of nginx that hold the port; ascending. */
export function nginxOnPort(port: number): NginxProcesses {
  const pids = listeningPids(port).toSorted((a, b) => a - b);
  return {
    masters: pids.filter((pid) => commandLine(pid).startsWith('nginx: master process')),
    workers: pids.filter((pid) => commandLine(pid) === 'nginx: worker process'),
  };
}

/** As the kernel prints it: bytes from the last to the first. */
function hexAddress(address: string): string {
  const bytes = address.split('.').map((byte) => Number(byte).toString(16).toUpperCase().padStart(2, '0'));
  return bytes.reverse().join('');
}

function listeningInodes(file: string, port: number, address: string): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const inodes: string[] = [];
  for (const line of readFileSync(file, 'utf8').split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/);
    const [local = '', state, inode] = [fields[1], fields[3], fields[9]];
    if (state === LISTEN && local.endsWith(`${address}:${hex}`) && inode !== undefined) inodes.push(inode);
  }
  return inodes;
}
