import type { HTTPRouteFilter } from '@causeway/apis/gateway-api/http-filter';
import type { HTTPRouteRule } from '@causeway/apis/gateway-api/http-route';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { Attachment } from '../gateway-plan.ts';
import { parentReference } from '../gateway-reference.ts';
import { annotationField } from '../message.ts';
import { pathMistake } from '../route-text.ts';
import { sessionPersistence } from './affinity.ts';
import { backendRefs, backendsOf, type RouteBackend } from './backend.ts';
import { type BackendTls, reencryptedBackends } from './backend-tls.ts';
import { headerFilters } from './header-filters.ts';
import { hostnameOf } from './host.ts';
import { type Authorization, ipFilter } from './ip-filter.ts';
import { rewriteFilter } from './rewrite.ts';
import { type RouteCertificate, routeCertificate } from './route-certificate.ts';
import { annotationOf, HAPROXY, keptMetadata, ROUTER, type RouteReading, tellUnconverted } from './route-reading.ts';
import { requestTimeout } from './timeout.ts';
import { podConnections, tellConnectionsOfGateway, trafficSettings } from './traffic-policy.ts';

/** What one Route became. */
export interface ConvertedRoute {
  readonly hostname: string;
  readonly path: string;
  readonly objects: readonly KubernetesObject[];
  readonly attachment: Attachment;
  readonly backendTls: readonly BackendTls[];
}

type Rule = HTTPRouteRule;

/** @returns undefined: not at all, and why was told */
export function convertRoute(
  reading: RouteReading,
  passthroughListener: (hostname: string) => string,
): ConvertedRoute | undefined {
  tellUnconverted(reading);
  const hostname = hostnameOf(reading);
  const backends = backendsOf(reading);
  const { termination } = reading.route.spec.tls ?? {};
  const filter = ipFilter(reading);
  const pathValid = isPathValid(reading);
  if (hostname === undefined || backends === undefined || filter.closed || !pathValid) return undefined;
  if (termination === 'passthrough') return passedThrough(reading, hostname, backends, passthroughListener(hostname));
  const encrypted =
    termination === 'reencrypt' ? reencryptedBackends(reading, backends) : { backends: [], objects: [] };
  if (encrypted === undefined) return undefined;
  return overHttp(
    { reading, hostname, backends, ...(filter.authorization && { authorization: filter.authorization }) },
    encrypted,
  );
}

function isPathValid({ route, tell }: RouteReading): boolean {
  const { path = '', tls } = route.spec;
  if (path === '') return true;
  if (tls?.termination === 'passthrough') {
    tell('E304', 'spec.path', 'connections that are passed through have no path that could be matched');
    return false;
  }
  const mistake = pathMistake(path);
  if (mistake !== undefined) {
    tell('E104', 'spec.path', `${JSON.stringify(path)} ${mistake}`);
    return false;
  }
  if (path !== '/' && path.endsWith('/')) {
    const bare = path.slice(0, -1);
    tell('W104', 'spec.path', `ends with /: a gateway also matches ${bare}, which the router does not`);
  }
  return true;
}

interface HttpParts {
  readonly reading: RouteReading;
  readonly hostname: string;
  readonly backends: readonly RouteBackend[];
  readonly authorization?: Authorization;
}

function overHttp(
  parts: HttpParts,
  encrypted: { readonly backends: readonly BackendTls[]; readonly objects: readonly KubernetesObject[] },
): ConvertedRoute {
  const { reading, hostname, backends, authorization } = parts;
  const { route, key, options, gateway } = reading;
  const { tls, path = '' } = route.spec;
  const insecure = tls === undefined ? 'Allow' : (tls.insecureEdgeTerminationPolicy ?? 'None');
  const certificate: RouteCertificate = tls === undefined ? { objects: [] } : routeCertificate(reading);
  // The guide attaches Routes without TLS to every listener of the Gateway.
  const everywhere = tls === undefined && options.style === 'docs';
  const sections = everywhere ? [undefined] : sectionsOf(reading, insecure);
  const settings = trafficSettings(reading, backends);
  const docsConnections = options.style === 'docs' ? podConnections(reading) : undefined;
  if (docsConnections !== undefined) tellConnectionsOfGateway(reading);
  const main = httpRoute(reading, key.name, hostname, sections, ruleOf(reading, backends));
  return {
    hostname,
    path: path === '' ? '/' : path,
    objects: [
      ...certificate.objects,
      ...encrypted.objects,
      main,
      ...(tls !== undefined && insecure === 'Redirect' ? [redirectRoute(reading, hostname)] : []),
      ...(settings === undefined
        ? []
        : [policy(reading, 'BackendTrafficPolicy', `${key.name}-traffic`, 'HTTPRoute', settings)]),
      ...(authorization === undefined
        ? []
        : [policy(reading, 'SecurityPolicy', `${key.name}-ip-filter`, 'HTTPRoute', { authorization })]),
    ],
    attachment: {
      gateway,
      namespace: key.namespace,
      http: tls === undefined || insecure === 'Allow' || insecure === 'Redirect',
      https: tls !== undefined,
      ...(certificate.secret === undefined ? {} : { certificate: certificate.secret }),
      ...(docsConnections === undefined ? {} : { connections: docsConnections }),
    },
    backendTls: encrypted.backends,
  };
}

