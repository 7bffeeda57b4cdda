/** What the layer 4 process shall do beside its records: a JSON file that the agent writes. */
export interface ListenFile {
  /** Format of the log. */
  readonly log: 'text' | 'json';
  readonly listens: readonly ListenEntry[];
}

export interface ListenEntry {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  /** IPv4, or IPv6 without brackets. */
  readonly address: string;
}

/** Names a socket, e.g. `tcp 127.0.0.1 81`. */
export function listenKey({ protocol, address, port }: ListenEntry): string {
  return `${protocol} ${address} ${port}`;
}
