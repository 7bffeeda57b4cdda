import type { HTTPRouteFilter } from '@causeway/apis/gateway-api/http-filter';
import type { HTTPRouteRule } from '@causeway/apis/gateway-api/http-route';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { Attachment } from '../gateway-plan.ts';
import { parentReference } from '../gateway-reference.ts';
import { isRouteHostname } from '../route-text.ts';
import { accessOf } from './access.ts';
import { backendRef, backendTlsPolicies } from './backend.ts';
import { canaryOf, placeOf, withCanary } from './canary.ts';
import { fieldOf, type IngressReading, tellUnconverted } from './ingress-reading.ts';
import { matchedPath } from './path-match.ts';
import { redirectOf, statusCode } from './redirect.ts';
import { backendHost, ruleFilters, ruleTimes } from './rule-settings.ts';
import { trafficSettings } from './traffic.ts';

const MOST_RULES = 16;

/** What one Ingress became. */
export interface ConvertedIngress {
  readonly objects: readonly KubernetesObject[];
  readonly attachments: readonly Attachment[];
}

/** The rules of one host. */
interface HostRules {
  /** '' for every host. */
  readonly host: string;
  readonly rules: readonly HTTPRouteRule[];
}

/** @param canaries of its namespace */
export function convertIngress(reading: IngressReading, canaries: readonly IngressReading[]): ConvertedIngress {
  tellUnconverted(reading);
  const access = accessOf(reading);
  if (access.closed) return { objects: [], attachments: [] };
  const read = reading.reader();
  if (read.value('ssl-passthrough') === true) return passedThrough(reading);
  const filters: KubernetesObject[] = [];
  const hosts = hostsOf(reading, canaries, filters);
  const settings = trafficSettings(reading);
  const objects: KubernetesObject[] = [...filters, ...access.objects];
  const attachments: Attachment[] = [];
  for (const { host, rules } of hosts) {
    const name = hosts.length === 1 ? reading.key.name : `${reading.key.name}-${nameOf(host)}`;
    const { sections, redirects, attachment } = listenersOf(reading, host);
    const hostnames = host === '' ? [] : [...new Set([host, ...(read.value('server-alias') ?? [])])];
    const routes = chunks(rules).map((part, index) =>
      httpRoute(reading, { name: index === 0 ? name : `${name}-${index + 1}`, hostnames, sections, rules: part }),
    );
    objects.push(...routes);
    if (redirects) {
      const redirect: HTTPRouteFilter = {
        type: 'RequestRedirect',
        requestRedirect: { scheme: 'https', statusCode: 301 },
      };
      objects.push(
        httpRoute(reading, {
          name: `${name}-redirect`,
          hostnames,
          sections: [reading.options.httpListener],
          rules: [{ filters: [redirect] }],
        }),
      );
    }
    const targets = routes.map((route) => route.metadata.name);
    if (settings !== undefined)
      objects.push(policy(reading, 'BackendTrafficPolicy', `${name}-traffic`, targets, settings));
    if (access.settings !== undefined)
      objects.push(policy(reading, 'SecurityPolicy', `${name}-access`, targets, access.settings));
    attachments.push(attachment);
  }
  const services = hosts.flatMap(({ rules }) =>
    rules.flatMap(({ backendRefs = [] }) => backendRefs.map(({ name }) => name)),
  );
  objects.push(...backendTlsPolicies(reading, services));
  return { objects, attachments };
}

