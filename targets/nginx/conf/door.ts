/**
 * How the servers of a port are reached: from outside, or by unix sockets over which this same nginx hands on connections that it took
 * itself, each with a PROXY header that says who the client is.
 */
import path from 'node:path';
import type { InstanceIR } from '@causeway/ir/gateway';
import { quoted } from './directive.ts';
import type { ServedPort } from './listen.ts';

/** How a server of a port is reached, and how it knows who the client is. */
export interface Door {
  readonly listens: readonly string[];
  /** Further lines of the server. */
  readonly lines: readonly string[];
  /** Variable with the address at the other end of the client's connection, for the firewall; absent: the port itself. */
  readonly peer?: string;
  /** It takes connections as their clients began them, without TLS. */
  readonly isFirst?: boolean;
}

/** Clients of a door: those whose word about others before them counts, and all others. */
export type DoorClient = 'stranger' | 'trusted';

interface InnerDoors {
  /** Names of the sockets in the folder of the instance. */
  readonly socketOf: (client: DoorClient) => string;
  /** Of `listen`, beside those of every such socket. */
  readonly flags: readonly string[];
}

/** Requests of trusted clients may name others before them, which only another server can believe: realip reads one thing only. */
export function hasTrustedDoor(served: ServedPort, { trustedProxies }: InstanceIR): boolean {
  return hasInnerDoors(served) && served.proxyProtocol !== true && trustedProxies.length > 0;
}

function hasInnerDoors({ handover, cleartextHttp2 }: ServedPort): boolean {
  return handover !== undefined || cleartextHttp2 === true;
}

/** Servers behind a port that get their connections by unix sockets. */
export function innerDoors(
  served: ServedPort,
  instance: InstanceIR,
  agentSocket: string,
  { socketOf, flags }: InnerDoors,
): readonly Door[] {
  const door = (client: DoorClient, lines: readonly string[]): Door => ({
    listens: [
      `listen ${quoted(`unix:${socketPath(agentSocket, socketOf(client))}`)} ` +
        `${[...flags, 'default_server', 'proxy_protocol', `backlog=${instance.backlog}`].join(' ')};`,
    ],
    lines: [
      'set_real_ip_from unix:;',
      ...lines,
      `set $causeway_port ${served.port};`,
      'set $causeway_inspected_peer $proxy_protocol_addr;',
    ],
    peer: '$proxy_protocol_addr',
  });
  const strangers = door('stranger', ['real_ip_header proxy_protocol;']);
  if (!hasTrustedDoor(served, instance)) return [strangers];
  const trusted = instance.trustedProxies.map((network) => `set_real_ip_from ${network};`);
  return [strangers, door('trusted', [...trusted, 'set $causeway_told 1;'])];
}

/** Of a socket in the folder of the instance. */
export function socketPath(agentSocket: string, name: string): string {
  return path.join(path.dirname(agentSocket), name);
}
