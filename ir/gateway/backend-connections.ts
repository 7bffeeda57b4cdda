/** How many connections to backends requests of a scope may use at once; each uses one while it is forwarded. */
export interface BackendConnectionsIR {
  readonly type: 'backendConnections';
  /** What counts together, over all workers. */
  readonly scope: string;
  readonly connections: number;
  /** So many further requests wait for one; what is beyond is answered 503. */
  readonly waiting: number;
  /** Who waited so long is answered 503. */
  readonly waitMs: number;
}
