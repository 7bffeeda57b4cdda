/** How many connections requests of a scope use at once to each endpoint. */
export interface EndpointConnectionsStep {
  readonly type: 'endpointConnections';
  /** Begins the keys of the counters. */
  readonly scope: string;
  readonly connections: number;
  /** So many requests may wait for one. */
  readonly waiting: number;
  readonly waitMs: number;
}
