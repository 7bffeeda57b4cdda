import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { RouteIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { isStream, isTls } from '@causeway/targets/nginx/listener-port';
import { addressesOf } from '@causeway/translate/gateway/alb-address';
import { albSettings } from '@causeway/translate/gateway/alb-settings';
import { translateFrontend } from '@causeway/translate/gateway/frontend';
import { frontendOfPort } from '@causeway/translate/gateway/frontend-port';
import { translateInstance } from '@causeway/translate/gateway/instance';
import { listPolicies } from './alb/policies.ts';
import { candidatesAmong, candidatesAt, candidatesOf, sortedCandidates, sourceText } from './candidate.ts';
import { type ExplainedCertificate, explainCertificate } from './certificate.ts';
import { clientOf, type ExplainedClient } from './client-address.ts';
import { explainEffects } from './effects.ts';
import { explainForwarding } from './forwarding.ts';
import { albGatewaysIntent, gatewayIntent } from './gateway-api/intent.ts';
import { explainAtGateway } from './gateway-api/request.ts';
import { ingressNginxIntent, ingressProblems } from './ingress-nginx/intent.ts';
import { judge, type NearMiss } from './match.ts';
import {
  CLOSED,
  type ExplainedRule,
  explainedRule,
  type Outcome,
  outcomeOf,
  passedOn,
  perhapsText,
  streamed,
} from './outcome.ts';
import { passthroughOf, passthroughsOf } from './passthrough.ts';
import { headerOf, portOf, type RequestQuestion, requestViewOf } from './question.ts';

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

/**
 * Says what happens to a request at one ALB, from the same snapshot, translation
 * and rule engine as the data plane, without sending anything. Pure.
 *
 * Source: design D11.
 */
export function explainRequest(view: View, key: ObjectKey, question: RequestQuestion): RequestExplanation {
  const gateway = gatewayIntent(view, key);
  if (gateway !== undefined) return explainAtGateway(view, gateway, question);
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
  const gateways = albGatewaysIntent(view, key);
  if (frontend === undefined) {
    if (gateways.listeners.some((one) => one.port === port)) {
      return explainAtGateway(view, { ...gateways, instance }, question);
    }
    return refused(`no Frontend of this ALB has port ${port}`);
  }
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
  const ofGateways = candidatesAt(
    gateways.routes,
    gateways.listeners.filter((one) => one.port === port),
  );
  const { taken, perhaps, nearMisses } = judge(sortedCandidates([...candidates, ...ofGateways]), request);
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
