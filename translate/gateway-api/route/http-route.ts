import { isIP } from 'node:net';
import type { HTTPBackendRef, HTTPRouteRule } from '@causeway/apis/gateway-api/http-route';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type {
  AffinityIR,
  BackendIR,
  ForwardIR,
  RespondIR,
  RetryBudgetIR,
  RetryIR,
  RouteIR,
  TimeoutsIR,
} from '@causeway/ir/gateway';
import type { HTTPRoute } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { type Need, uniqueNeeds } from '../../gateway/problem.ts';
import { type RefRefusal, resolveBackend, unspokenProtocol } from '../backend/backend-ref.ts';
import { parseDuration } from '../duration.ts';
import { CONNECT_MS, USUAL_RETRY } from '../plane/data-plane.ts';
import { routeReferrer } from '../reference.ts';
import { parentsOf } from './attachment.ts';
import { type FilterContext, translateHttpFilters } from './http-filter.ts';
import { preflightMatch, type TranslatedMatch, translateHttpMatch, withCookies, withoutEnd } from './http-match.ts';
import { backoffOf, canRepeat, repeatedAfter } from './repetition.ts';
import { type MatchRank, routeOrder } from './route-order.ts';
import { needsOf, type PlacedRule, placesOf, routesAt } from './route-place.ts';
import { withoutRivals } from './route-rival.ts';
import { type RouteVerdict, type RuleMistake, verdictOf } from './route-verdict.ts';
import { retryBudgetOfRule, sessionOfRule } from './service-session.ts';

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
  const parents = withoutRivals(view, route, parentsOf(view, route));
  // Routes of other controllers cost nothing more.
  if (parents.length === 0) return NOTHING;
  const rules = (route.spec.rules ?? []).map((rule, index) => translateRule(view, route, rule, index));
  const refusals = rules.flatMap((rule) => rule.refusals);
  const mistakes = rules.flatMap((rule) => rule.mistakes);
  const ineffective = (route.spec.rules ?? []).flatMap(({ retry, matches }, index) => [
    ...neverTaken(matches, `rules[${index}].matches`),
    ...ineffectiveOf(retry, `rules[${index}].retry`),
  ]);
  const routes = placesOf(parents).flatMap((place) =>
    rules.flatMap((rule) => routesAt(view, place, route, rule, routeOrder)),
  );
  return {
    routes,
    needs: uniqueNeeds([...rules.flatMap(({ needs }) => needs), ...needsOf(routes)]),
    verdicts: parents.map((parent) => verdictOf(parent, { refusals, mistakes, rules: rules.length, ineffective })),
  };
}

interface WrittenMatch extends TranslatedMatch {
  readonly written: number;
}

interface TranslatedRule extends PlacedRule<MatchRank> {
  readonly needs: readonly Need[];
  readonly refusals: readonly RefRefusal[];
  /** What cannot be served: such a match is left out, and the requests of the rule are answered 500. */
  readonly mistakes: readonly RuleMistake[];
}

function translateRule(view: View, route: HTTPRoute, rule: HTTPRouteRule, index: number): TranslatedRule {
  const field = `rules[${index}]`;
  const mistakes: RuleMistake[] = [];
  const unserved = (message: string) => mistakes.push({ rule: index, reason: 'UnsupportedValue', message });
  const context: FilterContext = {
    view,
    referrer: routeReferrer('HTTPRoute', keyOf(route).namespace),
    prefix: rule.matches?.[0]?.path?.value ?? '/',
  };
  const own = translateHttpFilters(rule.filters ?? [], context);
  const matches = (rule.matches ?? [{}]).flatMap((match, written): readonly WrittenMatch[] => {
    const translated = translateHttpMatch(match);
    if (typeof translated !== 'string')
      return withCookies(translated, own.matches).map((each) => ({ ...each, written }));
    unserved(`${field}.matches[${written}].${translated}`);
    return [];
  });
  const answersPreflights = own.filters.some(({ type }) => type === 'cors') && own.redirect === undefined;
  if (answersPreflights && own.matches === undefined) matches.push(...preflightMatches(rule, route));
  if (own.unsupported !== undefined) unserved(`${field}: ${own.unsupported}`);
  if (own.incompatible !== undefined) {
    mistakes.push({ rule: index, reason: 'IncompatibleFilters', message: `${field}: ${own.incompatible}` });
  }
  const says = {
    timeouts: rule.timeouts !== undefined,
    retry: rule.retry !== undefined,
    requestMs: requestMsOf(rule.timeouts),
  };
  const base = { index, name: rule.name, matches, filters: own.filters, says };
  if (own.redirect !== undefined) {
    return { ...base, action: refused(mistakes) ?? own.redirect, needs: [], refusals: own.refusals, mistakes };
  }
  if (own.answer !== undefined) {
    return { ...base, action: refused(mistakes) ?? own.answer, needs: [], refusals: own.refusals, mistakes };
  }
  const { backends, refusals } = translateBackends(
    rule.backendRefs ?? [],
    context,
    (mistake) => unserved(`${field}: ${mistake}`),
    own.namesBackend,
  );
  const session = sessionOfRule(view, keyOf(route).namespace, rule, {
    rule: `${objectKeyText(keyOf(route))} ${index}`,
    path: cookiePath(rule),
  });
  if (typeof session === 'string') unserved(`${field}.${session}`);
  const affinity: AffinityIR = session === undefined || typeof session === 'string' ? { type: 'roundRobin' } : session;
  const retryBudget = retryBudgetOfRule(view, keyOf(route).namespace, rule);
  const ids = backends.flatMap(({ target }) => (target.type === 'endpoints' ? target.id : []));
  return {
    ...base,
    action: refused(mistakes) ?? actionOf(rule, backends, { affinity, retryBudget }),
    needs: [...new Set(ids)].sort().map((id) => ({ kind: 'endpointSet', id })),
    refusals: [...own.refusals, ...refusals],
    mistakes,
  };
}

