/** Where the layer 4 process listens: a JSON file that the agent writes. */
export type ListenFile = readonly ListenEntry[];

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
