/**
 * Host names of listeners and routes, in lower case: `''` stands for every host, `*.a.com` for all names that end in `.a.com`, with
 * any number of labels before it.
 *
 * Source: Gateway API v1, Hostname; HTTPRouteSpec.hostnames.
 */
import type { TermIR, TestIR } from '@causeway/ir/gateway';

/** Whether every name that `name` stands for is one of `pattern`. */
export function covers(pattern: string, name: string): boolean {
  if (pattern === '' || pattern === name) return true;
  return isWildcard(pattern) && name.replace(/^\*/, '').endsWith(pattern.slice(1));
}

/**
 * The names that a route serves at a listener.
 *
 * @param route as its object has them; empty: every host
 * @returns sorted; empty: nothing in common
 */
export function intersection(listener: string, route: readonly string[]): readonly string[] {
  if (route.length === 0) return [listener];
  const common = new Set<string>();
  for (const written of route) {
    const name = written.toLowerCase();
    if (covers(listener, name)) common.add(name);
    else if (covers(name, listener)) common.add(listener);
  }
  return [...common].sort();
}

/** Greater for names that say more: exact ones, then longer wildcards, then those for every host. */
export function hostRank(name: string): number {
  if (name === '') return 0;
  return isWildcard(name) ? name.length : EXACT_RANK;
}

/** No host name has more characters (RFC 1035). */
const EXACT_RANK = 1000;

/** @returns nothing when one of the names stands for every host */
export function hostTerms(names: readonly string[]): readonly TermIR[] {
  if (names.includes('')) return [];
  const tests = names.map(
    (name): TestIR =>
      isWildcard(name) ? { op: 'hostSuffix', value: name.slice(1), labels: 'many' } : { op: 'equal', value: name },
  );
  return [{ subject: 'host', tests }];
}

export function isWildcard(name: string): boolean {
  return name.startsWith('*.');
}
