import type { PolicyTarget } from '@causeway/apis/gateway-api/object-reference';
import type { FactMap } from '@causeway/resources/kinds';

/** Policies of Envoy Gateway, which change how Gateways and routes are served. */
export const POLICY_KINDS = ['SecurityPolicy', 'BackendTrafficPolicy', 'ClientTrafficPolicy'] as const;
export type PolicyKind = (typeof POLICY_KINDS)[number];
export type Policy<K extends PolicyKind = PolicyKind> = FactMap[K];

/** What a policy names, in one of both ways. */
export function namedTargets({ spec: { targetRef, targetRefs = [] } }: Policy): readonly PolicyTarget[] {
  return targetRef === undefined ? targetRefs : [targetRef, ...targetRefs];
}
