import { type JsonObject, listAt, numberAt, objectAt, objectsAt, textAt } from '../../schema/json.ts';
import { AGE, NAME, someOf, text, wide } from '../column.ts';

export const serviceColumns = [
  NAME,
  text('Type', 'How the Service is exposed.', (service) => textAt(objectAt(service, 'spec'), 'type')),
  text('Cluster-IP', 'The virtual address.', (service) => textAt(objectAt(service, 'spec'), 'clusterIP') || '<none>'),
  text('External-IP', 'Addresses reachable from outside.', externalAddress),
  text('Port(s)', 'The ports that are exposed.', portsOf),
  AGE,
  wide(
    text('Selector', 'Labels of the Pods the Service routes to.', (service) =>
      labelsText(objectAt(objectAt(service, 'spec'), 'selector')),
    ),
  ),
];

export const endpointsColumns = [
  NAME,
  text('Endpoints', 'Addresses and ports that are ready.', (object) => {
    const all = objectsAt(object, 'subsets').flatMap((subset) => {
      const addresses = objectsAt(subset, 'addresses').map((address) => textAt(address, 'ip'));
      const ports = objectsAt(subset, 'ports');
      return ports.length === 0
        ? addresses
        : ports.flatMap((port) => addresses.map((address) => `${bracketed(address)}:${numberAt(port, 'port') ?? 0}`));
    });
    return someOf(all);
  }),
  AGE,
];

export const endpointSliceColumns = [
  NAME,
  text('AddressType', 'The type of address of this slice.', (slice) => textAt(slice, 'addressType')),
  text('Ports', 'Ports of the endpoints.', (slice) => {
    const ports = objectsAt(slice, 'ports').map((port) => String(numberAt(port, 'port') ?? '*'));
    return ports.length === 0 ? '<unset>' : someOf(ports);
  }),
  text('Endpoints', 'Addresses of the endpoints.', (slice) => {
    const addresses = objectsAt(slice, 'endpoints').flatMap((endpoint) => listAt(endpoint, 'addresses').map(String));
    return addresses.length === 0 ? '<unset>' : someOf(addresses);
  }),
  AGE,
];

/** `app=web,tier=front`, sorted; `<none>` for none. */
export function labelsText(labels: JsonObject | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${String(value)}`);
  return pairs.length === 0 ? '<none>' : pairs.sort().join(',');
}

function externalAddress(service: JsonObject): string {
  const spec = objectAt(service, 'spec');
  const external = listAt(spec, 'externalIPs').map(String);
  switch (textAt(spec, 'type')) {
    case 'ExternalName':
      return textAt(spec, 'externalName');
    case 'LoadBalancer': {
      const points = objectsAt(objectAt(objectAt(service, 'status'), 'loadBalancer'), 'ingress');
      const assigned = points.map((point) => textAt(point, 'ip') || textAt(point, 'hostname'));
      const all = [...assigned, ...external];
      return all.length === 0 ? '<pending>' : all.join(',');
    }
    default:
      return external.length === 0 ? '<none>' : external.join(',');
  }
}

function portsOf(service: JsonObject): string {
  const ports = objectsAt(objectAt(service, 'spec'), 'ports').map((port) => {
    const nodePort = numberAt(port, 'nodePort') ?? 0;
    return `${numberAt(port, 'port') ?? 0}${nodePort > 0 ? `:${nodePort}` : ''}/${textAt(port, 'protocol')}`;
  });
  return ports.length === 0 ? '<none>' : ports.join(',');
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
