/** How many connections to backends requests of a scope use at once. */
export interface BackendConnectionsStep {
  readonly type: 'backendConnections';
  /** Begins the keys of the counters. */
  readonly scope: string;
  readonly connections: number;
  /** So many requests may wait for one. */
  readonly waiting: number;
  readonly waitMs: number;
}
