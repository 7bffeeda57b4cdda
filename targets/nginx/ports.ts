/**
 * Which ports an instance can have. A port that is new is tried before it enters
 * nginx.conf, on each address: nginx drops its whole new configuration when one
 * port of it cannot be bound.
 *
 * A port that another process (or another instance) holds on any address stays
 * out on all of them, so that a client meets one program, whichever address it
 * uses (spec ALB-125). A port that serves already keeps serving when an address
 * appears on which it cannot be had.
 */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createServer, isIPv6 } from 'node:net';
import type { ListenerProtocol } from '@causeway/ir/gateway';
import type { ServedPort } from './conf/listen.ts';
import { allPids, commandName, socketsOf } from './proc.ts';

export interface WantedPort {
  /** See `portId`. */
  readonly id: string;
  readonly port: number;
  readonly protocol: ListenerProtocol;
}

export interface PortConflict extends WantedPort {
  readonly message: string;
}

/** Which instance has which {@link claimKey}, so that two of one agent never share a socket by `reuseport`. */
export type PortClaims = Map<string, string>;

export interface PortQuestion {
  readonly instance: string;
  readonly wanted: readonly WantedPort[];
  /** To listen on; see addresses.ts. */
  readonly addresses: readonly string[];
  /** What this instance listens on, also an nginx without master. */
  readonly held: readonly HeldPort[];
  /** Shared by all instances of the agent; updated. */
  readonly claims: PortClaims;
}

export interface HeldPort {
  readonly address: string;
  readonly port: number;
  /** Absent: tcp. */
  readonly transport?: Transport;
}

type Transport = 'tcp' | 'udp';

export interface PortAnswer {
  readonly served: readonly ServedPort[];
  readonly conflicts: readonly PortConflict[];
}

/** Finds the ports to serve and claims them; claims of this instance that are not wanted any more are given up. */
export async function choosePorts(question: PortQuestion): Promise<PortAnswer> {
  const { instance, wanted, addresses, claims } = question;
  const held = new Set(question.held.map(({ address, port, transport }) => claimKey(address, port, transport)));
  const served: ServedPort[] = [];
  const conflicts: PortConflict[] = [];
  const kept = new Set<string>();

  for (const { id, port, protocol } of [...wanted].sort((a, b) => a.port - b.port)) {
    const transport = protocol === 'udp' ? 'udp' : 'tcp';
    const free: string[] = [];
    const problems: string[] = [];
    const untried: string[] = [];
    // All addresses are claimed before the first await, so that of two instances one gets the whole port.
    for (const address of addresses) {
      const key = claimKey(address, port, transport);
      const holder = claims.get(key);
      if (holder !== undefined && holder !== instance) {
        problems.push(`${endpointText(address, port)} is taken by ${holder}`);
        continue;
      }
      claims.set(key, instance);
      if (held.has(key)) free.push(address);
      else untried.push(address);
    }
    const serving = free.length > 0;
    if (problems.length === 0 || serving) {
      for (const address of untried) {
        const problem = await bindProblem(address, port, transport);
        if (problem === undefined) free.push(address);
        else if (problem !== 'EADDRNOTAVAIL') problems.push(describeProblem(problem, address, port));
      }
    }
    if (problems.length > 0) conflicts.push({ id, port, protocol, message: problems.join('; ') });
    if (free.length > 0 && (problems.length === 0 || serving)) {
      served.push({ port, protocol, addresses: free.sort() });
      for (const address of free) kept.add(claimKey(address, port, transport));
    }
    if (addresses.length === 0) conflicts.push({ id, port, protocol, message: 'there is no address to listen on' });
  }
  for (const [key, holder] of claims) {
    if (holder === instance && !kept.has(key)) claims.delete(key);
  }
  return { served, conflicts };
}

export function claimKey(address: string, port: number, transport: Transport = 'tcp'): string {
  return transport === 'udp' ? `${address} ${port}/udp` : `${address} ${port}`;
}

/** Binds for a moment. @returns the error's code, `undefined` when it can be had */
async function bindProblem(address: string, port: number, transport: Transport): Promise<string | undefined> {
  if (transport === 'udp') return udpBindProblem(address, port);
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host: address, port, exclusive: true, ipv6Only: true }, () =>
      server.close(() => resolve(undefined)),
    );
  });
}

function udpBindProblem(address: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? { type: 'udp6', ipv6Only: true } : { type: 'udp4' });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      resolve(error.code ?? error.message);
    });
    socket.bind({ address, port, exclusive: true }, () => socket.close(() => resolve(undefined)));
  });
}

function describeProblem(problem: string, address: string, port: number): string {
  const where = endpointText(address, port);
  if (problem === 'EACCES') return `${where} needs root or CAP_NET_BIND_SERVICE`;
  if (problem !== 'EADDRINUSE') return `${where} cannot be bound: ${problem}`;
  const holder = findHolder(address, port);
  return `${where} is taken by ${holder ?? 'another process'}`;
}

/**
 * Name and pid of the process that listens there, as far as it can be read.
 *
 * Source: proc(5), /proc/net/tcp: local address in hexadecimal, state 0A is LISTEN, the tenth field is the inode.
 */
export function findHolder(address: string, port: number): string | undefined {
  const inodes = new Set<string>();
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readLines(table)) {
      const fields = line.trim().split(/\s+/);
      const [, local = '', , state] = fields;
      const [host = '', localPort] = local.split(':');
      const inode = fields[9];
      if (state !== '0A' || localPort !== hexPort || inode === undefined) continue;
      if (/^0+$/.test(host) || host === hexAddress(address)) inodes.add(inode);
    }
  }
  if (inodes.size === 0) return undefined;
  for (const pid of allPids()) {
    if (socketsOf(pid).some((inode) => inodes.has(inode))) return `process ${pid} (${commandName(pid)})`;
  }
  return undefined;
}

/** IPv4 as the kernel prints it (little endian); of IPv6 only the loopback address is told apart. */
function hexAddress(address: string): string {
  if (address === '::1') return '00000000000000000000000001000000';
  const bytes = address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'));
  return bytes.toReversed().join('').toUpperCase();
}

function endpointText(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(1);
  } catch {
    return [];
  }
}
