/** What becomes of a request: the part of explanations that is the same for every kind of data plane. */
import { canaryWish } from '@causeway/dataplane/policy/canary';
import type { Peer, Term } from '@causeway/dataplane/policy/record';
import { redirectLocation } from '@causeway/dataplane/policy/redirect';
import type { RequestView } from '@causeway/dataplane/policy/request-view';
import type { AffinityIR, ForwardIR, ListenerIR, PlaceIR, RouteActionIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { type GroupSpec, renderGroup } from '@causeway/targets/nginx/group-record';
import { renderPort, renderStreamPort } from '@causeway/targets/nginx/port-records';
import { renderRoute } from '@causeway/targets/nginx/route-records';
import { translateEndpointSet } from '@causeway/translate/gateway/endpoint-set';
import { type ExplainedBackend, explainBackends, placesOf } from './backend.ts';
import { type ExplainedBalancing, explainBalancing } from './balancing.ts';
import { type Candidate, sourceText } from './candidate.ts';
import { type FoundPassthrough, passthroughText } from './passthrough.ts';
import type { RequestExplanation } from './request.ts';
import { describeTerm } from './term-text.ts';

export interface ExplainedRule {
  readonly name: string;
  readonly priority: number;
  /** `Ingress default/hello`, or `''` for a hand-made Rule. */
  readonly source: string;
  /** Of a route of a Gateway: which of its rules and matches, from 0. */
  readonly place?: { readonly rule: number; readonly match: number };
  /** What it asks for, all of which holds; empty: every request. */
  readonly terms: readonly string[];
}

export type Outcome =
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'respond'; readonly status: number; readonly reason: string }
  | { readonly type: 'redirect'; readonly status: number; readonly location: string }
  | {
      readonly type: 'forward';
      readonly protocol: string;
      readonly balancing: ExplainedBalancing;
      readonly backends: readonly ExplainedBackend[];
      /** What the shares of backends without endpoints are answered with; absent: they go to the others. */
      readonly keepsShares?: number;
    };

export const CLOSED = 'the connection is closed';
const PREFLIGHT_STATUS = 204;
const IN_TURN: AffinityIR = { type: 'roundRobin' };
/** ALB-110. */
const NO_RULE: Outcome = { type: 'respond', status: 404, reason: 'InvalidUpstream : no rule match' };

export function perhapsText(rule: string): string {
  return (
    `Rule ${rule} comes first and takes the request if its regular expression matches, which only the data plane can tell: ` +
    'send it with the header cpaas-trace: true'
  );
}

export function explainedRule({ route, record }: Candidate): ExplainedRule {
  return {
    name: route.name,
    priority: route.order.priority,
    source: sourceText(route),
    ...(route.place === undefined ? {} : { place: route.place }),
    terms: record.match.map((term: Term) => describeTerm(term)),
  };
}

export function outcomeOf(
  view: View,
  listener: ListenerIR,
  taken: Candidate | undefined,
  request: RequestView,
): Outcome {
  const preflight = taken && preflightStatus(taken, request);
  if (preflight !== undefined) return { type: 'respond', status: preflight, reason: 'preflight of CORS' };
  const group =
    taken === undefined ? renderPort([listener], () => true).group : renderRoute(taken.route, [listener]).group;
  const places = placesOf(view, listener.instance);
  return actionOutcome(view, taken?.route.action ?? listener.fallback, { group, places }, request);
}

/** Answered before anything is asked for; a redirect comes first (spec ALB 7.1), unless the route guards it. */
function preflightStatus({ route: { action, filters } }: Candidate, request: RequestView): number | undefined {
  if (request.method() !== 'OPTIONS') return undefined;
  if (action.type === 'redirect' && !filters.some(({ type }) => type === 'guarded')) return undefined;
  const cors = filters.find((filter) => filter.type === 'cors');
  return cors && (cors.preflightStatus ?? PREFLIGHT_STATUS);
}

function actionOutcome(
  view: View,
  action: RouteActionIR | undefined,
  { group, places }: { readonly group?: GroupSpec | undefined; readonly places: readonly PlaceIR[] },
  request: RequestView,
): Outcome {
  if (action === undefined) return NO_RULE;
  if (action.type === 'respond') return { type: 'respond', status: action.status, reason: action.reason };
  if (action.type === 'redirect') {
    return { type: 'redirect', status: action.status, location: redirectLocation(action, request) };
  }
  const wish = action.canary && canaryWish(action.canary)(request);
  const backends = explainBackends(view, action, { places, wish });
  if (backends.every(({ share, endpoints }) => share === 0 || endpoints.length === 0)) {
    const { spareBackends, canary: _canary, ...without } = action;
    if (spareBackends !== undefined) {
      const spare: ForwardIR = { ...without, backends: spareBackends, affinity: IN_TURN };
      return actionOutcome(view, spare, { places }, request);
    }
    return { type: 'respond', status: action.noEndpoints.status, reason: action.noEndpoints.reason };
  }
  return forwarded(action, backends, peersOf(view, group), request);
}

function forwarded(
  action: ForwardIR,
  backends: readonly ExplainedBackend[],
  peers: readonly Peer[],
  request: RequestView,
): Outcome {
  return {
    type: 'forward',
    protocol: action.backends[0]?.protocol ?? 'http',
    balancing: explainBalancing(action.affinity, peers, request),
    backends,
    ...(action.keepsShares === true ? { keepsShares: action.noEndpoints.status } : {}),
  };
}

function peersOf(view: View, group: GroupSpec | undefined): readonly Peer[] {
  return group === undefined ? [] : renderGroup(group, (id) => translateEndpointSet(view, id).endpoints).peers;
}

/** Nobody but the backend reads the request. */
export function passedOn(
  view: View,
  { passthrough, group, problems }: FoundPassthrough,
  request: RequestView,
  others: readonly string[],
): Partial<RequestExplanation> {
  const { action, name, order } = passthrough;
  const all = { problems: [...others, ...problems], effects: [passthroughText(passthrough)] };
  const rule: ExplainedRule = { name, priority: order.priority, source: sourceText(passthrough), terms: [] };
  if (action.type !== 'forward')
    return { ...all, rule, outcome: { type: 'refused', reason: `${CLOSED}: ${action.reason}` } };
  const backends = explainBackends(view, action, { places: placesOf(view, passthrough.instance) });
  if (backends.every(({ endpoints }) => endpoints.length === 0)) {
    return { ...all, rule, outcome: { type: 'refused', reason: `${CLOSED}: no ready endpoint` } };
  }
  return { ...all, rule, outcome: forwarded(action, backends, peersOf(view, group), request) };
}

/** A tcp port passes on whatever bytes come. */
export function streamed(view: View, listener: ListenerIR, request: RequestView): Partial<RequestExplanation> {
  const { protocol, fallback } = listener;
  if (protocol === 'udp') return {};
  const { group } = renderStreamPort([listener]);
  if (fallback?.type !== 'forward') return { outcome: { type: 'refused', reason: 'the port has no service group' } };
  const backends = explainBackends(view, fallback, { places: placesOf(view, listener.instance) });
  if (backends.every(({ endpoints }) => endpoints.length === 0)) {
    return { defaultGroup: true, outcome: { type: 'refused', reason: 'no ready endpoint: connections are closed' } };
  }
  return { defaultGroup: true, outcome: forwarded(fallback, backends, peersOf(view, group), request) };
}
