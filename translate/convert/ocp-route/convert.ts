/**
 * OpenShift Routes become routes of the Gateway API, and policies of gateway.envoyproxy.io where that has no word.
 *
 * Each Route is converted for itself (converted-route.ts); what concerns several is judged behind that: one policy for a
 * Service, hosts of two namespaces, listeners of Gateways.
 *
 * Source: spec MG.
 */
import { type KubernetesObject, keyOf, objectKeyText } from '@causeway/apis/meta/object';
import { byText, type Conversion, inOrder, withoutNamesakes } from '../conversion.ts';
import { gatewayObjects } from '../gateway-plan.ts';
import { type Message, message, type Tell } from '../message.ts';
import { ServiceInventory } from '../service-inventory.ts';
import { type ClusterSettings, isClusterSetting, readClusterSettings } from './cluster-settings.ts';
import { type ConvertedRoute, convertRoute } from './converted-route.ts';
import { hostnameOf } from './host.ts';
import type { RouteOptions } from './options.ts';
import { isRoute, type RouteReading, readRoute } from './route-reading.ts';

/** Kinds of the input that only help. */
const LOOKED_UP = ['Service', 'EndpointSlice', 'Secret', 'ConfigMap'];

/** @param objects each with a namespace, if its kind has one */
export function convertRoutes(objects: readonly KubernetesObject[], options: RouteOptions): Conversion {
  const { settings: cluster, messages: aboutCluster } = readClusterSettings(objects);
  const messages: Message[] = [...aboutCluster, ...skipped(objects)];
  const readings = readAll(objects, options, cluster, messages);
  const passthroughListener = passthroughListeners(readings, options);
  const results = readings.map((reading): Result => {
    const own: Message[] = [];
    const converted = convertRoute({ ...reading, tell: collector(reading, own) }, passthroughListener(reading));
    return { title: objectKeyText(reading.key), own, converted };
  });
  const kept = withoutConflicts(results.filter((result) => !isLeftOut(result, options)));
  const last = kept.filter((result) => !isLeftOut(result, options));
  const written = last.flatMap(({ converted }) => converted ?? []);
  messages.push(...results.flatMap(({ own }) => own), ...sharedHosts(results));
  if (!options.routerDefaults && results.length > 0) {
    const text =
      'a gateway balances, checks and limits time otherwise than the router where a Route says nothing (15s a request, no session cookie, no health checks); --router-defaults writes what the router does';
    messages.push(message('I400', 'all', 'metadata.annotations', text));
  }
  const gateways = gatewayObjects(
    written.map(({ attachment }) => attachment),
    options,
    cluster.namespaceOwnership === 'InterNamespaceAllowed',
  );
  // What a Route of that name became, before what another Route brings.
  const own = written.flatMap((route) => [...route.objects, ...policiesOf(route)]);
  const first = last.flatMap(({ title, converted }) =>
    (converted?.objects ?? []).filter((object) => objectKeyText(keyOf(object)) === title),
  );
  const named = withoutNamesakes([...gateways.objects, ...first, ...own]);
  return { objects: inOrder(named.objects), messages: [...messages, ...gateways.messages, ...named.messages] };
}

interface Result {
  readonly title: string;
  readonly own: Message[];
  readonly converted: ConvertedRoute | undefined;
}

function isLeftOut({ own, converted }: Result, { strict }: RouteOptions): boolean {
  return converted === undefined || (strict && own.some(({ level }) => level === 'E'));
}

function policiesOf({ backendTls }: ConvertedRoute): readonly KubernetesObject[] {
  return backendTls.map(({ policy }) => policy);
}

function collector({ key }: RouteReading, messages: Message[]): Tell {
  return (code, field, text) => messages.push(message(code, objectKeyText(key), field, text));
}

function skipped(objects: readonly KubernetesObject[]): readonly Message[] {
  return objects
    .filter((object) => !isRoute(object) && !isClusterSetting(object) && !LOOKED_UP.includes(object.kind))
    .map((object) =>
      message('I100', objectKeyText(keyOf(object)), 'kind', `${object.kind} of ${object.apiVersion} skipped`),
    );
}