function hostsOf(
  reading: IngressReading,
  canaries: readonly IngressReading[],
  objects: KubernetesObject[],
): readonly HostRules[] {
  const { ingress, key, tell, reader } = reading;
  const hosts = new Map<string, HTTPRouteRule[]>();
  const add = (host: string, rules: readonly HTTPRouteRule[]): void => {
    hosts.set(host, [...(hosts.get(host) ?? []), ...rules]);
  };
  for (const [ruleIndex, rule] of (ingress.spec?.rules ?? []).entries()) {
    const host = rule.host ?? '';
    if (host !== '' && !isRouteHostname(host)) {
      tell('E501', `spec.rules[${ruleIndex}].host`, `${JSON.stringify(host)} is not a host name`);
      continue;
    }
    const root = reader().value('app-root');
    if (root !== undefined) add(host, [appRoot(root)]);
    for (const [pathIndex, { path = '/', pathType, backend }] of (rule.http?.paths ?? []).entries()) {
      const field = `spec.rules[${ruleIndex}].http.paths[${pathIndex}]`;
      const read = reader(ruleIndex, pathIndex);
      const name = `${key.name}-${ruleIndex}-${pathIndex}`;
      const matched = matchedPath(reading, read, { path: path === '' ? '/' : path, pathType, field, name });
      const redirect = redirectOf(reading, read);
      if (matched === undefined || redirect === 'refused') continue;
      const matches = [{ path: matched.path }];
      if (redirect !== undefined) {
        add(host, [{ matches, filters: [{ type: 'RequestRedirect', requestRedirect: redirect }] }]);
        continue;
      }
      const ref = backendRef(reading, backend, `${field}.backend`);
      if (ref === undefined) continue;
      objects.push(...matched.objects);
      const filters = [
        ...ruleFilters(reading, read, read.value('rewrite-target') !== undefined),
        ...withHost(matched.filters, backendHost(reading, read)),
      ];
      const plain: HTTPRouteRule = {
        matches,
        ...(filters.length === 0 ? {} : { filters }),
        backendRefs: [ref],
        ...ruleTimes(reading, read),
      };
      const canary = canaryOf(canaries, placeOf(rule, path, pathType));
      add(host, canary === undefined ? [plain] : withCanary(plain, canary));
    }
  }
  const { defaultBackend } = ingress.spec ?? {};
  const fallback =
    defaultBackend === undefined ? undefined : backendRef(reading, defaultBackend, 'spec.defaultBackend');
  if (fallback !== undefined) add('', [{ backendRefs: [fallback], ...ruleTimes(reading, reader()) }]);
  return [...hosts].map(([host, rules]) => ({ host, rules }));
}

function appRoot(root: string): HTTPRouteRule {
  const requestRedirect = {
    path: { type: 'ReplaceFullPath' as const, replaceFullPath: root },
    statusCode: statusCode(302),
  };
  return {
    matches: [{ path: { type: 'Exact', value: '/' } }],
    filters: [{ type: 'RequestRedirect', requestRedirect }],
  };
}

/** There can be one rewrite only. */
function withHost(filters: readonly HTTPRouteFilter[], hostname: string | undefined): readonly HTTPRouteFilter[] {
  if (hostname === undefined) return filters;
  const rewrite = filters.find(({ type }) => type === 'URLRewrite');
  const others = filters.filter((filter) => filter !== rewrite);
  return [...others, { type: 'URLRewrite', urlRewrite: { hostname, ...rewrite?.urlRewrite } }];
}

interface Listeners {
  readonly sections: readonly string[];
  /** What is not encrypted is sent to where it is. */
  readonly redirects: boolean;
  readonly attachment: Attachment;
}

