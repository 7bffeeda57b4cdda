import type { HTTPBackendRef, HTTPRouteRule } from '@causeway/apis/gateway-api/http-route';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type {
  BackendIR,
  ForwardIR,
  RedirectIR,
  RespondIR,
  RetryConditionIR,
  RetryIR,
  RouteActionIR,
  RouteIR,
  TimeoutsIR,
} from '@causeway/ir/gateway';
import type { Gateway, HTTPRoute } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { type Need, uniqueNeeds } from '../gateway/problem.ts';
import { parentsOf, type RouteParent } from './attachment.ts';
import { type RefRefusal, resolveBackend } from './backend-ref.ts';
import { gatewayPlaneOf } from './data-plane.ts';
import { parseDuration } from './duration.ts';
import { hostRank, hostTerms } from './hostname.ts';
import { type FilterContext, type TranslatedFilters, translateHttpFilters } from './http-filter.ts';
import { type TranslatedMatch, translateHttpMatch } from './http-match.ts';
import { policySection } from './policy/precedence.ts';
import { type RuleEffect, withPolicies } from './policy/route-effect.ts';
import { routeReferrer } from './reference.ts';
import { routeOrder, routeTie } from './route-order.ts';
import { type RouteVerdict, verdictOf } from './route-verdict.ts';

export interface RouteTranslation {
  readonly routes: readonly RouteIR[];
  readonly needs: readonly Need[];
  /** What is said of it at each of its parents that is ours. */
  readonly verdicts: readonly RouteVerdict[];
}

const NOTHING: RouteTranslation = { routes: [], needs: [], verdicts: [] };

/**
 * HTTPRoute -> routes of the Gateways that it is attached to: one for each match of each rule, more only where hosts differ in what
 * comes first.
 *
 * Source: GW-13 to GW-23, GW-26.
 */
export function translateHttpRoute(view: View, key: ObjectKey): RouteTranslation {
  const route = view.get('HTTPRoute', key);
  if (route === undefined || route.metadata.deletionTimestamp !== undefined) return NOTHING;
  const parents = parentsOf(view, route);
  // Routes of other controllers cost nothing more.
  if (parents.length === 0) return NOTHING;
  const rules = (route.spec.rules ?? []).map((rule, index) => translateRule(view, route, rule, index));
  const refusals = rules.flatMap((rule) => rule.refusals);
  const unsupported = rules.flatMap((rule) => rule.unsupported);
  return {
    routes: attachedAt(parents).flatMap((place) => rules.flatMap((rule) => routesOf(view, route, rule, place))),
    needs: uniqueNeeds(rules.flatMap(({ needs }) => needs)),
    verdicts: parents.map((parent) => verdictOf(parent, { refusals, unsupported })),
  };
}

interface TranslatedRule {
  readonly index: number;
  readonly name?: string | undefined;
  readonly matches: readonly TranslatedMatch[];
  readonly filters: TranslatedFilters['filters'];
  readonly action: RouteActionIR;
  readonly says: RuleEffect['says'];
  readonly needs: readonly Need[];
  readonly refusals: readonly RefRefusal[];
  /** Values that cannot be served: the rule is left out, or its requests are answered 500. */
  readonly unsupported: readonly string[];
}

function translateRule(view: View, route: HTTPRoute, rule: HTTPRouteRule, index: number): TranslatedRule {
  const field = `rules[${index}]`;
  const unsupported: string[] = [];
  const matches = (rule.matches ?? [{}]).flatMap((match, position) => {
    const translated = translateHttpMatch(match);
    if (typeof translated !== 'string') return [translated];
    unsupported.push(`${field}.matches[${position}].${translated}`);
    return [];
  });
  const context: FilterContext = {
    view,
    referrer: routeReferrer('HTTPRoute', keyOf(route).namespace),
    prefix: rule.matches?.[0]?.path?.value ?? '/',
  };
  const own = translateHttpFilters(rule.filters ?? [], context);
  if (own.unsupported !== undefined) unsupported.push(`${field}: ${own.unsupported}`);
  const says = { timeouts: rule.timeouts !== undefined, retry: rule.retry !== undefined };
  const base = { index, name: rule.name, matches, filters: own.filters, says };
  if (own.redirect !== undefined) {
    return { ...base, action: own.redirect, needs: [], refusals: own.refusals, unsupported };
  }
  const { backends, refusals } = translateBackends(rule.backendRefs ?? [], context, (mistake) =>
    unsupported.push(`${field}: ${mistake}`),
  );
  const ids = backends.flatMap(({ target }) => (target.type === 'endpoints' ? target.id : []));
  return {
    ...base,
    action: unsupported.length > 0 ? refused(unsupported) : actionOf(rule, backends),
    needs: [...new Set(ids)].sort().map((id) => ({ kind: 'endpointSet', id })),
    refusals: [...own.refusals, ...refusals],
    unsupported,
  };
}

