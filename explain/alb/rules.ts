import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { AffinityIR, MatchIR, RouteActionIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { translateFrontend } from '@causeway/translate/gateway/frontend';
import { type ExplainedBackend, explainBackends } from '../backend.ts';
import {
  type Candidate,
  candidatesAmong,
  candidatesAt,
  candidatesOf,
  sortedCandidates,
  sourceText,
  type UnservedRule,
} from '../candidate.ts';
import { albGatewaysIntent, type GatewayIntent } from '../gateway-api/intent.ts';
import { ingressNginxIntent } from '../ingress-nginx/intent.ts';
import { redirectText } from '../redirect-text.ts';
import { describeTerm } from '../term-text.ts';

/** The Rules of an ALB as its data planes have them, port by port. */
export interface AlbRules {
  /** `namespace/name` */
  readonly alb: string;
  readonly ports: readonly PortRules[];
  /** What is wrong with the Ingresses of an IngressNginx, or with Gateways and their routes. */
  readonly problems?: readonly string[];
}

export interface PortRules {
  readonly port: number;
  readonly protocol: string;
  readonly frontend: string;
  /** Whether the port is served; false: `problems` say why. */
  readonly served: boolean;
  /** In matching order: the first whose terms all hold takes the request. */
  readonly rules: readonly ListedRule[];
  /** What requests get that no rule takes; absent: 404. */
  readonly fallback?: ListedAction;
  /** Rules of this Frontend that are not in the data plane. */
  readonly unserved: readonly UnservedRule[];
  readonly problems: readonly string[];
}

export interface ListedRule {
  /** From 1. */
  readonly position: number;
  readonly name: string;
  /** Smaller first. */
  readonly priority: number;
  /** Among equal priorities: greater first, element by element; then by name. */
  readonly specificity: readonly number[];
  /** `Ingress default/hello`, or `''` for a hand-made Rule. */
  readonly source: string;
  /** In words, one a term; all must hold. Empty: every request. */
  readonly terms: readonly string[];
  readonly match: MatchIR;
  readonly action: ListedAction;
  /** What is wrong with a Rule that is served nevertheless. */
  readonly problems: readonly string[];
}

export type ListedAction =
  | { readonly type: 'respond'; readonly status: number; readonly reason: string }
  | { readonly type: 'redirect'; readonly status: number; readonly to: string }
  | {
      readonly type: 'forward';
      readonly protocol: string;
      readonly affinity: AffinityIR;
      readonly backends: readonly ExplainedBackend[];
    };

/**
 * Every Rule of an ALB, or path of the Ingresses of an IngressNginx, in the order in which requests meet them, by port.
 *
 * Source: spec ALB-131 (`albctl rule list`), section 4 for the order.
 *
 * @param alb key of the data plane
 */
export function listRules(view: View, alb: ObjectKey): AlbRules {
  return listNginxRules(view, alb) ?? listAlbRules(view, alb);
}

function listAlbRules(view: View, alb: ObjectKey): AlbRules {
  const gateways = albGatewaysIntent(view, alb);
  const ofFrontends = view.by('Frontend', 'alb', objectKeyText(alb)).map((frontend): PortRules => {
    const { port, protocol } = frontend.spec;
    const { listener, problems: found } = translateFrontend(view, keyOf(frontend));
    const base = { port, frontend: frontend.metadata.name, problems: found.map(({ message }) => message) };
    if (listener === undefined) return { ...base, protocol, served: false, rules: [], unserved: [] };
    const { candidates, unserved } = candidatesOf(view, frontend, listener);
    const all = sortedCandidates([...candidates, ...candidatesAt(gateways.routes, listenersAt(gateways, port))]);
    const rules = all.map((candidate, index) => listedRule(view, candidate, index));
    const fallback = listener.fallback && listedAction(view, listener.fallback);
    return {
      ...base,
      ...{ protocol: listener.protocol, served: true, rules, unserved },
      ...(fallback === undefined ? {} : { fallback }),
    };
  });
  const served = new Set(ofFrontends.map(({ port }) => port));
  const further = [...new Set(gateways.listeners.map(({ port }) => port))].filter((port) => !served.has(port));
  const ports = [...ofFrontends, ...further.map((port) => gatewayPort(view, gateways, port))];
  ports.sort((a, b) => a.port - b.port || (a.frontend < b.frontend ? -1 : 1));
  const problems = gateways.problems.map(({ source, message }) => `${source}: ${message}`);
  return { alb: objectKeyText(alb), ports, ...(problems.length === 0 ? {} : { problems }) };
}

/** A port that Gateways alone have; its Frontend is their listeners. */
function gatewayPort(view: View, gateways: GatewayIntent, port: number): PortRules {
  const listeners = listenersAt(gateways, port);
  const rules = candidatesAt(gateways.routes, listeners).map((candidate, index) => listedRule(view, candidate, index));
  const [fallback] = listeners.flatMap((listener) => listener.fallback ?? []);
  return {
    port,
    protocol: listeners[0]?.protocol ?? '',
    frontend: listeners.map(({ name }) => name).join(','),
    ...{ served: true, rules, unserved: [], problems: [] },
    ...(fallback && { fallback: listedAction(view, fallback) }),
  };
}

function listenersAt({ listeners }: GatewayIntent, wanted: number): GatewayIntent['listeners'] {
  return listeners.filter(({ port }) => port === wanted);
}

function listNginxRules(view: View, alb: ObjectKey): AlbRules | undefined {
  const intent = ingressNginxIntent(view, alb);
  if (intent === undefined) return undefined;
  const ports = intent.listeners.map((listener): PortRules => {
    const rules = candidatesAmong(intent.routes, listener).map((candidate, index) =>
      listedRule(view, candidate, index),
    );
    const { port, protocol, name } = listener;
    return { port, protocol, frontend: name, served: true, rules, unserved: [], problems: [] };
  });
  const problems = intent.problems.map(
    ({ object, message }) => `${object.kind} ${objectKeyText(object.key)}: ${message}`,
  );
  return { alb: objectKeyText(alb), ports: ports.sort((a, b) => a.port - b.port), problems };
}

function listedRule(view: View, { route, record, problems }: Candidate, index: number): ListedRule {
  return {
    position: index + 1,
    name: route.name,
    priority: route.order.priority,
    specificity: route.order.specificity,
    source: sourceText(route),
    terms: record.match.map(describeTerm),
    match: record.match,
    action: listedAction(view, route.action),
    problems,
  };
}

function listedAction(view: View, action: RouteActionIR): ListedAction {
  if (action.type === 'respond') return { type: 'respond', status: action.status, reason: action.reason };
  if (action.type === 'redirect') return { type: 'redirect', status: action.status, to: redirectText(action) };
  return {
    type: 'forward',
    protocol: action.backends[0]?.protocol ?? 'http',
    affinity: action.affinity,
    backends: explainBackends(view, action),
  };
}
