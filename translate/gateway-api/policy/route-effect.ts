import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type {
  ClientConnectionsIR,
  FilterIR,
  ForwardIR,
  HostTlsIR,
  ParallelRetriesIR,
  RetryIR,
  RouteActionIR,
} from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { translateValidation } from '../listener/client-validation.ts';
import { NO_LIMIT_MS, translateBackendTrafficPolicy } from './backend-traffic-policy.ts';
import type { ConnectionLimit } from './client-connection.ts';
import { translateClientTrafficPolicy } from './client-traffic-policy.ts';
import { judgedHeader } from './forwarded-certificate.ts';
import { withHost } from './health-check.ts';
import { mirrorsOfFamily, withLookupFamily } from './lookup-family.ts';
import { inForce, type PolicyPlace, policiesAt, policyOf } from './precedence.ts';
import type { RouteTracing } from './route-tracing.ts';
import type { RoutingType } from './routing-type.ts';
import { translateSecurityPolicy } from './security-policy.ts';

/** A route of the data plane, as its rule wants it. */
export interface RuleEffect {
  readonly filters: readonly FilterIR[];
  readonly action: RouteActionIR;
  /** What the rule says itself, which no policy changes. */
  readonly says: {
    readonly timeouts: boolean;
    readonly retry: boolean;
    /** What a request may take in all, where nobody else says it before the rule; absent: as long as it takes. */
    readonly requestMs?: number;
  };
}

/**
 * What the policies in force make of a rule at a listener. What they do to a request comes before what the rule does.
 *
 * Source: GW-33.
 *
 * @param scope names the rule, for what is counted
 */
export function withPolicies(
  view: View,
  place: PolicyPlace,
  rule: RuleEffect,
  scope: string,
): Pick<RuleEffect, 'filters' | 'action'> & {
  readonly hostTls?: HostTlsIR;
  readonly tracing?: RouteTracing;
  readonly routingType?: RoutingType;
} {
  const client = policyOf(view, 'ClientTrafficPolicy', [
    { object: place.gateway, section: place.listener },
    { object: place.gateway },
  ]);
  const guards = policiesAt(view, 'SecurityPolicy', place);
  const security = guards.own ?? guards.above;
  const backends = policiesAt(view, 'BackendTrafficPolicy', place);
  const backend = inForce(backends);
  const { own, above } = backends;
  const validated = place.clients && translateValidation(view, place.clients).policy;
  if (client === undefined && security === undefined && backend === undefined && validated === undefined) return rule;
  const clients = client && translateClientTrafficPolicy(view, client);
  const isOfAll = client !== undefined && client === policyOf(view, 'ClientTrafficPolicy', [{ object: place.gateway }]);
  const hostTls = place.tls ? clients?.hostTls : undefined;
  const verified = hostTls?.client ?? validated;
  const traffic =
    backend &&
    translateBackendTrafficPolicy(view, backend, {
      gateway: place.gateway,
      scope,
      ...(own === undefined || above === undefined ? {} : { merged: { own, above } }),
      tellsLimits: client?.spec.headers?.disableRateLimitHeaders !== true,
    });
  const [mistake] = traffic?.mistakes ?? [];
  const ownsCors = rule.filters.some(({ type }) => type === 'cors');
  const access =
    security === undefined ? [] : translateSecurityPolicy(view, security, guards.own && guards.above).filters;
  const family = backend?.spec.dns?.lookupFamily;
  const traffics = delayedWithin(traffic?.filters ?? [], [
    rule.says.timeouts ? rule.says.requestMs : (traffic?.requestMs ?? rule.says.requestMs),
    ...(clients?.filters ?? []).flatMap((filter) => (filter.type === 'requestDeadline' ? filter.ms : [])),
  ]);
  return {
    filters: [
      ...connectionFilters(place, clients?.connectionLimit),
      ...(clients?.client === undefined || !isOfAll ? [] : [clients.client]),
      ...(verified === undefined ? [] : [{ type: 'clientCertificate' as const, policy: verified }]),
      ...judgedHeader(clients?.certificateHeader, verified),
      ...(clients?.filters ?? []),
      // As Envoy has it, before anybody is asked.
      ...traffics.filter(({ type }) => type === 'fault'),
      ...(access.some(({ type }) => type !== 'cors') ? [{ type: 'guarded' as const }] : []),
      ...access.filter(({ type }) => type !== 'cors' || !ownsCors),
      ...traffics.filter(({ type }) => type !== 'fault'),
      ...mirrorsOfFamily(rule.filters, family),
    ],
    action:
      mistake !== undefined
        ? { type: 'respond', status: 500, reason: `InvalidPolicy : BackendTrafficPolicy ${mistake}` }
        : rule.action.type !== 'forward'
          ? rule.action
          : withIdle(
              traffic === undefined
                ? rule.action
                : changed(withLookupFamily(rule.action, family), traffic.forward, rule, place),
              clients?.streamIdleMs,
            ),
    ...(hostTls === undefined || Object.keys(hostTls).length === 0 ? {} : { hostTls }),
    ...(traffic?.tracing === undefined ? {} : { tracing: traffic.tracing }),
    ...(backend?.spec.routingType === undefined ? {} : { routingType: backend.spec.routingType }),
  };
}

