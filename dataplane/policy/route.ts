/** A route ready to be matched, and the order among routes. */
import { bytes } from '#platform';
import type { RouteAction, RouteRecord } from './record.ts';
import { type CompiledTerm, compileTerm } from './term.ts';

export interface CompiledRoute {
  readonly id: string;
  readonly name: string;
  readonly ports: readonly string[];
  /** All must hold; in the order of the record. */
  readonly terms: readonly CompiledTerm[];
  readonly priority: number;
  readonly specificity: readonly number[];
  readonly tie: string;
  readonly action: RouteAction;
}

export function compileRoute(record: RouteRecord): CompiledRoute {
  const terms: CompiledTerm[] = [];
  for (const term of record.match) terms.push(compileTerm(term));
  return {
    id: record.id,
    name: record.name,
    ports: record.ports,
    terms,
    priority: record.priority,
    specificity: record.specificity,
    tie: bytes(record.tie),
    action: record.action,
  };
}

/**
 * Reports whether `a` is tried before `b`: by priority (smaller first), then
 * specificity element by element (greater first, a missing element counts as 0),
 * then tie and id (bytewise, smaller first). A total order of different ids.
 */
export function isBefore(a: CompiledRoute, b: CompiledRoute): boolean {
  if (a.priority !== b.priority) return a.priority < b.priority;
  const difference = specificityDifference(a.specificity, b.specificity, 0);
  if (difference !== 0) return difference > 0;
  if (a.tie !== b.tie) return a.tie < b.tie;
  return a.id < b.id;
}

/** First difference of the elements from `position` on, 0 when there is none. A tail call, see rule-index.ts. */
function specificityDifference(a: readonly number[], b: readonly number[], position: number): number {
  if (position >= a.length && position >= b.length) return 0;
  const difference = (a[position] ?? 0) - (b[position] ?? 0);
  return difference === 0 ? specificityDifference(a, b, position + 1) : difference;
}
