import { collectionOf } from '../registry/registry.ts';
import { type JsonObject, listAt, numberAt, objectAt, objectsAt, textAt } from '../schema/json.ts';
import { entryKey, objectOf } from '../storage/entry.ts';
import type { Store } from '../storage/store.ts';
import type { WebhookService } from './client-config.ts';

/** Where a connection is opened to. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

const SERVICE_NAME = 'kubernetes.io/service-name';

/**
 * An address that stands behind a port of a Service, a random one of those that are ready; or in words why there is none. Cluster IPs lead
 * nowhere here, so it is read from EndpointSlices, or from Endpoints where nobody mirrors them.
 */
export function serviceAddress(store: Store, { namespace, name, port }: WebhookService): Address | string {
  const entry = collectionOf(store, '', 'services').get(entryKey(namespace, name));
  if (entry === undefined) return `service ${JSON.stringify(name)} not found`;
  const spec = objectAt(objectOf(entry), 'spec');
  if (textAt(spec, 'type') === 'ExternalName') return { host: textAt(spec, 'externalName'), port };
  const served = objectsAt(spec, 'ports').find((each) => numberAt(each, 'port') === port);
  if (served === undefined) return `no service port ${port} found for service ${JSON.stringify(name)}`;
  const portName = textAt(served, 'name');
  const ready = [...sliceAddresses(store, namespace, name, portName)];
  const addresses = ready.length > 0 ? ready : [...endpointsAddresses(store, namespace, name, portName)];
  const chosen = addresses[Math.floor(Math.random() * addresses.length)];
  return chosen ?? `no endpoints available for service ${JSON.stringify(name)}`;
}

function* sliceAddresses(store: Store, namespace: string, service: string, portName: string): Generator<Address> {
  for (const entry of collectionOf(store, 'discovery.k8s.io', 'endpointslices').range(namespace)) {
    if (entry.labels?.[SERVICE_NAME] !== service) continue;
    const slice = objectOf(entry);
    const port = portNumber(slice, portName);
    if (port === undefined) continue;
    for (const endpoint of objectsAt(slice, 'endpoints')) {
      if (objectAt(endpoint, 'conditions')?.ready === false) continue;
      for (const host of listAt(endpoint, 'addresses')) if (typeof host === 'string') yield { host, port };
    }
  }
}

function* endpointsAddresses(store: Store, namespace: string, service: string, portName: string): Generator<Address> {
  const entry = collectionOf(store, '', 'endpoints').get(entryKey(namespace, service));
  if (entry === undefined) return;
  for (const subset of objectsAt(objectOf(entry), 'subsets')) {
    const port = portNumber(subset, portName);
    if (port === undefined) continue;
    for (const address of objectsAt(subset, 'addresses')) yield { host: textAt(address, 'ip'), port };
  }
}

function portNumber(holder: JsonObject, portName: string): number | undefined {
  return numberAt(
    objectsAt(holder, 'ports').find((port) => textAt(port, 'name') === portName),
    'port',
  );
}