/**
 * Browsers ask for a method by another, OPTIONS: matches for the preflights of a rule that takes only certain methods. A route that says of OPTIONS itself where
 * they go has none.
 */
function preflightMatches({ matches = [] }: HTTPRouteRule, route: HTTPRoute): readonly WrittenMatch[] {
  const all = (route.spec.rules ?? []).flatMap((rule) => rule.matches ?? []);
  if (all.some(({ method }) => method === 'OPTIONS')) return [];
  return matches.flatMap((match, written) => {
    const translated = match.method === undefined ? '' : preflightMatch(match, match.method);
    return typeof translated === 'string' ? [] : { ...translated, written };
  });
}

/** GW-15: nothing is passed on without what the rule asks for, nor by a rule that comes behind it. */
export function refused([first]: readonly RuleMistake[]): RespondIR | undefined {
  return first && { type: 'respond', status: 500, reason: `${first.reason} : ${first.message}` };
}

/**
 * @param isUnsupported called with each filter that is not served
 * @param namesBackends whether backends see their own name as Host, where they have one
 */
export function translateBackends(
  refs: readonly HTTPBackendRef[],
  context: FilterContext,
  isUnsupported: (mistake: string) => void,
  namesBackends = false,
): { readonly backends: readonly BackendIR[]; readonly refusals: readonly RefRefusal[] } {
  const refusals: RefRefusal[] = [];
  const backends = refs.map((ref): BackendIR => {
    const weight = ref.weight ?? 1;
    const own = translateHttpFilters(ref.filters ?? [], context);
    if (own.unsupported !== undefined) isUnsupported(own.unsupported);
    if (own.answer !== undefined) isUnsupported('directResponse of one backend is not served');
    if (own.matches !== undefined) isUnsupported('matches of a filter of one backend are not served');
    refusals.push(...own.refusals);
    const found = resolveBackend(context.view, context.referrer, ref);
    const resolved = 'reason' in found ? found : (unspokenProtocol(found, context.referrer) ?? found);
    if ('reason' in resolved) {
      refusals.push(resolved);
      const target = { type: 'invalid', status: 500, reason: `${resolved.reason} : ${resolved.message}` } as const;
      return { weight, protocol: 'http', filters: own.filters, target };
    }
    const { protocol, tls, refused, target, fallback } = resolved;
    const host = resolved.name ?? resolved.host;
    const named = (namesBackends || own.namesBackend === true) && host !== undefined && isName(host);
    const base = {
      weight,
      protocol,
      filters: named ? [...own.filters, { type: 'hostRewrite' as const, host }] : own.filters,
      ...(own.redirect === undefined ? {} : { redirect: own.redirect }),
    };
    if (refused !== undefined) return { ...base, target: { type: 'invalid', status: 500, reason: refused } };
    return { ...base, ...(tls === undefined ? {} : { tls }), ...(fallback && { fallback }), target };
  });
  // A share that is answered makes no difference to how the others are reached.
  const protocol = backends.find(({ target }) => target.type === 'endpoints')?.protocol ?? 'http';
  const asked = backends.map((backend) => (backend.target.type === 'invalid' ? { ...backend, protocol } : backend));
  return { backends: asked.filter((backend) => isUsable(backend, asked, refusals)), refusals };
}

