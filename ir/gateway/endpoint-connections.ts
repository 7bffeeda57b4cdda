/** How many connections requests of a scope may use at once to each endpoint; each uses one while it is forwarded. */
export interface EndpointConnectionsIR {
  readonly type: 'endpointConnections';
  /** What counts together, over all workers. */
  readonly scope: string;
  readonly connections: number;
  /** So many further requests wait for an endpoint with a free one; what is beyond is answered 503. */
  readonly waiting: number;
  /** Who waited so long is answered 503. */
  readonly waitMs: number;
}