/** HTTP listeners of a port count together: which of them a connection is for nobody knows before its requests. Source: GW-42. */
function connectionFilters(
  { gateway, tls, port, listeners }: PolicyPlace,
  limit: ConnectionLimit | undefined,
): readonly ClientConnectionsIR[] {
  if (limit === undefined) return [];
  const scope = tls ? `clients ${objectKeyText(keyOf(gateway))} ${listeners.join(' ')}` : `clients ${port}`;
  return [{ type: 'clientConnections', scope, ...limit }];
}

/** Delays on purpose are a part of what a request may take. */
function delayedWithin(filters: readonly FilterIR[], limits: readonly (number | undefined)[]): readonly FilterIR[] {
  const withinMs = Math.min(...limits.flatMap((ms) => ms ?? []));
  if (withinMs >= NO_LIMIT_MS) return filters;
  return filters.map((filter) =>
    filter.type === 'fault' && filter.delay !== undefined
      ? { ...filter, delay: { ...filter.delay, withinMs } }
      : filter,
  );
}

/** Whatever a request may take: nothing is sent for so long by nobody. */
function withIdle(action: ForwardIR, idleMs: number | undefined): ForwardIR {
  if (idleMs === undefined) return action;
  const { connectMs, sendMs, readMs } = action.timeouts;
  return { ...action, timeouts: { connectMs, sendMs: Math.min(sendMs, idleMs), readMs: Math.min(readMs, idleMs) } };
}

function changed(
  action: ForwardIR,
  {
    timeouts,
    retry,
    parallelRetries,
    affinity,
    nearness,
    clientProtocol,
    tellsClient,
    customErrors,
    transfer,
    ejection,
    healthCheck,
    panicPercent,
  }: ReturnType<typeof translateBackendTrafficPolicy>['forward'],
  { says }: RuleEffect,
  { hosts, route }: PolicyPlace,
): ForwardIR {
  return {
    ...action,
    timeouts: {
      ...action.timeouts,
      ...(says.timeouts ? {} : timeouts),
      ...(timeouts?.connectMs === undefined ? {} : { connectMs: timeouts.connectMs }),
    },
    ...retryOf(retry === undefined || says.retry ? action.retry : retry, says.retry || retry !== undefined, {
      parallel: parallelRetries,
      bounded: action.retryBudget !== undefined,
    }),
    ...(affinity === undefined || action.affinity.type !== 'roundRobin' ? {} : { affinity }),
    ...(nearness === undefined ? {} : { nearness }),
    // Calls are HTTP/2 in any case.
    ...(clientProtocol === undefined || route.kind === 'GRPCRoute' ? {} : { clientProtocol }),
    ...(tellsClient === undefined ? {} : { tellsClient }),
    ...(customErrors === undefined ? {} : { customErrors }),
    ...(ejection === undefined ? {} : { ejection }),
    ...(healthCheck === undefined ? {} : { healthCheck: withHost(healthCheck, hosts) }),
    ...(panicPercent === undefined ? {} : { panicPercent }),
    ...(transfer === undefined ? {} : { transfer: { ...action.transfer, ...transfer } }),
  };
}

/** @param isSaid attempts that nobody asked for are no retries: endpoints that refuse connections have not had the request */
function retryOf(
  retry: RetryIR,
  isSaid: boolean,
  { parallel, bounded }: { readonly parallel: ParallelRetriesIR | undefined; readonly bounded: boolean },
): Pick<ForwardIR, 'retry'> {
  if (!isSaid) return { retry };
  return { retry: { ...retry, ...(parallel && { parallel }), ...(bounded && { bounded }) } };
}
