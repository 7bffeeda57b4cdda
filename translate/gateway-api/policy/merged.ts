/**
 * What a policy of a route and that of its Gateway say together, where the one of the route wants that (`mergeType`): objects field by
 * field, of everything else what the route says.
 *
 * Source: GW-33, GW-45; RFC 7396, JSON Merge Patch.
 */
import type { Policy } from './policy-kind.ts';

/** Where it applies stays. */
export function mergedPolicy<P extends Policy>(own: P, above: P): P {
  const { targetRef: _ref, targetRefs: _refs, targetSelectors: _selectors, ...inherited } = above.spec;
  return { ...own, spec: merged(inherited, own.spec) };
}

function merged(base: unknown, patch: unknown): unknown {
  if (!isObject(base) || !isObject(patch)) return patch;
  const names = [...new Set([...Object.keys(base), ...Object.keys(patch)])];
  return Object.fromEntries(names.map((name) => [name, name in patch ? merged(base[name], patch[name]) : base[name]]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
