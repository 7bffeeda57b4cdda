import type { RouteRecord, Term } from '@causeway/dataplane/policy/record';
import type { RequestView } from '@causeway/dataplane/policy/request-view';
import { type CompiledTerm, termHolds } from '@causeway/dataplane/policy/term';
import { type Candidate, sourceText } from './candidate.ts';
import { describeTerm, requestHas } from './term-text.ts';

/** A rule that does not take the request, and why. */
export type NearMiss = {
  readonly rule: string;
  /** `Ingress default/hello`, or `''` for a hand-made Rule. */
  readonly source: string;
} & (
  | { readonly failedTerm: string; readonly requestHas: string }
  /** It would take the request, but another rule comes first. */
  | { readonly later: true }
  /** All else holds, but for this regular expression, which only the data plane understands (PCRE). */
  | { readonly undecided: string }
);

export interface Judgement {
  readonly taken?: Candidate;
  /** Names of rules before the one taken that take the request instead if an undecided term holds. */
  readonly perhaps: readonly string[];
  /** Those that failed latest first; at most {@link MAX_NEAR_MISSES}. */
  readonly nearMisses: readonly NearMiss[];
}

const MAX_NEAR_MISSES = 10;

/** @param candidates in matching order */
export function judge(candidates: readonly Candidate[], request: RequestView): Judgement {
  let taken: Candidate | undefined;
  const perhaps: string[] = [];
  const misses: { readonly held: number; readonly miss: NearMiss }[] = [];
  for (const candidate of candidates) {
    const { route, record, compiled } = candidate;
    const who = { rule: route.name, source: sourceText(route) };
    const failed = compiled.terms.findIndex((term) => !termHolds(term, request) && !isUndecided(term));
    const undecided = compiled.terms.findIndex((term) => !termHolds(term, request) && isUndecided(term));
    if (failed >= 0) {
      const term = termAt(record, failed);
      const miss = { ...who, failedTerm: describeTerm(term), requestHas: requestHas(term, request) };
      misses.push({ held: failed / compiled.terms.length, miss });
    } else if (undecided >= 0) {
      if (taken === undefined) perhaps.push(route.name);
      misses.push({ held: 1, miss: { ...who, undecided: describeTerm(termAt(record, undecided)) } });
    } else if (taken === undefined) {
      taken = candidate;
    } else {
      misses.push({ held: 1, miss: { ...who, later: true } });
    }
  }
  const nearest = misses.sort((a, b) => b.held - a.held).slice(0, MAX_NEAR_MISSES);
  return { ...(taken === undefined ? {} : { taken }), perhaps, nearMisses: nearest.map(({ miss }) => miss) };
}

/** Has a pattern that the engine outside of nginx does not know. */
function isUndecided({ tests }: CompiledTerm): boolean {
  return tests.some((test) => test.op === 'regex' && test.regex === undefined);
}

function termAt(record: RouteRecord, index: number): Term {
  const term = record.match[index];
  if (term === undefined) throw new RangeError(`route ${record.id} has no term ${index}`);
  return term;
}
