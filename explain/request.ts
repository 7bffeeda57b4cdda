import type { Frontend } from '@causeway/apis/gateway/frontend';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { Term } from '@causeway/dataplane/policy/record';
import type { RequestView } from '@causeway/dataplane/policy/request-view';
import { termHolds } from '@causeway/dataplane/policy/term';
import type { RouteActionIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { translateFrontend } from '@causeway/translate/gateway/frontend';
import { type ExplainedBackend, explainBackends } from './backend.ts';
import { type Candidate, candidatesOf, sourceText } from './candidate.ts';
import { portOf, type RequestQuestion, requestViewOf } from './question.ts';
import { describeTerm, requestHas } from './term-text.ts';

/** Why one ALB answers a request as it does. */
export interface RequestExplanation {
  /** `namespace/name` */
  readonly alb: string;
  readonly port: number;
  /** Name of the Frontend that has the port; absent: nothing listens there. */
  readonly frontend?: string;
  /** The rule that takes the request; absent: none does. */
  readonly rule?: ExplainedRule;
  readonly outcome: Outcome;
  /** Rules that do not take it, those that failed latest first; at most {@link MAX_NEAR_MISSES}. */
  readonly nearMisses: readonly NearMiss[];
  /** What is wrong with the objects involved. */
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
  | { readonly type: 'forward'; readonly protocol: string; readonly backends: readonly ExplainedBackend[] };

export type NearMiss = {
  readonly rule: string;
  readonly source: string;
} & (
  | { readonly failedTerm: string; readonly requestHas: string }
  /** It would take the request, but another rule comes first. */
  | { readonly later: true }
);

export const MAX_NEAR_MISSES = 10;

/**
 * Says what happens to a request at one ALB, from the same snapshot, translation
 * and rule engine as the data plane, without sending anything. Pure.
 *
 * Source: design D11.
 */
export function explainRequest(view: View, alb: ObjectKey, question: RequestQuestion): RequestExplanation {
  const port = portOf(question.url);
  const base = { alb: objectKeyText(alb), port };
  const refused = (reason: string, more: object = {}): RequestExplanation => ({
    ...base,
    outcome: { type: 'refused', reason },
    nearMisses: [],
    problems: [],
    ...more,
  });

  const frontend = view.by('Frontend', 'alb', objectKeyText(alb)).find((one) => one.spec.port === port);
  if (frontend === undefined) return refused(`no Frontend of this ALB has port ${port}`);
  const translated = translateFrontend(view, keyOf(frontend));
  const problems = translated.problems.map(({ message }) => message);
  const named = { frontend: frontend.metadata.name, problems };
  if (translated.listener === undefined) return refused('the Frontend is not served', named);
  const scheme = question.url.protocol.slice(0, -1);
  if (scheme !== translated.listener.protocol) {
    return refused(`the port speaks ${translated.listener.protocol}, not ${scheme}`, named);
  }

  const listener = translated.listener;
  const { candidates, unserved } = candidatesOf(view, frontend, listener);
  problems.push(...unserved.map(({ rule, reason }) => `Rule ${rule}: ${reason}`));

  const { taken, nearMisses } = judge(candidates, requestViewOf(question));
  const action = taken?.route.action ?? listener.fallback;
  return {
    ...base,
    frontend: frontend.metadata.name,
    ...(taken === undefined ? {} : { rule: explainedRule(taken) }),
    outcome: action === undefined ? NO_RULE : outcomeOf(view, action),
    nearMisses,
    problems: [...problems, ...(taken?.problems ?? []), ...conflicts(frontend)],
  };
}

/** ALB-110. */
const NO_RULE: Outcome = { type: 'respond', status: 404, reason: 'InvalidUpstream : no rule match' };

function judge(
  candidates: readonly Candidate[],
  request: RequestView,
): { readonly taken?: Candidate; readonly nearMisses: readonly NearMiss[] } {
  let taken: Candidate | undefined;
  const misses: { readonly held: number; readonly miss: NearMiss }[] = [];
  for (const candidate of candidates) {
    const { terms } = candidate.compiled;
    const failed = terms.findIndex((term) => !termHolds(term, request));
    const who = { rule: candidate.route.name, source: sourceText(candidate.route) };
    if (failed >= 0) {
      const term = candidate.record.match[failed];
      if (term === undefined) continue;
      const miss = { ...who, failedTerm: describeTerm(term), requestHas: requestHas(term, request) };
      misses.push({ held: failed / terms.length, miss });
    } else if (taken === undefined) {
      taken = candidate;
    } else {
      misses.push({ held: 1, miss: { ...who, later: true } });
    }
  }
  const nearest = misses.sort((a, b) => b.held - a.held).slice(0, MAX_NEAR_MISSES);
  return { ...(taken === undefined ? {} : { taken }), nearMisses: nearest.map(({ miss }) => miss) };
}

function explainedRule({ route, record }: Candidate): ExplainedRule {
  return {
    name: route.name,
    priority: route.order.priority,
    source: sourceText(route),
    terms: record.match.map((term: Term) => describeTerm(term)),
  };
}

function outcomeOf(view: View, action: RouteActionIR): Outcome {
  if (action.type === 'respond') return { type: 'respond', status: action.status, reason: action.reason };
  const backends = explainBackends(view, action);
  if (backends.every(({ share, endpoints }) => share === 0 || endpoints.length === 0)) {
    return { type: 'respond', status: action.noEndpoints.status, reason: action.noEndpoints.reason };
  }
  return { type: 'forward', protocol: action.backends[0]?.protocol ?? 'http', backends };
}

/** What instances say about the port. */
function conflicts(frontend: Frontend): string[] {
  return Object.entries(frontend.status?.instances ?? {})
    .filter(([, { conflict }]) => conflict)
    .map(([instance, { msg }]) => `not listening on ${instance}: ${msg ?? 'the port is taken'}`);
}
