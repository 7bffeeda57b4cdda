import type { GRPCRouteRule } from '@causeway/apis/gateway-api/grpc-route';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { BackendIR, RetryBudgetIR, RouteActionIR, SessionIR } from '@causeway/ir/gateway';
import type { GRPCRoute } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { type Need, uniqueNeeds } from '../../gateway/problem.ts';
import type { RefRefusal } from '../backend/backend-ref.ts';
import { routeReferrer } from '../reference.ts';
import { parentsOf } from './attachment.ts';
import { translateGrpcMatch } from './grpc-match.ts';
import { type FilterContext, translateHttpFilters } from './http-filter.ts';
import { actionOf, NO_LIMIT_MS, type RouteTranslation, refused, translateBackends } from './http-route.ts';
import { type GrpcMatchRank, grpcRouteOrder } from './route-order.ts';
import { needsOf, type PlacedRule, placesOf, routesAt } from './route-place.ts';
import { withoutRivals } from './route-rival.ts';
import { type RuleMistake, verdictOf } from './route-verdict.ts';
import { retryBudgetOfRule, sessionOfRule } from './service-session.ts';

const NOTHING: RouteTranslation = { routes: [], needs: [], verdicts: [] };

/**
 * GRPCRoute -> routes of the Gateways that it is attached to, as of an HTTPRoute: a call is a request for the path `/SERVICE/METHOD`.
 *
 * Source: GW-29.
 */
export function translateGrpcRoute(view: View, key: ObjectKey): RouteTranslation {
  const route = view.get('GRPCRoute', key);
  if (route === undefined || route.metadata.deletionTimestamp !== undefined) return NOTHING;
  const parents = withoutRivals(view, route, parentsOf(view, route));
  if (parents.length === 0) return NOTHING;
  const rules = (route.spec.rules ?? []).map((rule, index) => translateRule(view, route, rule, index));
  const refusals = rules.flatMap((rule) => rule.refusals);
  const mistakes = rules.flatMap((rule) => rule.mistakes);
  const routes = placesOf(parents).flatMap((place) =>
    rules.flatMap((rule) => routesAt(view, place, route, rule, grpcRouteOrder)),
  );
  return {
    routes,
    needs: uniqueNeeds([...rules.flatMap(({ needs }) => needs), ...needsOf(routes)]),
    verdicts: parents.map((parent) => verdictOf(parent, { refusals, mistakes, rules: rules.length })),
  };
}

interface TranslatedRule extends PlacedRule<GrpcMatchRank> {
  readonly needs: readonly Need[];
  readonly refusals: readonly RefRefusal[];
  readonly mistakes: readonly RuleMistake[];
}

function translateRule(view: View, route: GRPCRoute, rule: GRPCRouteRule, index: number): TranslatedRule {
  const field = `rules[${index}]`;
  const mistakes: RuleMistake[] = [];
  const unserved = (message: string) => mistakes.push({ rule: index, reason: 'UnsupportedValue', message });
  const isUnsupported = (mistake: string) => unserved(`${field}: ${mistake}`);
  const written = rule.matches ?? [];
  const matches = (written.length === 0 ? [{}] : written).flatMap((match, position) => {
    const translated = translateGrpcMatch(match);
    if (typeof translated !== 'string') return [translated];
    unserved(`${field}.matches[${position}].${translated}`);
    return [];
  });
  const context: FilterContext = { view, referrer: routeReferrer('GRPCRoute', keyOf(route).namespace), prefix: '/' };
  const own = translateHttpFilters(rule.filters ?? [], context);
  if (own.unsupported !== undefined) isUnsupported(own.unsupported);
  if (own.answer !== undefined) isUnsupported('directResponse is not served for gRPC');
  if (own.matches !== undefined) isUnsupported('matches of an HTTPRouteFilter are not served for gRPC');
  const refs = rule.backendRefs ?? [];
  // A rule may take calls of several services.
  const session = sessionOfRule(view, keyOf(route).namespace, rule, {
    rule: `grpc ${objectKeyText(keyOf(route))} ${index}`,
    path: '/',
  });
  if (typeof session === 'string') isUnsupported(session);
  const affinity = typeof session === 'string' ? undefined : session;
  const { backends, refusals } = translateBackends(refs, context, isUnsupported);
  const ids = backends.flatMap(({ target }) => (target.type === 'endpoints' ? target.id : []));
  return {
    index,
    name: rule.name,
    says: { timeouts: false, retry: false },
    matches,
    filters: own.filters,
    action: refused(mistakes) ?? callsTo(backends, affinity, retryBudgetOfRule(view, keyOf(route).namespace, rule)),
    needs: [...new Set(ids)].sort().map((id) => ({ kind: 'endpointSet', id })),
    refusals: [...own.refusals, ...refusals],
    mistakes,
  };
}

/** Calls last as long as they last: the deadline is the client's. Whatever the Service says, its endpoints speak HTTP/2. */
function callsTo(
  backends: readonly BackendIR[],
  affinity: SessionIR | undefined,
  retryBudget: RetryBudgetIR | undefined,
): RouteActionIR {
  const action = actionOf(
    {},
    backends.map((backend) => ({ ...backend, protocol: backend.protocol.endsWith('s') ? 'grpcs' : 'grpc' })),
    { affinity, retryBudget },
  );
  if (action.type !== 'forward') return action;
  return { ...action, timeouts: { ...action.timeouts, sendMs: NO_LIMIT_MS, readMs: NO_LIMIT_MS } };
}
