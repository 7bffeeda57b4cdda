import type { KubernetesObject, ObjectKey } from '@causeway/apis/meta/object';
import { schemaMistake } from '@causeway/apis/meta/schema-mistake';
import { OPENSHIFT_ROUTE_GROUP, type OpenShiftRoute, openShiftRouteSpec } from '@causeway/apis/openshift/route';
import { annotationField, type Tell } from '../message.ts';
import type { ServiceInventory } from '../service-inventory.ts';
import type { ClusterSettings } from './cluster-settings.ts';
import type { RouteOptions } from './options.ts';

/** One Route and what is known around it. */
export interface RouteReading {
  readonly key: ObjectKey;
  readonly route: OpenShiftRoute;
  readonly options: RouteOptions;
  readonly services: ServiceInventory;
  readonly cluster: ClusterSettings;
  /** Where it is attached. */
  readonly gateway: ObjectKey;
  readonly tell: Tell;
}

export const HAPROXY = 'haproxy.router.openshift.io/';
export const ROUTER = 'router.openshift.io/';

export function isRoute(object: KubernetesObject): boolean {
  return object.kind === 'Route' && object.apiVersion.startsWith(`${OPENSHIFT_ROUTE_GROUP}/`);
}

/** @returns the Route, or what is wrong with its shape: `spec.to.name: Required value` */
export function readRoute(object: KubernetesObject): OpenShiftRoute | string {
  const { spec } = object as { readonly spec?: unknown };
  const mistake = schemaMistake(openShiftRouteSpec.json, spec ?? null, 'spec');
  return mistake ?? (object as OpenShiftRoute);
}

/** The text of an annotation; undefined: there is none. */
export function annotationOf({ route }: Pick<RouteReading, 'route'>, key: string): string | undefined {
  const value: unknown = route.metadata.annotations?.[key];
  return value === undefined || value === null ? undefined : String(value);
}

/** What a Route keeps of its metadata when it becomes an object of the same name. */
export function keptMetadata(route: OpenShiftRoute): Pick<KubernetesObject['metadata'], 'labels' | 'annotations'> {
  const { labels, annotations } = route.metadata;
  const kept = Object.entries(annotations ?? {}).filter(([key]) => !isConsumed(key));
  return {
    ...(labels === undefined ? {} : { labels }),
    ...(kept.length === 0 ? {} : { annotations: Object.fromEntries(kept) }),
  };
}

/** Of the router, kubectl and OpenShift. */
function isConsumed(key: string): boolean {
  const [domain = ''] = key.split('/');
  return domain === 'kubectl.kubernetes.io' || domain === 'openshift.io' || domain.endsWith('.openshift.io');
}

const KNOWN: ReadonlySet<string> = new Set([
  ...[
    'timeout',
    'timeout-tunnel',
    'hsts_header',
    'balance',
    'disable_cookies',
    'ip_allowlist',
    'ip_whitelist',
    'rewrite-target',
    'rate-limit-connections',
    'rate-limit-connections.rate-http',
    'rate-limit-connections.concurrent-tcp',
    'rate-limit-connections.rate-tcp',
    'pod-concurrent-connections',
    'set-forwarded-headers',
    'h1-adjust-case',
    'response-set-header',
    'request-set-header',
  ].map((name) => HAPROXY + name),
  ...['cookie_name', 'cookie-same-site', 'haproxy.health.check.interval'].map((name) => ROUTER + name),
]);

/** Tells annotations of the router that nothing here reads, and those that never have an equivalent. */
export function tellUnconverted(reading: RouteReading): void {
  const { route, tell } = reading;
  const keys = Object.keys(route.metadata.annotations ?? {}).sort();
  const unknown = keys.filter((key) => (key.startsWith(HAPROXY) || key.startsWith(ROUTER)) && !KNOWN.has(key));
  if (unknown.length > 0) tell('I101', 'metadata.annotations', `of the router, not known here: ${unknown.join(', ')}`);
  for (const key of unknown) tell('W299', annotationField(key), 'not converted');
  const forwarded = annotationOf(reading, `${HAPROXY}set-forwarded-headers`);
  if (forwarded !== undefined && forwarded !== 'append') {
    const text = `${JSON.stringify(forwarded)} is not converted: a gateway appends to X-Forwarded-For`;
    tell('W213', annotationField(`${HAPROXY}set-forwarded-headers`), text);
  }
  if (annotationOf(reading, `${HAPROXY}h1-adjust-case`) !== undefined) {
    const text =
      'not converted: the case of header names is a setting of a listener (ClientTrafficPolicy, http1.preserveHeaderCase)';
    tell('W214', annotationField(`${HAPROXY}h1-adjust-case`), text);
  }
}
