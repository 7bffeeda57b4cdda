import { readFileSync } from 'node:fs';
import { allPids, commandLine, socketsOf } from '@causeway/targets/nginx/proc';

/** State LISTEN in `/proc/net/tcp`; proc(5). */
const LISTEN = '0A';

/** Every process that holds a listening TCP socket on that port, on whichever address. */
export function listeningPids(port: number): readonly number[] {
  const inodes = new Set([...listeningInodes('/proc/net/tcp', port), ...listeningInodes('/proc/net/tcp6', port)]);
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

function listeningInodes(file: string, port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const inodes: string[] = [];
  for (const line of readFileSync(file, 'utf8').split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/);
    const [local = '', state, inode] = [fields[1], fields[3], fields[9]];
    if (state === LISTEN && local.endsWith(`:${hex}`) && inode !== undefined) inodes.push(inode);
  }
  return inodes;
}
