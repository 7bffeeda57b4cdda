import type { ParentReference } from '@causeway/apis/gateway-api/parent-reference';
import { type KubernetesObject, keyOf, type ObjectKey } from '@causeway/apis/meta/object';
import type { View } from '@causeway/resources/view';
import type { Policy } from './policy-kind.ts';
import { isChosen } from './precedence.ts';

/** Kinds of routes that policies may be for. */
export const ROUTES_OF_POLICIES = ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'] as const;
type RouteKind = (typeof ROUTES_OF_POLICIES)[number];

/** A route, as far as policies read it. */
export interface PolicyRoute extends KubernetesObject {
  readonly spec: {
    readonly parentRefs?: readonly ParentReference[];
    readonly rules?: readonly { readonly name?: string }[];
  };
}

export function isPolicyRoute(object: KubernetesObject): object is PolicyRoute {
  return isRouteKind(object.kind);
}

function isRouteKind(kind: string): kind is RouteKind {
  return ROUTES_OF_POLICIES.some((each) => each === kind);
}

/** Names of the rules of a route that have one. */
export function ruleNames(object: KubernetesObject): readonly string[] {
  return isPolicyRoute(object) ? (object.spec.rules ?? []).flatMap(({ name }) => name ?? []) : [];
}

export function namedObject(view: View, kind: string, key: ObjectKey): KubernetesObject | undefined {
  if (kind === 'Gateway') return view.get('Gateway', key);
  return isRouteKind(kind) ? view.get(kind, key) : undefined;
}

/** Objects that a policy chooses by their labels. */
export function chosenObjects(view: View, policy: Policy): readonly KubernetesObject[] {
  const { namespace } = keyOf(policy);
  const kinds = new Set((policy.spec.targetSelectors ?? []).map(({ kind }) => kind));
  return (['Gateway', ...ROUTES_OF_POLICIES] as const)
    .filter((kind) => kinds.has(kind))
    .flatMap((kind): readonly KubernetesObject[] => view.all(kind))
    .filter((object) => keyOf(object).namespace === namespace && isChosen(policy, object));
}