function listenersOf(reading: IngressReading, host: string): Listeners {
  const { ingress, options, gateway, key, tell, reader } = reading;
  const { httpListener, httpsListener, from } = options;
  const entries = ingress.spec?.tls ?? [];
  const entry = entries.find(({ hosts = [] }) => hosts.length === 0 || hosts.some((name) => covers(name, host)));
  const read = reader();
  const secured = entry !== undefined;
  const forced = read.value('force-ssl-redirect') === true;
  const redirects = forced || (secured && (read.value('ssl-redirect') ?? from === 'ingress-nginx'));
  const { secretName = '' } = entry ?? {};
  if (secretName !== '' && !options.emitGateway) {
    const text = `add Secret ${key.namespace}/${secretName} to the certificateRefs of listener ${httpsListener} of Gateway ${gateway.namespace}/${gateway.name}`;
    tell('I511', 'spec.tls', text);
  }
  if (redirects)
    tell(
      'I516',
      fieldOf(reading, forced ? 'force-ssl-redirect' : 'ssl-redirect'),
      `${host}: redirected with 301, which every version of the Gateway API knows, in place of 308`,
    );
  const https = secured || forced;
  return {
    sections: https ? [httpsListener, ...(redirects ? [] : [httpListener])] : [httpListener],
    redirects,
    attachment: {
      gateway,
      namespace: key.namespace,
      http: true,
      https,
      ...(secretName === '' ? {} : { certificate: secretName }),
    },
  };
}

function covers(name: string, host: string): boolean {
  return name === host || (name.startsWith('*.') && host.endsWith(name.slice(1)));
}

interface RouteParts {
  readonly name: string;
  readonly hostnames: readonly string[];
  readonly sections: readonly string[];
  readonly rules: readonly HTTPRouteRule[];
}

function httpRoute(
  { ingress, key, gateway }: IngressReading,
  { name, hostnames, sections, rules }: RouteParts,
): KubernetesObject {
  const { labels } = ingress.metadata;
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name, namespace: key.namespace, ...(labels === undefined ? {} : { labels }) },
    spec: {
      parentRefs: sections.map((section) => parentReference(gateway, key.namespace, section)),
      ...(hostnames.length === 0 ? {} : { hostnames }),
      rules,
    },
  } as KubernetesObject;
}

function passedThrough(reading: IngressReading): ConvertedIngress {
  const { ingress, key, gateway, options, tell } = reading;
  const objects: KubernetesObject[] = [];
  const attachments: Attachment[] = [];
  const rules = ingress.spec?.rules ?? [];
  for (const [index, { host = '', http }] of rules.entries()) {
    const field = `spec.rules[${index}]`;
    const [first] = http?.paths ?? [];
    if (!isRouteHostname(host) || first === undefined) {
      tell('E501', `${field}.host`, 'TLS is passed through by the name of a host, and there is none');
      continue;
    }
    const ref = backendRef(reading, first.backend, `${field}.http.paths[0].backend`);
    if (ref === undefined) continue;
    const name = rules.length === 1 ? key.name : `${key.name}-${nameOf(host)}`;
    const listener = options.emitGateway ? `${options.tlsListener}.${nameOf(host)}` : options.tlsListener;
    objects.push({
      apiVersion: 'gateway.networking.k8s.io/v1alpha2',
      kind: 'TLSRoute',
      metadata: { name, namespace: key.namespace },
      spec: {
        parentRefs: [parentReference(gateway, key.namespace, listener)],
        hostnames: [host],
        rules: [{ backendRefs: [ref] }],
      },
    } as KubernetesObject);
    attachments.push({
      gateway,
      namespace: key.namespace,
      http: false,
      https: false,
      passthrough: { listener, hostname: host },
    });
  }
  return { objects, attachments };
}

function policy(
  { key }: IngressReading,
  kind: string,
  name: string,
  routes: readonly string[],
  settings: object,
): KubernetesObject {
  const targetRefs = routes.map((route) => ({ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: route }));
  return {
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind,
    metadata: { name, namespace: key.namespace },
    spec: { targetRefs, ...settings },
  } as KubernetesObject;
}

function nameOf(host: string): string {
  return host === '' ? 'every-host' : host.replace('*', 'wildcard');
}

function chunks(rules: readonly HTTPRouteRule[]): readonly (readonly HTTPRouteRule[])[] {
  const count = Math.ceil(rules.length / MOST_RULES);
  return Array.from({ length: count }, (_, index) => rules.slice(index * MOST_RULES, (index + 1) * MOST_RULES));
}
