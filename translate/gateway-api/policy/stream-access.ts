import type { StreamAccessIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import type { Policy } from './policy-kind.ts';
import { policyOf } from './precedence.ts';
import { translateSecurityPolicy } from './security-policy.ts';
import type { StreamPlace } from './stream-effect.ts';

/** Settings that say nothing about connections without HTTP. */
const ABOUT_TARGETS: ReadonlySet<string> = new Set(['targetRef', 'targetRefs', 'targetSelectors', 'authorization']);

/**
 * Who may connect to a TCPRoute at a listener: what its SecurityPolicy says, else that of the listener or the Gateway. Of these the
 * authorization counts; what is about HTTP has no effect on streams.
 *
 * Source: GW-33, GW-39.
 *
 * @returns `closed`: nobody, since the policy asks what no connection can say; undefined: everybody
 */
export function streamAccess(
  view: View,
  { route, gateway, listener }: StreamPlace,
): StreamAccessIR | 'closed' | undefined {
  const own = policyOf(view, 'SecurityPolicy', [{ object: route }]);
  if (own !== undefined) {
    return streamProblems(own).length > 0 ? 'closed' : accessOf(view, own);
  }
  const above = policyOf(view, 'SecurityPolicy', [{ object: gateway, section: listener }, { object: gateway }]);
  return above === undefined ? undefined : accessOf(view, above);
}

/** What of a policy for a TCPRoute is about HTTP. */
export function streamProblems({ spec }: Policy<'SecurityPolicy'>): readonly string[] {
  return [
    ...Object.keys(spec)
      .filter((field) => !ABOUT_TARGETS.has(field))
      .map((field) => `spec.${field}: not served for a TCPRoute, which knows addresses only`),
    ...(spec.authorization?.rules ?? []).flatMap(({ principal, operation }, index) => [
      ...(['headers', 'jwt'] as const)
        .filter((field) => principal[field] !== undefined)
        .map((field) => `spec.authorization.rules[${index}].principal.${field}: not served for a TCPRoute`),
      ...(operation === undefined ? [] : [`spec.authorization.rules[${index}].operation: not served for a TCPRoute`]),
    ]),
  ];
}

function accessOf(view: View, policy: Policy<'SecurityPolicy'>): StreamAccessIR | 'closed' | undefined {
  const { authorization } = policy.spec;
  const { filters, problems } = translateSecurityPolicy(view, policy);
  if (problems.length > 0) return 'closed';
  if (authorization === undefined) return undefined;
  const rules = filters.flatMap((filter) => {
    if (filter.type === 'authorization') return [filter];
    return filter.type === 'jwt' && filter.authorization !== undefined ? [filter.authorization] : [];
  });
  const [found] = rules;
  if (found === undefined) return 'closed';
  const asksMore = found.rules.some(({ headers, methods, token }) => (headers ?? methods ?? token) !== undefined);
  if (asksMore) return 'closed';
  return {
    rules: found.rules.map(({ allows, clients, peers }) => ({
      allows,
      ...(clients === undefined ? {} : { clients }),
      ...(peers === undefined ? {} : { peers }),
    })),
    allowsOthers: found.allowsOthers,
  };
}
