import type { BackendTrafficPolicySpec } from '@causeway/apis/envoy-gateway/backend-traffic-policy';
import { type BackendIR, endpointSetId, parseEndpointSetId, type RouteActionIR } from '@causeway/ir/gateway';

export type RoutingType = NonNullable<BackendTrafficPolicySpec['routingType']>;

/**
 * With `Service` requests for Services go to their ClusterIP, so that whoever balances Services there chooses the endpoint. Headless
 * Services and Backends have none.
 *
 * Source: GW-45.
 */
export function withRoutingType(action: RouteActionIR, type: RoutingType | undefined): RouteActionIR {
  if (type !== 'Service' || action.type !== 'forward') return action;
  return { ...action, backends: action.backends.map(toService) };
}

function toService(backend: BackendIR): BackendIR {
  const { target } = backend;
  if (target.type !== 'endpoints') return backend;
  const name = parseEndpointSetId(target.id);
  if (name.ofBackend === true) return backend;
  return { ...backend, target: { type: 'endpoints', id: endpointSetId({ ...name, clusterIp: true }) } };
}
