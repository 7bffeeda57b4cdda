/** Which endpoints of a backend are near a data plane, and how many of its requests they have. Pure. */
import type { AffinityIR, EndpointIR, NearnessIR, PlaceIR } from '@causeway/ir/gateway';

export interface NearPart {
  /** Of the requests, from 0 to 1: what goes to near endpoints. */
  readonly share: number;
  readonly isNear: (endpoint: EndpointIR) => boolean;
  /** As if so many endpoints shared the requests evenly: what one of them has is that of this one; infinite: none. */
  readonly sharers: (endpoint: EndpointIR) => number;
}

/**
 * Source: Envoy, "Zone aware routing", with the thresholds of `zone_aware_lb_config` and `force_local_zone`.
 *
 * What ties requests to endpoints does so wherever these are.
 *
 * @param endpoints those that are well
 * @returns undefined where all endpoints are alike: nothing is asked for, too few are there, or none of them (or all) are near
 */
export function nearPart(
  endpoints: readonly EndpointIR[],
  affinity: AffinityIR,
  { nearness, place }: { readonly nearness: NearnessIR | undefined; readonly place: PlaceIR | undefined },
): NearPart | undefined {
  if (affinity.type !== 'roundRobin' && affinity.type !== 'ewma') return undefined;
  if (nearness === undefined || place === undefined || endpoints.length < nearness.fewest) return undefined;
  const near = nearEndpoints(endpoints, nearness, place);
  const others = endpoints.length - near.size;
  if (near.size === 0 || others === 0) return undefined;
  const even = near.size / endpoints.length;
  const wanted = near.size >= (nearness.fewestNear ?? Number.POSITIVE_INFINITY) ? 1 : balancedShare(endpoints, even);
  const part = (nearness.percent ?? 100) / 100;
  const share = part * wanted + (1 - part) * even;
  // Choice by latency knows of no weights: near endpoints have all requests or none of their own.
  if (affinity.type === 'ewma' && share < 1) return undefined;
  return {
    share,
    isNear: (endpoint) => near.has(endpoint),
    sharers: (endpoint) => (near.has(endpoint) ? near.size / share : others / (1 - share)),
  };
}

function nearEndpoints(
  endpoints: readonly EndpointIR[],
  { scope }: NearnessIR,
  place: PlaceIR,
): ReadonlySet<EndpointIR> {
  const onNode = scope === 'node' ? endpoints.filter(({ nearNodes = [] }) => nearNodes.includes(place.id)) : [];
  if (onNode.length > 0) return new Set(onNode);
  const { zone } = place;
  if (zone === undefined) return new Set();
  return new Set(endpoints.filter((endpoint) => (endpoint.nearZones ?? [endpoint.zone]).includes(zone)));
}

/** With as many data planes in each zone that has endpoints, a zone that has more than its part of these keeps its requests, another one what its endpoints can take. */
function balancedShare(endpoints: readonly EndpointIR[], even: number): number {
  const zones = new Set(endpoints.map(({ zone = '' }) => zone));
  return Math.min(1, even * zones.size);
}
