import { isIP } from 'node:net';
import { serviceOfName } from '@causeway/apis/kubernetes/service-name';
import { isLinkLocal } from '@causeway/apis/meta/address';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import {
  type AddressFamily,
  type EndpointIR,
  type EndpointSetIR,
  type EndpointSetName,
  type NearnessIR,
  parseEndpointSetId,
} from '@causeway/ir/gateway';
import type { EndpointSlice, Service } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { type FoundEndpoint, nearnessOf, placed } from './nearness.ts';
import type { Problem } from './problem.ts';

/**
 * The addresses behind one port of one Service: ready endpoints of its EndpointSlices, with the targetPort found by
 * the name of the Service port; those of other clusters, where the ALB wants them; or what an ExternalName stands for.
 * The ClusterIP only where that is asked for (service-upstream).
 *
 * Source: spec ALB-60; link-local backends are refused (design D12).
 *
 * @param id see `endpointSetId`
 */
export function translateEndpointSet(
  view: View,
  id: string,
): { readonly endpoints: EndpointSetIR; readonly problems: readonly Problem[] } {
  const name = parseEndpointSetId(id);
  const key: ObjectKey = { namespace: name.namespace, name: name.service };
  const { endpoints, nearness, problem } =
    name.ofBackend === true ? ofBackend(view, key, name) : backendsOf(view, view.get('Service', key), name);
  const linkLocal = new Set(endpoints.map(({ address }) => address).filter(isLinkLocal));
  const problems: Problem[] = [];
  const warn = (reason: Problem['reason'], message: string) =>
    problems.push({
      object: { kind: name.ofBackend === true ? 'Backend' : 'Service', key },
      reason,
      message,
      severity: 'Warning',
    });
  if (problem !== undefined) warn(problem.reason, problem.message);
  if (linkLocal.size > 0) {
    warn('RefNotPermitted', `endpoints ${[...linkLocal].sort().join(', ')}: link-local addresses are refused`);
  }
  const served = sorted(endpoints.filter(({ address }) => !linkLocal.has(address)));
  return { endpoints: { kind: 'endpointSet', id, endpoints: served, ...(nearness && { nearness }) }, problems };
}

interface Backends {
  readonly endpoints: readonly EndpointIR[];
  readonly nearness?: NearnessIR | undefined;
  readonly problem?: Pick<Problem, 'reason' | 'message'>;
}

function backendsOf(view: View, service: Service | undefined, name: EndpointSetName): Backends {
  const { namespace, port, transport, otherClusters } = name;
  const key = objectKeyText({ namespace, name: name.service });
  const protocol = transport === 'udp' ? 'UDP' : 'TCP';
  const imported = otherClusters
    ? view
        .by('EndpointSlice', 'otherClusters', namespace)
        .filter(({ metadata }) => metadata.name.startsWith(name.service))
    : [];
  if (service === undefined) {
    // No Service port says which name the port has in other clusters: it must have the same number.
    const found = imported.flatMap((slice) => [...readyEndpoints(slice, (entry) => entry.port === port, protocol)]);
    const endpoints = placed(found, undefined);
    if (imported.length > 0) return { endpoints };
    return { endpoints, problem: { reason: 'RefNotFound', message: `Service ${key} not found` } };
  }
  if (service.spec?.type === 'ExternalName') {
    return externalBackends(view, service.spec.externalName ?? '', { port, transport }, 'spec.externalName');
  }
  const servicePort = service.spec?.ports?.find(
    (entry) => entry.port === port && (entry.protocol ?? 'TCP') === protocol,
  );
  if (servicePort === undefined) {
    return { endpoints: [], problem: { reason: 'RefNotFound', message: `spec.ports: no ${protocol} port ${port}` } };
  }
  const { clusterIP } = service.spec ?? {};
  if (name.clusterIp === true && clusterIP !== undefined && isIP(clusterIP) !== 0) {
    return { endpoints: [{ address: clusterIP, port }] };
  }
  const isPort = (entry: SlicePort) => (entry.name ?? '') === (servicePort.name ?? '');
  const slices = [...view.by('EndpointSlice', 'service', key), ...imported];
  const nearness = nearnessOf(service);
  const found = slices.flatMap((slice) => [...readyEndpoints(slice, isPort, protocol)]);
  return { endpoints: placed(found, nearness), nearness };
}

