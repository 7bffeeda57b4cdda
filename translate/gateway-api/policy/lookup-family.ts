import type { BackendTrafficPolicySpec } from '@causeway/apis/envoy-gateway/backend-traffic-policy';
import {
  type AddressFamily,
  type BackendIR,
  endpointSetId,
  type ForwardIR,
  parseEndpointSetId,
} from '@causeway/ir/gateway';

type LookupFamily = NonNullable<NonNullable<BackendTrafficPolicySpec['dns']>['lookupFamily']>;

const FAMILIES: Readonly<Record<LookupFamily, AddressFamily | undefined>> = {
  IPv4: 'ipv4',
  IPv6: 'ipv6',
  IPv4Preferred: 'ipv4Preferred',
  IPv6Preferred: 'ipv6Preferred',
  IPv4AndIPv6: undefined,
};

/**
 * Of what DNS says of names of Backends, the addresses that a policy wants used. Endpoints of Services are no matter of DNS.
 *
 * Source: GW-45.
 */
export function withLookupFamily(action: ForwardIR, wanted: LookupFamily | undefined): ForwardIR {
  const family = wanted && FAMILIES[wanted];
  return family === undefined ? action : { ...action, backends: action.backends.map((each) => ofFamily(each, family)) };
}

function ofFamily(backend: BackendIR, family: AddressFamily): BackendIR {
  const { target } = backend;
  if (target.type !== 'endpoints') return backend;
  const name = parseEndpointSetId(target.id);
  if (name.ofBackend !== true) return backend;
  return { ...backend, target: { type: 'endpoints', id: endpointSetId({ ...name, family }) } };
}
