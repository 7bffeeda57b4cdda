/** What a server name says by which nginx asks for an endpoint; see `nameForClient` of dataplane/http. */
import { isIP, isIPv6 } from 'node:net';
import type { Ends } from './proxy-protocol.ts';

export interface HopName {
  /** That of the peer. */
  readonly peer: string;
  /** Those of the client's connection; absent: nobody says. */
  readonly ends?: Ends;
}

const FOR_CLIENT = /^(?<first>[^-.]*)-(?<hex>(?:[0-9a-f]{2})+)(?<rest>\..*)?$/;

export function parseHopName(serverName: string): HopName {
  const { first, hex, rest = '' } = FOR_CLIENT.exec(serverName)?.groups ?? {};
  if (first === undefined || hex === undefined) return { peer: serverName };
  const peer = `${first}${rest}`;
  const [client = '', clientPort, server = '', serverPort] = Buffer.from(hex, 'hex').toString('latin1').split(' ');
  if (isIP(client) === 0) return { peer };
  const unknown = isIPv6(client) ? '::' : '0.0.0.0';
  const ends: Ends = {
    client: { address: client, port: portOf(clientPort) },
    server: { address: isIP(server) === 0 ? unknown : server, port: portOf(serverPort) },
  };
  return { peer, ends };
}

/** 0: not known. */
function portOf(text: string | undefined): number {
  const port = Number(text);
  return Number.isInteger(port) && port >= 0 && port <= 65_535 ? port : 0;
}
