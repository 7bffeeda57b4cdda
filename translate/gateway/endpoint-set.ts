import { isIP, isIPv4 } from 'node:net';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { EndpointIR, EndpointSetIR } from '@causeway/ir/gateway';
import type { EndpointSlice } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import type { Problem } from './problem.ts';

/**
 * The addresses behind one port of one Service: ready endpoints of its EndpointSlices, with the targetPort found by
 * the name of the Service port; or the literal address of an ExternalName. Never the ClusterIP.
 *
 * Source: spec ALB-60; link-local backends are refused (design D12).
 *
 * @param id `namespace/service:port`, see `endpointSetId`
 */
export function translateEndpointSet(
  view: View,
  id: string,
): { readonly endpoints: EndpointSetIR; readonly problems: readonly Problem[] } {
  const { key, port, protocol } = parseEndpointSetId(id);
  const found = (endpoints: readonly EndpointIR[], problems: readonly Problem[] = []) => ({
    endpoints: { kind: 'endpointSet' as const, id, endpoints: sorted(endpoints) },
    problems,
  });
  const refused = (reason: Problem['reason'], message: string) =>
    found([], [{ object: { kind: 'Service', key }, reason, message, severity: 'Warning' }]);

  const service = view.get('Service', key);
  if (service === undefined) return refused('RefNotFound', `Service ${objectKeyText(key)} not found`);
  if (service.spec?.type === 'ExternalName') {
    const address = service.spec.externalName ?? '';
    if (isIP(address) === 0) {
      return refused('UnsupportedFeature', `spec.externalName ${address}: only addresses are served by this version`);
    }
    return isLinkLocal(address)
      ? refused('RefNotPermitted', `spec.externalName ${address}: link-local addresses are refused`)
      : found([{ address, port }]);
  }
  const servicePort = service.spec?.ports?.find(
    (entry) => entry.port === port && (entry.protocol ?? 'TCP') === protocol,
  );
  if (servicePort === undefined) return refused('RefNotFound', `spec.ports: no ${protocol} port ${port}`);

  const endpoints: EndpointIR[] = [];
  const linkLocal = new Set<string>();
  for (const slice of view.by('EndpointSlice', 'service', objectKeyText(key))) {
    for (const endpoint of readyEndpoints(slice, servicePort.name ?? '', protocol)) {
      if (isLinkLocal(endpoint.address)) linkLocal.add(endpoint.address);
      else endpoints.push(endpoint);
    }
  }
  if (linkLocal.size === 0) return found(endpoints);
  const message = `endpoints ${[...linkLocal].sort().join(', ')}: link-local addresses are refused`;
  return found(endpoints, [
    { object: { kind: 'Service', key }, reason: 'RefNotPermitted', message, severity: 'Warning' },
  ]);
}

function parseEndpointSetId(id: string): {
  readonly key: ObjectKey;
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
} {
  const match = /^([^/]+)\/([^/:]+):([0-9]+)(\/udp)?$/.exec(id);
  if (match === null) throw new RangeError(`not an endpoint set id: ${id}`);
  const [, namespace = '', name = '', port, udp] = match;
  return { key: { namespace, name }, port: Number(port), protocol: udp === undefined ? 'TCP' : 'UDP' };
}

/** `ready` unset means ready (EndpointConditions); the port is the one with the name of the Service port. */
function* readyEndpoints(slice: EndpointSlice, portName: string, transport: string): Iterable<EndpointIR> {
  const entry = slice.ports?.find(
    ({ name, protocol }) => (name ?? '') === portName && (protocol ?? 'TCP') === transport,
  );
  const port: unknown = entry?.port;
  // The API has null where every port is meant; no Service port says which that would be.
  if (typeof port !== 'number') return;
  for (const endpoint of slice.endpoints ?? []) {
    if (endpoint.conditions?.ready === false) continue;
    for (const address of endpoint.addresses) {
      // Slices of type FQDN hold names.
      if (isIP(address) !== 0) yield { address, port };
    }
  }
}

/** 169.254.0.0/16, where clouds keep their metadata, and fe80::/10. */
function isLinkLocal(address: string): boolean {
  return isIPv4(address) ? address.startsWith('169.254.') : /^fe[89ab]|^::ffff:(?:169\.254\.|a9fe:)/i.test(address);
}

function sorted(endpoints: readonly EndpointIR[]): readonly EndpointIR[] {
  const unique = new Map(endpoints.map((endpoint) => [`${endpoint.address} ${endpoint.port}`, endpoint]));
  return [...unique.values()].sort((a, b) =>
    a.address === b.address ? a.port - b.port : a.address < b.address ? -1 : 1,
  );
}