function refused([first = '']: readonly string[]): RespondIR {
  return { type: 'respond', status: 500, reason: `UnsupportedValue : ${first}` };
}

function translateBackends(
  refs: readonly HTTPBackendRef[],
  context: FilterContext,
  isUnsupported: (mistake: string) => void,
): { readonly backends: readonly BackendIR[]; readonly refusals: readonly RefRefusal[] } {
  const refusals: RefRefusal[] = [];
  const backends = refs.map((ref): BackendIR => {
    const weight = ref.weight ?? 1;
    const own = translateHttpFilters(ref.filters ?? [], context);
    if (own.unsupported !== undefined) isUnsupported(own.unsupported);
    refusals.push(...own.refusals);
    const resolved = resolveBackend(context.view, context.referrer, ref);
    if ('reason' in resolved) {
      refusals.push(resolved);
      const target = { type: 'invalid', status: 500, reason: `${resolved.reason} : ${resolved.message}` } as const;
      return { weight, protocol: 'http', filters: own.filters, target };
    }
    const { protocol, tls, refused, target } = resolved;
    const base = {
      weight,
      protocol,
      filters: own.filters,
      ...(own.redirect === undefined ? {} : { redirect: own.redirect }),
    };
    if (refused !== undefined) return { ...base, target: { type: 'invalid', status: 500, reason: refused } };
    return { ...base, ...(tls === undefined ? {} : { tls }), target };
  });
  return { backends, refusals };
}

/** GW-16: nothing to choose from. */
const NO_BACKEND: RespondIR = { type: 'respond', status: 500, reason: 'InvalidBalancer : no backendRefs with weight' };
/** Of these attempts the first counts: only when a connection fails, another endpoint is tried. */
const RETRY: RetryIR = { attempts: 3, on: ['error'] };
const CONNECT_MS = 5000;
/** GW-26: unless the rule says how long requests may take. */
const DEFAULT_REQUEST_MS = 15_000;
/** nginx knows no time without end. */
const NO_LIMIT_MS = 86_400_000;

function actionOf(rule: HTTPRouteRule, backends: readonly BackendIR[]): ForwardIR | RespondIR {
  if (!backends.some(({ weight }) => weight > 0)) return NO_BACKEND;
  const ids = backends.flatMap(({ target }) => (target.type === 'endpoints' ? target.id : []));
  const chosen = backends.filter(({ weight }) => weight > 0).map(({ target }) => target);
  const [first] = chosen;
  if (first?.type === 'invalid' && chosen.every(({ type }) => type === 'invalid')) {
    return { type: 'respond', status: first.status, reason: first.reason };
  }
  return {
    type: 'forward',
    backends,
    noEndpoints: { type: 'respond', status: 503, reason: `InvalidBalancer : no endpoint of ${ids.join(', ')}` },
    affinity: { type: 'roundRobin' },
    timeouts: timeoutsOf(rule.timeouts),
    retry: retryOf(rule),
  };
}

const RETRY_CODES: ReadonlySet<number> = new Set([403, 404, 429, 500, 502, 503, 504]);

/** GW-27: connections that fail count too, and tries that take too long. Other codes than nginx knows of have no effect. */
function retryOf({ retry, timeouts }: HTTPRouteRule): RetryIR {
  if (retry === undefined) return RETRY;
  const { attempts = 1, codes = [] } = retry;
  const ofStatus = codes.filter((code) => RETRY_CODES.has(code)).map((code) => `http_${code}` as RetryConditionIR);
  const request = limitOf(timeouts?.request);
  return {
    attempts: attempts + 1,
    on: [...new Set<RetryConditionIR>(['error', 'timeout', ...ofStatus])].sort(),
    ...(request === undefined || request === NO_LIMIT_MS ? {} : { withinMs: request }),
  };
}

