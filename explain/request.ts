import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { canaryWish } from '@causeway/dataplane/policy/canary';
import type { Peer, Term } from '@causeway/dataplane/policy/record';
import { redirectLocation } from '@causeway/dataplane/policy/redirect';
import type { RequestView } from '@causeway/dataplane/policy/request-view';
import type { AffinityIR, ForwardIR, ListenerIR, RouteActionIR, RouteIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import {
  type GroupSpec,
  isStream,
  isTls,
  renderGroup,
  renderPort,
  renderRoute,
  renderStreamPort,
} from '@causeway/targets/nginx/records';
import { addressesOf } from '@causeway/translate/gateway/alb-address';
import { albSettings } from '@causeway/translate/gateway/alb-settings';
import { translateEndpointSet } from '@causeway/translate/gateway/endpoint-set';
import { translateFrontend } from '@causeway/translate/gateway/frontend';
import { frontendOfPort } from '@causeway/translate/gateway/frontend-port';
import { translateInstance } from '@causeway/translate/gateway/instance';
import { listPolicies } from './alb/policies.ts';
import { type ExplainedBackend, explainBackends } from './backend.ts';
import { type ExplainedBalancing, explainBalancing } from './balancing.ts';
import { type Candidate, candidatesAmong, candidatesOf, sourceText } from './candidate.ts';
import { type ExplainedCertificate, explainCertificate } from './certificate.ts';
import { clientOf, type ExplainedClient } from './client-address.ts';
import { explainEffects } from './effects.ts';
import { explainForwarding } from './forwarding.ts';
import { ingressNginxIntent, ingressProblems } from './ingress-nginx/intent.ts';
import { judge, type NearMiss } from './match.ts';
import { type FoundPassthrough, passthroughOf, passthroughsOf, passthroughText } from './passthrough.ts';
import { headerOf, portOf, type RequestQuestion, requestViewOf } from './question.ts';
import { describeTerm } from './term-text.ts';

/** Why one ALB answers a request as it does. As JSON this is a contract: docs/explain.md. */
export interface RequestExplanation {
  /** `namespace/name` */
  readonly alb: string;
  /** Where the ALB is reached, as far as it is known. */
  readonly addresses: readonly string[];
  readonly port: number;
  readonly client: ExplainedClient;
  /** Name of the Frontend that has the port; absent: nothing listens there. */
  readonly frontend?: string;
  /** Of the Frontend. */
  readonly protocol?: string;
  /** On ports with TLS. */
  readonly tls?: ExplainedCertificate;
  /** The rule that takes the request; absent: none does. */
  readonly rule?: ExplainedRule;
  /** No rule takes it, and the Frontend has a default service group. */
  readonly defaultGroup: boolean;
  readonly outcome: Outcome;
  /** What is changed in the request and its answer, in this order. */
  readonly effects: readonly string[];
  /** Rules that do not take it, those that failed latest first; at most ten. */
  readonly nearMisses: readonly NearMiss[];
  /** What is wrong with the objects involved, and where the answer may be another one. */
  readonly problems: readonly string[];
}

export interface ExplainedRule {
  readonly name: string;
  readonly priority: number;
  /** `Ingress default/hello`, or `''` for a hand-made Rule. */
  readonly source: string;
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
    };

const CLOSED = 'the connection is closed';
const PREFLIGHT: Outcome = { type: 'respond', status: 204, reason: 'preflight of CORS' };
const IN_TURN: AffinityIR = { type: 'roundRobin' };
/** ALB-110. */
const NO_RULE: Outcome = { type: 'respond', status: 404, reason: 'InvalidUpstream : no rule match' };

/**
 * Says what happens to a request at one ALB, from the same snapshot, translation
 * and rule engine as the data plane, without sending anything. Pure.
 *
 * Source: design D11.
 */
export function explainRequest(view: View, key: ObjectKey, question: RequestQuestion): RequestExplanation {
  const id = objectKeyText(key);
  const port = portOf(question.url);
  const alb = view.get('ALB2', key);
  const ofNginx = ingressNginxIntent(view, key);
  const settings = ofNginx?.settings.alb ?? (alb && albSettings(alb));
  const client = clientOf(question.sourceAddress, settings?.trustedProxies ?? [], (name) => headerOf(question, name));
  const base = { alb: id, addresses: reachedBy(view, key), port, client, defaultGroup: false, effects: [] };
  const refused = (reason: string, more: Partial<RequestExplanation> = {}): RequestExplanation => {
    return { ...base, outcome: { type: 'refused', reason }, nearMisses: [], problems: [], ...more };
  };

  const { instance, problems: ofInstance } = ofNginx ?? translateInstance(view, key);
  if (instance === undefined) {
    return refused('the ALB has no data plane', { problems: ofInstance.map(({ message }) => message) });
  }
  const frontend =
    ofNginx?.frontends.find(({ spec }) => spec.port === port) ??
    frontendOfPort(view, key, port) ??
    frontendOfPort(view, key, port, 'udp');
  if (frontend === undefined) return refused(`no Frontend of this ALB has port ${port}`);
  const { listener, problems: ofFrontend } =
    ofNginx === undefined
      ? translateFrontend(view, keyOf(frontend))
      : { listener: ofNginx.listeners.find((one) => one.port === port), problems: [] };
  const problems = [...ofFrontend.map(({ message }) => message), ...unserved(view, id, port)];
  const named = { frontend: frontend.metadata.name, protocol: listener?.protocol ?? frontend.spec.protocol, problems };
  if (settings?.serveRules === false) return refused('the ALB does not read Frontends (enableALb: false)', named);
  if (listener === undefined) return refused('the Frontend is not served', named);
  const request = requestViewOf({ ...question, sourceAddress: client.address });
  if (isStream(listener)) return { ...refused('the port speaks udp'), ...named, ...streamed(view, listener, request) };
  const ofIngresses = (asked?: Pick<RouteIR, 'source'>): readonly string[] =>
    ofNginx === undefined ? [] : ingressProblems(ofNginx, asked && sourceText(asked));
  const scheme = isTls(listener) ? 'https' : 'http';
  const asked = question.url.protocol.slice(0, -1);
  if (scheme !== asked) return refused(`the port speaks ${listener.protocol}, not ${asked}`, named);

  const passing =
    ofNginx?.passthroughs.map((passthrough) => ({ passthrough, problems: [] })) ?? passthroughsOf(view, frontend);
  const passed = isTls(listener) ? passthroughOf(passing, listener, question.url.hostname) : undefined;
  if (passed !== undefined) {
    const all = [...problems, ...ofIngresses(passed.passthrough)];
    return { ...refused(CLOSED), ...named, ...passedOn(view, passed, request, all) };
  }
  const tls = isTls(listener)
    ? explainCertificate(listPolicies(view, key, { port, now: question.now }), question.url.hostname)
    : undefined;
  if (tls !== undefined && tls.certificate === undefined) return refused('the TLS handshake fails', { ...named, tls });

  const { candidates, unserved: notServed } =
    ofNginx === undefined
      ? candidatesOf(view, frontend, listener)
      : { candidates: candidatesAmong(ofNginx.routes, listener), unserved: [] };
  const { taken, perhaps, nearMisses } = judge(candidates, request);
  return {
    ...base,
    ...named,
    ...(tls === undefined ? {} : { tls }),
    ...(taken === undefined ? {} : { rule: explainedRule(taken) }),
    defaultGroup: taken === undefined && listener.fallback !== undefined,
    outcome: outcomeOf(view, listener, taken, request),
    effects: [
      ...explainEffects(taken?.route.filters ?? listener.fallbackFilters ?? [], request),
      ...explainForwarding(taken?.route.action ?? listener.fallback),
    ],
    nearMisses,
    problems: [
      ...problems,
      ...notServed.map(({ rule, reason }) => `Rule ${rule}: ${reason}`),
      ...ofIngresses(taken?.route),
      ...(taken?.problems ?? []),
      ...perhaps.map(perhapsText),
    ],
  };
}

function perhapsText(rule: string): string {
  return (
    `Rule ${rule} comes first and takes the request if its regular expression matches, which only the data plane can tell: ` +
    'send it with the header cpaas-trace: true'
  );
}

function explainedRule({ route, record }: Candidate): ExplainedRule {
  return {
    name: route.name,
    priority: route.order.priority,
    source: sourceText(route),
    terms: record.match.map((term: Term) => describeTerm(term)),
  };
}

function outcomeOf(view: View, listener: ListenerIR, taken: Candidate | undefined, request: RequestView): Outcome {
  if (taken !== undefined && isPreflight(taken, request)) return PREFLIGHT;
  const group =
    taken === undefined ? renderPort([listener], () => true).group : renderRoute(taken.route, [listener]).group;
  return actionOutcome(view, taken?.route.action ?? listener.fallback, group, request);
}

/** Answered before anything is asked for; a redirect comes first (spec ALB 7.1). */
function isPreflight({ route }: Candidate, request: RequestView): boolean {
  if (route.action.type === 'redirect' || request.method() !== 'OPTIONS') return false;
  return route.filters.some(({ type }) => type === 'cors');
}

function actionOutcome(
  view: View,
  action: RouteActionIR | undefined,
  group: GroupSpec | undefined,
  request: RequestView,
): Outcome {
  if (action === undefined) return NO_RULE;
  if (action.type === 'respond') return { type: 'respond', status: action.status, reason: action.reason };
  if (action.type === 'redirect') {
    return { type: 'redirect', status: action.status, location: redirectLocation(action, request) };
  }
  const wish = action.canary && canaryWish(action.canary)(request);
  const backends = explainBackends(view, action, wish);
  if (backends.every(({ share, endpoints }) => share === 0 || endpoints.length === 0)) {
    const { spareBackends, canary: _canary, ...without } = action;
    if (spareBackends !== undefined) {
      return actionOutcome(view, { ...without, backends: spareBackends, affinity: IN_TURN }, undefined, request);
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
  };
}

function peersOf(view: View, group: GroupSpec | undefined): readonly Peer[] {
  return group === undefined ? [] : renderGroup(group, (id) => translateEndpointSet(view, id).endpoints).peers;
}

/** Nobody but the backend reads the request. */
function passedOn(
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
  const backends = explainBackends(view, action);
  if (backends.every(({ endpoints }) => endpoints.length === 0)) {
    return { ...all, rule, outcome: { type: 'refused', reason: `${CLOSED}: no ready endpoint` } };
  }
  return { ...all, rule, outcome: forwarded(action, backends, peersOf(view, group), request) };
}

/** A tcp port passes on whatever bytes come. */
function streamed(view: View, listener: ListenerIR, request: RequestView): Partial<RequestExplanation> {
  const { protocol, fallback } = listener;
  if (protocol === 'udp') return {};
  const { group } = renderStreamPort([listener]);
  if (fallback?.type !== 'forward') return { outcome: { type: 'refused', reason: 'the port has no service group' } };
  const backends = explainBackends(view, fallback);
  if (backends.every(({ endpoints }) => endpoints.length === 0)) {
    return { defaultGroup: true, outcome: { type: 'refused', reason: 'no ready endpoint: connections are closed' } };
  }
  return { defaultGroup: true, outcome: forwarded(fallback, backends, peersOf(view, group), request) };
}

/** Where the ALB is reached: what users wrote, its Service's, and those that its instances alone have. */
function reachedBy(view: View, key: ObjectKey): readonly string[] {
  const alb = view.get('ALB2', key);
  const own = view.by('Instance', 'alb', objectKeyText(key)).flatMap(({ status }) => status?.address ?? []);
  return [...new Set([...(alb === undefined ? [] : addressesOf(alb)), ...own])].sort();
}

/** What instances say about themselves and the port. */
function unserved(view: View, alb: string, port: number): string[] {
  const problems: string[] = [];
  for (const { metadata, status } of view.by('Instance', 'alb', alb)) {
    const entry = status?.ports?.find((one) => one.port === port);
    if (entry?.state === 'conflict') {
      problems.push(`not listening on ${metadata.name}: ${entry.message ?? 'the port is taken'}`);
    }
    if (status?.ready === false) problems.push(`${metadata.name} is not ready: ${status.message ?? 'it is starting'}`);
  }
  return problems;
}
