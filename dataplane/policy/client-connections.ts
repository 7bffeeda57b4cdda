/** How many connections clients may have at once; further ones are closed without an answer. */
export interface ClientConnectionsStep {
  readonly type: 'clientConnections';
  /** Begins the keys of the counters. */
  readonly scope: string;
  readonly connections: number;
  /** Absent: at once. */
  readonly closeDelayMs?: number;
}

/** nginx closes the connection, and answers nothing. */
export const CLOSED_STATUS = 444;
