import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { RedirectIR, RouteActionIR, RouteIR, RouteOrderIR, TermIR } from '@causeway/ir/gateway';
import type { Gateway, GRPCRoute, HTTPRoute } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import type { Need } from '../../gateway/problem.ts';
import { withClientCertificate } from '../backend/backend-client-certificate.ts';
import type { ClientValidation } from '../listener/client-validation.ts';
import { hostRank, hostTerms } from '../listener/hostname.ts';
import { albNamedBy, gatewayPlaneOf, planeOf } from '../plane/data-plane.ts';
import { policySection } from '../policy/precedence.ts';
import { type RuleEffect, withPolicies } from '../policy/route-effect.ts';
import { withRouteTracing } from '../policy/route-tracing.ts';
import { withRoutingType } from '../policy/routing-type.ts';
import { withTimeoutPolicy } from '../policy/timeout-policy.ts';
import { keepsRouteOrder, parameterFilters, routingTypeOf } from '../proxy/envoy-proxy.ts';
import type { RouteParent } from './attachment.ts';
import { routePriority, routeTie } from './route-order.ts';

/** Listeners of one Gateway at which a route has the same hosts, and these come equally early. */
interface Place {
  readonly gateway: Gateway;
  readonly listeners: readonly string[];
  /** Of the first of them, for policies: where a port has several listeners, their hosts differ. */
  readonly listener: string | undefined;
  /** It ends TLS. */
  readonly tls: boolean;
  readonly clients: ClientValidation | undefined;
  readonly port: number;
  readonly hosts: readonly string[];
  readonly ranks: HostRanks;
}

interface HostRanks {
  readonly listener: number;
  readonly route: number;
}

/** A rule of a route, wherever it is attached. */
export interface PlacedRule<Rank> extends RuleEffect {
  readonly index: number;
  readonly name?: string | undefined;
  readonly matches: readonly {
    /** Beside that on the host. */
    readonly terms: readonly TermIR[];
    readonly rank: Rank;
    /** Which match of the rule, where it became several. */
    readonly written?: number;
  }[];
}

export function placesOf(parents: readonly RouteParent[]): readonly Place[] {
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
        places.set(key, {
          gateway,
          listeners,
          listener: name,
          tls,
          clients: listener.clients,
          port,
          hosts: ofRank,
          ranks,
        });
      }
    }
  }
  return [...places.values()];
}

/** Endpoints that routes go to: a policy may have them go elsewhere than their rule says. */
export function needsOf(routes: readonly RouteIR[]): readonly Need[] {
  const backends = routes.flatMap(({ action }) => (action.type === 'forward' ? action.backends : []));
  const ids = backends.flatMap(({ target }) => (target.type === 'endpoints' ? target.id : []));
  return [...new Set(ids)].sort().map((id) => ({ kind: 'endpointSet', id }));
}

/** One for each match of a rule. */
export function routesAt<Rank>(
  view: View,
  { gateway, listeners, listener, tls, clients, port, hosts, ranks }: Place,
  route: GRPCRoute | HTTPRoute,
  rule: PlacedRule<Rank>,
  order: (hosts: HostRanks, rank: Rank, tie: string) => RouteOrderIR,
): readonly RouteIR[] {
  const { kind } = route;
  const { namespace, name } = keyOf(route);
  const instance = objectKeyText(planeOf(view, gateway));
  const asked = withTimeoutPolicy(
    view,
    { route, rule, gateway, listener },
    withClientCertificate(view, gateway, atPort(rule.action, port)),
    rule.says.timeouts,
  );
  const written = { filters: rule.filters, action: asked, says: rule.says };
  const scope = `${objectKeyText(gatewayPlaneOf(keyOf(gateway)))}/${kind}/${namespace}/${name}/${rule.index}`;
  const at = { route, rule: rule.name, gateway, listener, listeners, port, tls, hosts, clients };
  const { filters, action, hostTls, tracing, routingType } = withPolicies(view, at, written, scope);
  const routed = withRoutingType(action, routingType ?? routingTypeOf(view, gateway));
  const always = withRouteTracing(parameterFilters(view, gateway), tracing);
  const inOrder = kind === 'HTTPRoute' && keepsRouteOrder(view, gateway) ? asWritten : (each: RouteOrderIR) => each;
  // Source: ALB-114.
  const { metadata } = gateway;
  const listenerText =
    albNamedBy(view, gateway) === undefined
      ? ''
      : `${port}-${metadata.namespace ?? ''}-${metadata.name}-${listener ?? ''}-`;
  return rule.matches.map(({ terms, rank, written }, index) => ({
    kind: 'route',
    id: `${scope}-${index}/${port}-${ranks.listener}-${hosts.join(',')}`,
    instance,
    listeners,
    match: [...hostTerms(hosts), ...terms],
    order: withPriority(
      inOrder(order(ranks, rank, routeTie(route, rule.index, index))),
      routePriority(route, rule.index, written ?? index),
    ),
    filters: [...always, ...filters],
    action: routed,
    certificates: [],
    ...(hostTls === undefined ? {} : { hostTls }),
    name: `${listenerText}${namespace}-${name}-${rule.index}-${index}`,
    source: { type: kind, namespace, name },
    place: { rule: rule.index, match: written ?? index },
  }));
}

/** Of matches for the same hosts nothing but their place counts. */
function asWritten({ specificity, ...order }: RouteOrderIR): RouteOrderIR {
  return { ...order, specificity: specificity.slice(0, HOST_RANKS) };
}

const HOST_RANKS = 2;

/** What the user says comes before what a match says, but never before the host of the listener. */
function withPriority(order: RouteOrderIR, priority: number): RouteOrderIR {
  const [listener = 0, ...others] = order.specificity;
  return { ...order, specificity: [listener, priority === 0 ? 0 : -priority, ...others] };
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
