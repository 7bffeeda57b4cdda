/** How many connections clients may have at once; one counts from its first request until it is closed. */
export interface ClientConnectionsIR {
  readonly type: 'clientConnections';
  /** What counts together, over all workers. */
  readonly scope: string;
  readonly connections: number;
  /** Further ones are closed after so long, without an answer; absent: at once. */
  readonly closeDelayMs?: number;
}