/** Requests go to a backend that stands in for others in the way in which they would go to these. */
function isUsable(backend: BackendIR, all: readonly BackendIR[], refusals: RefRefusal[]): boolean {
  const first = all.filter(({ fallback }) => fallback !== true);
  if (backend.fallback !== true || first.length === 0 || backend.target.type !== 'endpoints') return true;
  const wayOf = ({ protocol, tls, filters, redirect }: BackendIR) => JSON.stringify([protocol, tls, filters, redirect]);
  if (first.some((other) => other.target.type === 'endpoints' && wayOf(other) === wayOf(backend))) return true;
  const message = `${backend.target.id}: no fallback, since protocol, TLS or filters are those of no other backend of the rule`;
  refusals.push({ reason: 'UnsupportedProtocol', message });
  return false;
}

function isName(host: string): boolean {
  return !host.startsWith('[') && isIP(host) === 0;
}

/** GW-16: nothing to choose from. */
const NO_BACKEND: RespondIR = { type: 'respond', status: 500, reason: 'InvalidBalancer : no backendRefs with weight' };
/** Of these attempts the first counts: only when a connection fails, another endpoint is tried. */
const RETRY: RetryIR = { attempts: 3, on: USUAL_RETRY };
/** GW-26: unless the rule says how long requests may take. */
const DEFAULT_REQUEST_MS = 15_000;
/** nginx knows no time without end. */
export const NO_LIMIT_MS = 86_400_000;

/** What the paths of all requests of a rule begin with, as far as that is known. */
function cookiePath({ matches = [] }: HTTPRouteRule): string {
  const [path, ...others] = new Set(
    matches.map(({ path: match }) => (match?.type === 'RegularExpression' ? '/' : (match?.value ?? '/'))),
  );
  return path === undefined || others.length > 0 ? '/' : withoutEnd(path) || '/';
}

/** @param rule what of it concerns its requests as a whole */
export function actionOf(
  rule: Pick<HTTPRouteRule, 'timeouts' | 'retry'>,
  backends: readonly BackendIR[],
  { affinity = { type: 'roundRobin' }, retryBudget }: ServiceWishes = {},
): ForwardIR | RespondIR {
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
    ...(chosen.length > 1 ? { keepsShares: true as const } : {}),
    affinity,
    timeouts: timeoutsOf(rule.timeouts),
    retry: retryOf(rule, retryBudget !== undefined),
    ...(retryBudget && { retryBudget }),
  };
}

/** What is wanted of requests wherever they come from. */
interface ServiceWishes {
  readonly affinity?: AffinityIR | undefined;
  readonly retryBudget?: RetryBudgetIR | undefined;
}

/** GW-27: connections that fail count too, and tries that take too long; all of it within what the request may take. */
function retryOf({ retry, timeouts }: Pick<HTTPRouteRule, 'timeouts' | 'retry'>, isBounded: boolean): RetryIR {
  if (retry === undefined) return RETRY;
  const { attempts = 1, codes = [], backoff } = retry;
  const withinMs = requestMsOf(timeouts);
  return {
    attempts: attempts + 1,
    ...repeatedAfter(codes),
    ...backoffOf(backoff === undefined ? undefined : parseDuration(backoff)),
    ...(withinMs === NO_LIMIT_MS ? {} : { withinMs }),
    ...(isBounded && { bounded: true }),
  };
}

/** All attempts together. */
function requestMsOf(timeouts: HTTPRouteRule['timeouts']): number {
  const unsaid = timeouts?.backendRequest === undefined ? DEFAULT_REQUEST_MS : NO_LIMIT_MS;
  return limitOf(timeouts?.request) ?? unsaid;
}

/** nginx answers requests with these methods itself. */
const OWN_METHODS: ReadonlySet<string> = new Set(['CONNECT', 'TRACE']);

/** Which matches never take a request. */
function neverTaken(matches: HTTPRouteRule['matches'], field: string): readonly string[] {
  return (matches ?? []).flatMap(({ method = '' }, index) =>
    OWN_METHODS.has(method) ? [`${field}[${index}].method: ${method} is answered 405, whatever a route says`] : [],
  );
}

/** What of `retry` has no effect. */
function ineffectiveOf(retry: HTTPRouteRule['retry'], field: string): readonly string[] {
  const others = (retry?.codes ?? []).filter((code) => !canRepeat(code));
  return others.length === 0 ? [] : [`${field}.codes: nothing is repeated after ${others.join(', ')}`];
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