function readAll(
  objects: readonly KubernetesObject[],
  options: RouteOptions,
  cluster: ClusterSettings,
  messages: Message[],
): readonly RouteReading[] {
  const services = new ServiceInventory(objects);
  const readings = new Map<string, RouteReading>();
  for (const object of objects.filter(isRoute)) {
    const key = keyOf(object);
    const title = objectKeyText(key);
    const route = readRoute(object);
    if (typeof route === 'string') {
      const [field = '', ...text] = route.split(': ');
      messages.push(message('E103', title, field, text.join(': ')));
    } else if (readings.has(title)) {
      messages.push(message('E103', title, 'metadata.name', 'the input has this Route twice; the first is converted'));
    } else {
      const gateway = { name: options.gateway.name, namespace: options.gateway.namespace ?? key.namespace };
      readings.set(title, { key, route, options, services, cluster, gateway, tell: () => undefined });
    }
  }
  return [...readings].toSorted(([a], [b]) => byText(a, b)).map(([, reading]) => reading);
}

/**
 * The listener of a host whose TLS is passed through. A written Gateway has a listener for each, since beside HTTPS on one
 * port it must have a hostname.
 */
function passthroughListeners(
  readings: readonly RouteReading[],
  { emitGateway, tlsListener }: RouteOptions,
): (reading: RouteReading) => (hostname: string) => string {
  const hosts = new Map<string, Set<string>>();
  for (const reading of readings.filter(({ route }) => route.spec.tls?.termination === 'passthrough')) {
    const gateway = objectKeyText(reading.gateway);
    const known = hosts.get(gateway) ?? new Set();
    hosts.set(gateway, known.add(hostnameOf(reading) ?? ''));
  }
  return ({ gateway }) =>
    (hostname) =>
      emitGateway && (hosts.get(objectKeyText(gateway))?.size ?? 0) > 1
        ? `${tlsListener}.${hostname.replace('*', 'wildcard')}`
        : tlsListener;
}

/** A Service has one BackendTLSPolicy: the first Route's, which later ones share when they want the same. */
function withoutConflicts(results: readonly Result[]): readonly Result[] {
  const taken = new Map<string, { readonly verification: string; readonly by: string }>();
  return results.map((result) => {
    const { title, own, converted } = result;
    if (converted === undefined) return result;
    const conflict = converted.backendTls.find(({ target, verification }) => {
      const other = taken.get(target);
      return other !== undefined && other.verification !== verification;
    });
    if (conflict !== undefined) {
      const text = `${conflict.target.replace(/:$/, '')} is verified otherwise for Route ${taken.get(conflict.target)?.by}, and can be in one way only; not converted`;
      own.push(message('E306', title, 'spec.tls.destinationCACertificate', text));
      return { ...result, converted: undefined };
    }
    const fresh = converted.backendTls.filter(({ target }) => !taken.has(target));
    for (const { target, verification } of fresh) taken.set(target, { verification, by: title });
    return { ...result, converted: { ...converted, backendTls: fresh } };
  });
}

function sharedHosts(results: readonly Result[]): readonly Message[] {
  const byHost = new Map<string, string[]>();
  for (const { title, converted } of results) {
    if (converted === undefined) continue;
    const place = `${converted.hostname}${converted.path}`;
    byHost.set(place, [...(byHost.get(place) ?? []), title]);
  }
  return [...byHost].flatMap(([place, titles]) => {
    const namespaces = new Set(titles.map((title) => title.slice(0, title.indexOf('/'))));
    if (namespaces.size < 2) return [];
    const text = `${place} is also that of Route`;
    return titles.map((title) =>
      message(
        'W311',
        title,
        'spec.host',
        `${text} ${titles.filter((other) => other !== title).join(', ')}; the oldest gets the requests`,
      ),
    );
  });
}
