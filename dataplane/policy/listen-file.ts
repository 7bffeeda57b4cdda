/** What the layer 4 process shall do beside its records: a JSON file that the agent writes. */
export interface ListenFile {
  /** Format of the log. */
  readonly log: 'text' | 'json' | 'none';
  readonly listens: readonly ListenEntry[];
}

export type ListenEntry =
  | {
      readonly protocol: 'tcp' | 'udp';
      readonly port: number;
      /** IPv4, or IPv6 without brackets. */
      readonly address: string;
    }
  | {
      /** Connections that nginx took on a port and that may be passed on as they are (TLS), over {@link passedSocket}. */
      readonly protocol: 'tls';
      readonly port: number;
      /** Networks (CIDR) of clients whose requests name others before them; see {@link endedSocket}. */
      readonly trusted: readonly string[];
      /** What clients say may begin with a PROXY header of theirs, which is believed. */
      readonly mayHaveHeader?: true;
    }
  /** Connections of nginx's to endpoints that nginx cannot verify, over {@link HOP_SOCKET}. */
  | HopEntry;

export interface HopEntry {
  readonly protocol: 'hop';
  /** Paths of PEM files in the folder of the instance: what nginx is shown, and trusts. */
  readonly certificate: string;
  readonly key: string;
}

/** Names a socket, e.g. `tcp 127.0.0.1 81`. */
export function listenKey(entry: ListenEntry): string {
  if (entry.protocol === 'hop') return 'hop';
  return entry.protocol === 'tls' ? `tls ${entry.port}` : `${entry.protocol} ${entry.address} ${entry.port}`;
}

/** In the folder of the instance: where the layer 4 process takes nginx's connections to endpoints of groups with a hop. */
export const HOP_SOCKET = 'hop.sock';
/** What the certificate that nginx is shown there is for: any peer. */
export const HOP_HOST = '*.endpoint.internal';

/** In the folder of the instance: where the layer 4 process takes the connections of a port, each with a PROXY header. */
export function passedSocket(port: number): string {
  return `raw-${port}.sock`;
}

/**
 * In the folder of the instance: where nginx takes those connections of a port that it ends TLS for, each with a PROXY header; one
 * socket for clients whose word about others before them counts.
 */
export function endedSocket(port: number, client: 'stranger' | 'trusted'): string {
  return client === 'trusted' ? `tlsp-${port}.sock` : `tls-${port}.sock`;
}
