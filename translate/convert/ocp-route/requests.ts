import { type KubernetesObject, keyOf, objectKeyText } from '@causeway/apis/meta/object';
import { byText } from '../conversion.ts';
import { ServiceInventory } from '../service-inventory.ts';
import { readClusterSettings } from './cluster-settings.ts';
import { hostnameOf } from './host.ts';
import { DEFAULT_ROUTE_OPTIONS } from './options.ts';
import { isRoute, readRoute } from './route-reading.ts';

/** A request by which it shows whether a Route is served. */
export interface RouteRequest {
  /** `namespace/name` */
  readonly route: string;
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly path: string;
}

/** One request for each Route and scheme that it is served by; a subdomain stands for all of them. Source: spec MG-19. */
export function routeRequests(objects: readonly KubernetesObject[], ingressDomain?: string): readonly RouteRequest[] {
  const { settings: cluster } = readClusterSettings(objects);
  const services = new ServiceInventory([]);
  const options = { ...DEFAULT_ROUTE_OPTIONS, ...(ingressDomain === undefined ? {} : { ingressDomain }) };
  return objects
    .filter(isRoute)
    .toSorted((a, b) => byText(objectKeyText(keyOf(a)), objectKeyText(keyOf(b))))
    .flatMap((object) => {
      const key = keyOf(object);
      const route = readRoute(object);
      if (typeof route === 'string') return [];
      const hostname = hostnameOf({ key, route, options, services, cluster, gateway: key, tell: () => undefined });
      if (hostname === undefined) return [];
      const { tls, path = '' } = route.spec;
      const insecure = tls?.insecureEdgeTerminationPolicy ?? '';
      const schemes = [
        ...(tls === undefined || insecure === 'Allow' || insecure === 'Redirect' ? (['http'] as const) : []),
        ...(tls === undefined ? [] : (['https'] as const)),
      ];
      const host = hostname.replace(/^\*/, 'any');
      return schemes.map((scheme) => ({ route: objectKeyText(key), scheme, host, path: path === '' ? '/' : path }));
    });
}