/** Endpoints of a Backend (GW-16), each with its port; those without are left out. */
function ofBackend(
  view: View,
  key: ObjectKey,
  { transport, family }: Pick<EndpointSetName, 'transport' | 'family'>,
): Backends {
  const found = (view.get('Backend', key)?.spec.endpoints ?? []).map(({ ip, fqdn, zone }): Backends => {
    const { port } = ip ?? fqdn ?? { port: 0 };
    if (port === 0) return { endpoints: [] };
    const host = ip?.address ?? fqdn?.hostname ?? '';
    const found = externalBackends(view, host, { port, transport, ...(family && { family }) }, 'spec.endpoints:');
    if (zone === undefined) return found;
    return { ...found, endpoints: found.endpoints.map((endpoint) => ({ zone, ...endpoint })) };
  });
  const problem = found.find((each) => each.problem !== undefined)?.problem;
  return { endpoints: found.flatMap(({ endpoints }) => endpoints), ...(problem === undefined ? {} : { problem }) };
}

/** Name or ClusterIP of a Service by its endpoints, another address as it is, any other name by what DNS last said about it. */
function externalBackends(
  view: View,
  name: string,
  { port, transport, family }: Pick<EndpointSetName, 'port' | 'transport' | 'family'>,
  field: string,
): Backends {
  const service = isIP(name) === 0 ? serviceNamed(view, name) : view.by('Service', 'clusterIp', name)[0];
  // One that stands for another name might stand for this one.
  if (service !== undefined && service.spec?.type !== 'ExternalName') {
    const { namespace, name: itsName } = keyOf(service);
    return backendsOf(view, service, { namespace, service: itsName, port, transport, otherClusters: false });
  }
  if (isIP(name) !== 0) return { endpoints: [{ address: name, port }] };
  const answer = view.get('HostName', { namespace: '', name });
  const known = answer?.addresses ?? [];
  const endpoints = ofFamily(known, family).map((address) => ({ address, port }));
  if (answer?.failure === undefined) {
    if (endpoints.length > 0 || known.length === 0) return { endpoints };
    return {
      endpoints,
      problem: { reason: 'DnsFailed', message: `${field} ${name}: no address of the family wanted` },
    };
  }
  const consequence = endpoints.length > 0 ? '; the addresses known before stay' : '';
  return {
    endpoints,
    problem: { reason: 'DnsFailed', message: `${field} ${name}: ${answer.failure}${consequence}` },
  };
}

/** Those of the family that is wanted. */
export function ofFamily(addresses: readonly string[], family: AddressFamily | undefined): readonly string[] {
  if (family === undefined) return addresses;
  const version = family.startsWith('ipv4') ? 4 : 6;
  const found = addresses.filter((address) => isIP(address) === version);
  return found.length === 0 && family.endsWith('Preferred') ? addresses : found;
}

function serviceNamed(view: View, name: string): Service | undefined {
  const key = serviceOfName(name);
  return key && view.get('Service', key);
}

const PORT_MAX = 65_535;

type SlicePort = NonNullable<EndpointSlice['ports']>[number];

/** `ready` unset means ready (EndpointConditions). */
function* readyEndpoints(
  slice: EndpointSlice,
  isPort: (entry: SlicePort) => boolean,
  transport: string,
): Iterable<FoundEndpoint> {
  const entry = slice.ports?.find((each) => isPort(each) && (each.protocol ?? 'TCP') === transport);
  const port: unknown = entry?.port;
  // The API has null where every port is meant; no Service port says which that would be.
  if (typeof port !== 'number') return;
  // Nor does it look whether there is such a port.
  if (port < 1 || port > PORT_MAX) return;
  for (const endpoint of slice.endpoints ?? []) {
    if (endpoint.conditions?.ready === false) continue;
    for (const address of endpoint.addresses) {
      // Slices of type FQDN hold names.
      if (isIP(address) === 0) continue;
      const { zone } = endpoint;
      yield { endpoint: { address, port, ...(zone === undefined || zone === '' ? {} : { zone }) }, source: endpoint };
    }
  }
}

function sorted(endpoints: readonly EndpointIR[]): readonly EndpointIR[] {
  const unique = new Map(endpoints.map((endpoint) => [`${endpoint.address} ${endpoint.port}`, endpoint]));
  return [...unique.values()].sort((a, b) =>
    a.address === b.address ? a.port - b.port : a.address < b.address ? -1 : 1,
  );
}
