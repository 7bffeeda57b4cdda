import type { FilterIR } from './filter.ts';

/** One weighted destination of a route. */
export interface BackendIR {
  /**
   * Share of requests relative to the other backends of the route; 0 gets none.
   * Inside a backend all endpoints are equal.
   */
  readonly weight: number;
  readonly protocol: BackendProtocol;
  /** Applied only to requests that go to this backend. */
  readonly filters: readonly FilterIR[];
  readonly target: BackendTargetIR;
}

export type BackendProtocol = 'http' | 'https' | 'grpc' | 'grpcs' | 'tcp' | 'udp';

export type BackendTargetIR =
  /** Id of an {@link EndpointSetIR}. */
  | { readonly type: 'endpoints'; readonly id: string }
  /** The reference could not be resolved; its share of requests gets this answer. */
  | { readonly type: 'invalid'; readonly status: number; readonly reason: string };

/** The addresses behind one port of one Service, shared by all routes that use it. */
export interface EndpointSetIR {
  readonly kind: 'endpointSet';
  /** `namespace/service:port`, of UDP ports `namespace/service:port/udp`; see {@link endpointSetId}. */
  readonly id: string;
  /** Sorted by address, then port; no duplicates. */
  readonly endpoints: readonly EndpointIR[];
}

export interface EndpointIR {
  /** IPv4, or IPv6 without brackets. */
  readonly address: string;
  readonly port: number;
}

export function endpointSetId(
  namespace: string,
  service: string,
  port: number,
  transport: 'tcp' | 'udp' = 'tcp',
): string {
  return `${namespace}/${service}:${port}${transport === 'udp' ? '/udp' : ''}`;
}
