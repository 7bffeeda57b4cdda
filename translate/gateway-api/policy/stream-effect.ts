import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { ForwardIR, ProxyProtocolIR } from '@causeway/ir/gateway';
import type { Gateway } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { PROXY_VERSIONS, translateBackendTrafficPolicy } from './backend-traffic-policy.ts';
import { withLookupFamily } from './lookup-family.ts';
import { policyAt } from './precedence.ts';

/** A route of layer 4 at a listener. */
export interface StreamPlace {
  readonly route: KubernetesObject;
  readonly gateway: Gateway;
  /** See `policySection`. */
  readonly listener?: string | undefined;
}

/** What the BackendTrafficPolicy in force makes of connections. Source: GW-33, GW-43, GW-45. */
export function withStreamPolicy(view: View, place: StreamPlace, action: ForwardIR): ForwardIR {
  const policy = policyAt(view, 'BackendTrafficPolicy', place);
  if (policy === undefined) return action;
  const { timeouts, affinity, nearness, healthCheck, panicPercent } = translateBackendTrafficPolicy(view, policy, {
    gateway: place.gateway,
    scope: '',
  }).forward;
  const most = policy.spec.circuitBreaker?.maxConnections;
  const isAsked = healthCheck !== undefined && action.backends.every(({ protocol }) => protocol !== 'udp');
  return {
    ...withLookupFamily(action, policy.spec.dns?.lookupFamily),
    ...(timeouts?.connectMs === undefined ? {} : { timeouts: { ...action.timeouts, connectMs: timeouts.connectMs } }),
    // By the address of the client, or in turn: of a connection nothing else is known.
    ...(affinity?.type === 'sourceAddress' ? { affinity } : {}),
    ...(nearness === undefined ? {} : { nearness }),
    ...(most === undefined || place.route.kind !== 'TCPRoute' ? {} : { mostConnections: most }),
    ...(isAsked ? { healthCheck, ...(panicPercent === undefined ? {} : { panicPercent }) } : {}),
  };
}

/** How endpoints of a TCPRoute are told the client. */
export function sentProxyProtocol(view: View, place: StreamPlace): ProxyProtocolIR['send'] {
  const policy = policyAt(view, 'BackendTrafficPolicy', place);
  const version = policy?.spec.proxyProtocol?.version;
  return version && PROXY_VERSIONS[version];
}