function timeoutsOf(timeouts: HTTPRouteRule['timeouts']): TimeoutsIR {
  const request = limitOf(timeouts?.request);
  const backendRequest = limitOf(timeouts?.backendRequest);
  const ms = Math.min(request ?? NO_LIMIT_MS, backendRequest ?? NO_LIMIT_MS);
  const wait = request === undefined && backendRequest === undefined ? DEFAULT_REQUEST_MS : ms;
  return { connectMs: Math.min(CONNECT_MS, wait), sendMs: wait, readMs: wait };
}

/** `0s` is without limit; what cannot be read (the schema does not let it in) says nothing. */
function limitOf(duration: string | undefined): number | undefined {
  const ms = duration === undefined ? undefined : parseDuration(duration);
  return ms === 0 ? NO_LIMIT_MS : ms;
}

/** Listeners of one Gateway at which a route has the same hosts, and these come equally early. */
interface Place {
  readonly gateway: Gateway;
  readonly listeners: readonly string[];
  /** Of the first of them, for policies: where a port has several listeners, their hosts differ. */
  readonly listener: string | undefined;
  /** It ends TLS. */
  readonly tls: boolean;
  /** Absent: it makes no difference. */
  readonly port: number;
  readonly hosts: readonly string[];
  readonly ranks: { readonly listener: number; readonly route: number };
}

function attachedAt(parents: readonly RouteParent[]): readonly Place[] {
  const places = new Map<string, Place>();
  for (const { gateway, listeners } of parents) {
    for (const { listener, hosts } of listeners) {
      if (listener.refusal !== undefined) continue;
      for (const rank of new Set(hosts.map(hostRank))) {
        const ranks = { listener: hostRank(listener.hostname), route: rank };
        const { port } = listener.spec;
        const ofRank = hosts.filter((host) => hostRank(host) === rank);
        const key = [gateway.metadata.namespace, gateway.metadata.name, port, ranks.listener, ...ofRank].join(' ');
        const before = places.get(key);
        if (before?.listeners.includes(listener.id) === true) continue;
        const listeners = [...(before?.listeners ?? []), listener.id];
        const name = before === undefined ? policySection(listener) : before.listener;
        const tls = listener.spec.protocol === 'HTTPS';
        places.set(key, { gateway, listeners, listener: name, tls, port, hosts: ofRank, ranks });
      }
    }
  }
  return [...places.values()];
}

function routesOf(view: View, route: HTTPRoute, rule: TranslatedRule, place: Place): readonly RouteIR[] {
  const { namespace, name } = keyOf(route);
  const instance = objectKeyText(gatewayPlaneOf(keyOf(place.gateway)));
  const { port, hosts, ranks, gateway, listener } = place;
  const written = { filters: rule.filters, action: atPort(rule.action, port), says: rule.says };
  const scope = `${instance}/HTTPRoute/${namespace}/${name}/${rule.index}`;
  const at = { route, rule: rule.name, gateway, listener, tls: place.tls };
  const { filters, action, hostTls } = withPolicies(view, at, written, scope);
  return rule.matches.map(({ terms, rank }, index) => ({
    kind: 'route',
    id: `${instance}/HTTPRoute/${namespace}/${name}/${rule.index}-${index}/${port}-${ranks.listener}-${hosts.join(',')}`,
    instance,
    listeners: place.listeners,
    match: [...hostTerms(hosts), ...terms],
    order: routeOrder(ranks, rank, routeTie(route, rule.index, index)),
    filters,
    action,
    certificates: [],
    ...(hostTls === undefined ? {} : { hostTls }),
    name: `${namespace}-${name}-${rule.index}-${index}`,
    source: { type: 'HTTPRoute', namespace, name },
    place: { rule: rule.index, match: index },
  }));
}

/** A redirect that names neither scheme nor port leads to the port of the listener. */
function atPort(action: RouteActionIR, port: number): RouteActionIR {
  if (action.type === 'forward' && action.backends.some(({ redirect }) => redirect !== undefined)) {
    const backends = action.backends.map((backend) => {
      const redirect = backend.redirect && redirectAt(backend.redirect, port);
      return redirect === undefined ? backend : { ...backend, redirect };
    });
    return { ...action, backends };
  }
  return action.type === 'redirect' ? redirectAt(action, port) : action;
}

function redirectAt(action: RedirectIR, port: number): RedirectIR {
  if (action.to.type !== 'parts') return action;
  const { to } = action;
  return to.scheme !== undefined || to.port !== undefined ? action : { ...action, to: { ...to, port } };
}
