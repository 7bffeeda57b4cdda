import type { CanaryWish } from '@causeway/dataplane/policy/canary';
import type { BackendIR, CanaryIR, EndpointIR, EndpointSetIR, ForwardIR, PlaceIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { nearPart } from '@causeway/targets/nginx/near-part';
import { translateEndpointSet } from '@causeway/translate/gateway/endpoint-set';
import { translatePlace } from '@causeway/translate/gateway/place';

export interface ExplainedBackend {
  /** `namespace/service:port` */
  readonly service: string;
  /** Share of requests, 0 to 1. */
  readonly share: number;
  /** It is the canary of the others. */
  readonly canary?: true;
  /** `address:port` */
  readonly endpoints: readonly string[];
  /** Where endpoints near a data plane come first, for each place that data planes are in. */
  readonly near?: readonly NearEndpoints[];
}

/** Endpoints that are near the data planes of a zone or machine. */
export interface NearEndpoints {
  readonly zone?: string;
  readonly node: string;
  /** Of the requests of the backend, 0 to 1. */
  readonly share: number;
  /** `address:port` */
  readonly endpoints: readonly string[];
}

/**
 * Where an action forwards to.
 *
 * @param facts places of the data planes (absent: it is not asked what is near); what the request says about the canary, if there is one
 */
export function explainBackends(
  view: View,
  action: ForwardIR,
  { places = [], wish }: { readonly places?: readonly PlaceIR[]; readonly wish?: CanaryWish } = {},
): readonly ExplainedBackend[] {
  const { backends, canary } = action;
  const explained = (some: readonly BackendIR[], share: number) => explainedOf(view, some, share, { action, places });
  const toCanary = canary === undefined ? 0 : shareOfCanary(canary, wish);
  return [
    ...explained(backends, 1 - toCanary),
    ...explained(canary?.backends ?? [], toCanary).map((one) => ({ ...one, canary: true }) as const),
  ];
}

function shareOfCanary({ weight, total }: CanaryIR, wish: CanaryWish): number {
  if (wish !== undefined) return wish === 'always' ? 1 : 0;
  return Math.min(1, weight / total);
}

function explainedOf(
  view: View,
  backends: readonly BackendIR[],
  share: number,
  where: { readonly action: ForwardIR; readonly places: readonly PlaceIR[] },
): readonly ExplainedBackend[] {
  const used = usedOf(view, backends);
  const total = used.reduce((sum, { weight }) => sum + weight, 0);
  return backends.map((backend) => {
    const { target, weight } = backend;
    const own = total === 0 || !used.includes(backend) ? 0 : (share * weight) / total;
    if (target.type === 'invalid') return { service: target.reason, share: own, endpoints: [] };
    const set = translateEndpointSet(view, target.id).endpoints;
    const near = nearOf(set, where);
    return {
      service: target.id,
      share: own,
      endpoints: set.endpoints.map(endpointText),
      ...(near.length > 0 && { near }),
    };
  });
}

/** Of endpoints that are all well. */
function nearOf(
  set: EndpointSetIR,
  { action, places }: { readonly action: ForwardIR; readonly places: readonly PlaceIR[] },
): readonly NearEndpoints[] {
  const nearness = action.nearness ?? set.nearness;
  return places.flatMap((place) => {
    const part = nearPart(set.endpoints, action.affinity, { nearness, place });
    if (part === undefined) return [];
    const endpoints = set.endpoints.filter(part.isNear).map(endpointText);
    return [{ node: place.id, ...(place.zone !== undefined && { zone: place.zone }), share: part.share, endpoints }];
  });
}

/** Where the data planes of an instance are, as they report it. */
export function placesOf(view: View, instance: string): readonly PlaceIR[] {
  const nodes = new Set(view.by('Instance', 'alb', instance).map(({ status }) => status?.node ?? ''));
  return [...nodes].sort().flatMap((node) => (node === '' ? [] : [translatePlace(view, node)]));
}

/** Those that stand in for others have no share while there are endpoints of these. */
function usedOf(view: View, backends: readonly BackendIR[]): readonly BackendIR[] {
  const first = backends.filter(({ fallback }) => fallback !== true);
  const isThere = ({ target, weight }: BackendIR) =>
    weight > 0 && target.type === 'endpoints' && translateEndpointSet(view, target.id).endpoints.endpoints.length > 0;
  if (first.length === backends.length || first.some(isThere)) return first;
  return backends.filter(({ fallback }) => fallback === true);
}

function endpointText({ address, port }: EndpointIR): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
