import type { Frontend } from '@causeway/apis/gateway/frontend';
import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { RouteRecord } from '@causeway/dataplane/policy/record';
import { type CompiledRoute, compileRoute, isBefore } from '@causeway/dataplane/policy/route';
import type { ListenerIR, RouteIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { renderRoute } from '@causeway/targets/nginx/route-records';
import { translateRule } from '@causeway/translate/gateway/rule';

/** A route of a port, as the data plane has it. */
export interface Candidate {
  readonly route: RouteIR;
  readonly record: RouteRecord;
  readonly compiled: CompiledRoute;
  /** What is wrong with its Rule, which is served nevertheless. */
  readonly problems: readonly string[];
}

/** A Rule that is not served. */
export interface UnservedRule {
  readonly rule: string;
  readonly reason: string;
}

/** The routes of a Frontend in the order in which the data plane tries them, and the Rules that give none. */
export function candidatesOf(
  view: View,
  frontend: Frontend,
  listener: ListenerIR,
): { readonly candidates: readonly Candidate[]; readonly unserved: readonly UnservedRule[] } {
  const candidates: Candidate[] = [];
  const unserved: UnservedRule[] = [];
  for (const rule of view.by('Rule', 'frontend', objectKeyText(keyOf(frontend)))) {
    const { route, passthrough, problems: found } = translateRule(view, keyOf(rule));
    if (passthrough !== undefined) continue;
    const problems = found.map(({ message }) => message);
    if (route === undefined) {
      unserved.push(...problems.map((reason) => ({ rule: rule.metadata.name, reason })));
      continue;
    }
    const { record } = renderRoute(route, [listener]);
    if (record !== undefined) candidates.push({ route, record, compiled: compileRoute(record), problems });
  }
  return { candidates: sortedCandidates(candidates), unserved };
}

/** The routes of one port of an IngressNginx, in the order in which they are tried. */
export function candidatesAmong(routes: readonly RouteIR[], listener: ListenerIR): readonly Candidate[] {
  return candidatesAt(routes, [listener]);
}

/** The routes of a port, in the order in which they are tried. @param listeners those of the port */
export function candidatesAt(routes: readonly RouteIR[], listeners: readonly ListenerIR[]): readonly Candidate[] {
  const candidates = routes.flatMap((route): readonly Candidate[] => {
    const { record } = renderRoute(
      route,
      listeners.filter(({ id }) => route.listeners.includes(id)),
    );
    return record === undefined ? [] : [{ route, record, compiled: compileRoute(record), problems: [] }];
  });
  return sortedCandidates(candidates);
}

/** In the order in which the data plane tries them. */
export function sortedCandidates(candidates: readonly Candidate[]): readonly Candidate[] {
  return [...candidates].sort((a, b) => (isBefore(a.compiled, b.compiled) ? -1 : 1));
}

/** `Ingress default/hello`, or `''` for a hand-made Rule. */
export function sourceText({ source }: Pick<RouteIR, 'source'>): string {
  if (source.type === '') return '';
  const kind = source.type === 'ingress' ? 'Ingress' : source.type === 'gateway' ? 'Gateway' : source.type;
  return `${kind} ${source.namespace}/${source.name}`;
}
