import { isIP } from 'node:net';
import type { Dns } from '@causeway/apis/envoy-gateway/dns';
import { serviceOfName } from '@causeway/apis/kubernetes/service-name';
import {
  type AddressFamily,
  type BackendIR,
  endpointSetId,
  type FilterIR,
  type ForwardIR,
  hostOfFamily,
  parseEndpointSetId,
} from '@causeway/ir/gateway';

type LookupFamily = NonNullable<Dns['lookupFamily']>;

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
  if (family === undefined) return action;
  const backends = action.backends.map((each) => ({
    ...ofFamily(each, family),
    filters: mirrorsOfFamily(each.filters, wanted),
  }));
  return { ...action, backends };
}

/** The same of copies of requests. */
export function mirrorsOfFamily(filters: readonly FilterIR[], wanted: LookupFamily | undefined): readonly FilterIR[] {
  return filters.map((filter) =>
    filter.type === 'mirror' ? { ...filter, host: askedHost(filter.host, wanted) } : filter,
  );
}

/** And of a service that is asked. @param host see `ServiceAddressIR` */
export function askedHost(host: string, wanted: LookupFamily | undefined): string {
  const family = wanted && FAMILIES[wanted];
  const isName = isIP(host) === 0 && !host.startsWith('[') && serviceOfName(host) === undefined;
  return family === undefined || !isName ? host : hostOfFamily(host, family);
}

function ofFamily(backend: BackendIR, family: AddressFamily): BackendIR {
  const { target } = backend;
  if (target.type !== 'endpoints') return backend;
  const name = parseEndpointSetId(target.id);
  if (name.ofBackend !== true) return backend;
  return { ...backend, target: { type: 'endpoints', id: endpointSetId({ ...name, family }) } };
}