function sectionsOf({ route, options }: RouteReading, insecure: string): readonly string[] {
  if (route.spec.tls === undefined) return [options.httpListener];
  return insecure === 'Allow' ? [options.httpsListener, options.httpListener] : [options.httpsListener];
}

function ruleOf(reading: RouteReading, backends: readonly RouteBackend[]): Rule {
  const rewrite = rewriteFilter(reading);
  const filters = [...headerFilters(reading), ...(rewrite === undefined ? [] : [rewrite])];
  const timeout = requestTimeout(reading);
  const session = sessionPersistence(reading);
  return {
    ...matchesOf(reading, rewrite !== undefined),
    ...(filters.length === 0 ? {} : { filters }),
    backendRefs: backendRefs(backends),
    ...(timeout === undefined ? {} : { timeouts: { request: timeout } }),
    ...(session === undefined ? {} : { sessionPersistence: session }),
  };
}

/** A prefix that is replaced must be written down. */
function matchesOf({ route }: RouteReading, always: boolean): Pick<Rule, 'matches'> {
  const { path = '' } = route.spec;
  if (path === '' && !always) return {};
  return { matches: [{ path: { type: 'PathPrefix', value: path === '' ? '/' : path } }] };
}

function redirectRoute(reading: RouteReading, hostname: string): KubernetesObject {
  const { key, options } = reading;
  const redirect: HTTPRouteFilter = { type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 302 } };
  const rule = { ...matchesOf(reading, false), filters: [redirect] };
  return httpRoute(reading, `${key.name}-redirect`, hostname, [options.httpListener], rule);
}

function httpRoute(
  { route, key, gateway }: RouteReading,
  name: string,
  hostname: string,
  sections: readonly (string | undefined)[],
  rule: Rule,
): KubernetesObject {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name, namespace: key.namespace, ...keptMetadata(route) },
    spec: {
      parentRefs: sections.map((section) => parentReference(gateway, key.namespace, section)),
      hostnames: [hostname],
      rules: [rule],
    },
  } as KubernetesObject;
}

/** Annotations that need to see requests. Source: spec MG section 4, row passthrough. */
const OF_HTTP: readonly string[] = [
  ...[
    'timeout',
    'timeout-tunnel',
    'hsts_header',
    'disable_cookies',
    'rewrite-target',
    'rate-limit-connections.rate-http',
    'response-set-header',
    'request-set-header',
  ].map((name) => HAPROXY + name),
  ...['cookie_name', 'cookie-same-site'].map((name) => ROUTER + name),
];

function passedThrough(
  reading: RouteReading,
  hostname: string,
  backends: readonly RouteBackend[],
  listener: string,
): ConvertedRoute {
  const { route, key, options, gateway, tell } = reading;
  const text = 'dropped: connections are passed through as they are';
  for (const name of OF_HTTP) if (annotationOf(reading, name) !== undefined) tell('W304', annotationField(name), text);
  if (route.spec.httpHeaders !== undefined) tell('W304', 'spec.httpHeaders', text);
  const { insecureEdgeTerminationPolicy: insecure } = route.spec.tls ?? {};
  if (insecure === 'Allow') {
    tell(
      'E305',
      'spec.tls.insecureEdgeTerminationPolicy',
      'Allow is invalid with passthrough; nothing is served without TLS',
    );
  }
  if (podConnections(reading) !== undefined && options.style === 'docs') tellConnectionsOfGateway(reading);
  const settings = trafficSettings(reading, backends);
  const main = {
    apiVersion: 'gateway.networking.k8s.io/v1alpha2',
    kind: 'TLSRoute',
    metadata: { name: key.name, namespace: key.namespace, ...keptMetadata(route) },
    spec: {
      parentRefs: [parentReference(gateway, key.namespace, listener)],
      hostnames: [hostname],
      rules: [{ backendRefs: backendRefs(backends) }],
    },
  } as KubernetesObject;
  return {
    hostname,
    path: '/',
    objects: [
      main,
      ...(insecure === 'Redirect' ? [redirectRoute(reading, hostname)] : []),
      ...(settings === undefined
        ? []
        : [policy(reading, 'BackendTrafficPolicy', `${key.name}-traffic`, 'TLSRoute', settings)]),
    ],
    attachment: {
      gateway,
      namespace: key.namespace,
      http: insecure === 'Redirect',
      https: false,
      passthrough: { listener, hostname },
    },
    backendTls: [],
  };
}

function policy(
  { key }: RouteReading,
  kind: 'BackendTrafficPolicy' | 'SecurityPolicy',
  name: string,
  target: 'HTTPRoute' | 'TLSRoute',
  settings: object,
): KubernetesObject {
  return {
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind,
    metadata: { name, namespace: key.namespace },
    spec: { targetRefs: [{ group: 'gateway.networking.k8s.io', kind: target, name: key.name }], ...settings },
  } as KubernetesObject;
}
