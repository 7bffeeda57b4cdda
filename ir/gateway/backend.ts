import type { BackendTlsIR } from './backend-tls.ts';
import type { FilterIR } from './filter.ts';
import type { NearnessIR } from './nearness.ts';
import type { RedirectIR } from './redirect.ts';

/** One weighted destination of a route. */
export interface BackendIR {
  /**
   * Share of requests relative to the other backends of the route; 0 gets none.
   * Inside a backend all endpoints are equal.
   */
  readonly weight: number;
  readonly protocol: BackendProtocol;
  /** With https and grpcs; absent: any certificate will do, and no name is sent. */
  readonly tls?: BackendTlsIR;
  /** Applied only to requests that go to this backend. */
  readonly filters: readonly FilterIR[];
  readonly target: BackendTargetIR;
  /** Its requests are sent elsewhere instead. */
  readonly redirect?: RedirectIR;
  /** Gets requests only while none of the others that are reached in the same way is well, and then all of them. */
  readonly fallback?: true;
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
  /** See {@link endpointSetId}. */
  readonly id: string;
  /** Sorted by address, then port; no duplicates. */
  readonly endpoints: readonly EndpointIR[];
  /** What the Service says of it; a route may say something else. */
  readonly nearness?: NearnessIR;
}

export interface EndpointIR {
  /** IPv4, or IPv6 without brackets. */
  readonly address: string;
  readonly port: number;
  /** Where it is; absent: nobody says. */
  readonly zone?: string;
  /** With the {@link NearnessIR} of a Service: the zones that it is near to, if not its own, and the machines. */
  readonly nearZones?: readonly string[];
  readonly nearNodes?: readonly string[];
}

/** Which endpoints are meant. */
export interface EndpointSetName {
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
  readonly transport: 'tcp' | 'udp';
  /** Endpoints that Submariner brought from other clusters count too. */
  readonly otherClusters: boolean;
  /** The ClusterIP of the Service instead of its endpoints. */
  readonly clusterIp?: boolean;
  /** `service` names no Service but a Backend, whose endpoints have ports of their own: `port` is 0. */
  readonly ofBackend?: boolean;
  /** Of what DNS says of a Backend; absent: all of it. */
  readonly family?: AddressFamily;
}

/** Addresses of one family, or those of the other one where there are none of it. */
export type AddressFamily = (typeof FAMILIES)[number];

const FAMILIES = ['ipv4', 'ipv6', 'ipv4Preferred', 'ipv6Preferred'] as const;

/** `namespace/service:port` (of a Backend `namespace/name+backend`), then `/udp` for UDP ports, then `+clusters` with endpoints of other clusters, `+ip` for the ClusterIP, and the {@link AddressFamily} after another `+`. */
export function endpointSetId(name: EndpointSetName): string {
  const { namespace, service, port, transport, otherClusters, clusterIp, ofBackend, family } = name;
  const object = `${namespace}/${service}${ofBackend === true ? '+backend' : `:${port}`}`;
  const marks = `${transport === 'udp' ? '/udp' : ''}${otherClusters ? '+clusters' : ''}${clusterIp === true ? '+ip' : ''}${family === undefined ? '' : `+${family}`}`;
  return `${object}${marks}`;
}

/** @throws RangeError what {@link endpointSetId} did not make */
export function parseEndpointSetId(id: string): EndpointSetName {
  const match =
    /^([^/]+)\/([^/:+]+)(?::([0-9]+)|(\+backend))(\/udp)?(\+clusters)?(\+ip)?(?:\+(ipv[46](?:Preferred)?))?$/.exec(id);
  if (match === null) throw new RangeError(`not an endpoint set id: ${id}`);
  const [, namespace = '', service = '', port = '0', backend, udp, clusters, ip, familyText] = match;
  const family = FAMILIES.find((each) => each === familyText);
  return {
    namespace,
    service,
    port: Number(port),
    transport: udp === undefined ? 'tcp' : 'udp',
    otherClusters: clusters !== undefined,
    ...(ip === undefined ? {} : { clusterIp: true }),
    ...(backend === undefined ? {} : { ofBackend: true }),
    ...(family === undefined ? {} : { family }),
  };
}
