/**
 * Which policy counts where: of those for a rule, its route, the listener and the Gateway the first that there is, as a whole. Of
 * several for the same the oldest wins, then the first by name. One for a route may also be merged with that of its Gateway (merged.ts).
 *
 * Source: GW-33; Gateway API, GEP-713, "Conflict resolution".
 */
import { type KubernetesObject, keyOf, objectKeyText } from '@causeway/apis/meta/object';
import { policyTarget } from '@causeway/resources/indexes';
import type { Gateway } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { selects } from '../listener/allowed-namespace.ts';
import type { ClientValidation } from '../listener/client-validation.ts';
import type { GatewayListener } from '../listener/listener.ts';
import { mergedPolicy } from './merged.ts';
import { namedTargets, type Policy, type PolicyKind } from './policy-kind.ts';

/** An object that policies may be for; of a Gateway a listener, of a route a rule. */
export interface PolicySubject {
  readonly object: KubernetesObject;
  /** Absent: all of it. */
  readonly section?: string | undefined;
}

/** A rule of a route at a listener. */
export interface RulePlace {
  readonly route: KubernetesObject;
  /** Name of the rule. */
  readonly rule?: string | undefined;
  readonly gateway: Gateway;
  /** See {@link policySection}. */
  readonly listener?: string | undefined;
}

/** The same, with what policies do there depends on. */
export interface PolicyPlace extends RulePlace {
  /** The listener ends TLS. */
  readonly tls: boolean;
  readonly port: number;
  /** Ids of the listeners that are the same to the rule. */
  readonly listeners: readonly string[];
  /** For which the rule is there; `''` for all. */
  readonly hosts: readonly string[];
  /** What the Gateway wants of clients there. */
  readonly clients?: ClientValidation | undefined;
}

/** What a policy for a Gateway calls a listener; undefined: it is of a ListenerSet, which no policy can name. */
export function policySection({ owner, spec }: GatewayListener): string | undefined {
  return owner.kind === 'Gateway' ? spec.name : undefined;
}

/** The policy in force at a place; undefined: none. */
export function policyAt<K extends PolicyKind>(view: View, kind: K, place: RulePlace): Policy<K> | undefined {
  return inForce(policiesAt(view, kind, place));
}

/** What both say together. */
export function inForce<P extends Policy>({
  own,
  above,
}: {
  readonly own?: P | undefined;
  readonly above?: P | undefined;
}): P | undefined {
  return own === undefined || above === undefined ? (own ?? above) : mergedPolicy(own, above);
}

/** The policy of the route, or of its rule, and that of the Gateway; where only one of them is in force, only that. */
export function policiesAt<K extends PolicyKind>(
  view: View,
  kind: K,
  place: RulePlace,
): { readonly own?: Policy<K> | undefined; readonly above?: Policy<K> | undefined } {
  if (!view.has(kind, 'any', '')) return {};
  const { route, rule, gateway, listener } = place;
  const own = policyOf(view, kind, [
    ...(rule === undefined ? [] : [{ object: route, section: rule }]),
    { object: route },
  ]);
  if (own !== undefined && !isMerging(own)) return { own };
  return { own, above: policyOf(view, kind, [{ object: gateway, section: listener }, { object: gateway }]) };
}

/** Reports whether a policy for a route adds to that of its Gateway, instead of taking its place. */
export function isMerging({ spec }: Policy): boolean {
  return 'mergeType' in spec && spec.mergeType !== undefined;
}

/** The policy for the first of these subjects that has one; all of one object. */
export function policyOf<K extends PolicyKind>(
  view: View,
  kind: K,
  subjects: readonly PolicySubject[],
): Policy<K> | undefined {
  const [first] = subjects;
  if (first === undefined || !view.has(kind, 'any', '')) return undefined;
  const policies = policiesFor(view, kind, first.object);
  for (const { section } of subjects) {
    const found = policies.find((policy) => concerns(policy, first.object, section));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** All that name or choose an object or a part of it, in the order in which they win. */
export function policiesFor<K extends PolicyKind>(view: View, kind: K, object: KubernetesObject): readonly Policy<K>[] {
  const { namespace, name } = keyOf(object);
  const named = view.by(kind, 'target', policyTarget(object.kind, namespace, name));
  const choosing = view.by(kind, 'selecting', namespace);
  return [...new Set([...named, ...choosing])].sort(byAge);
}

function concerns(policy: Policy, object: KubernetesObject, section: string | undefined): boolean {
  const isNamed = namedTargets(policy).some(
    (target) => target.kind === object.kind && target.name === object.metadata.name && target.sectionName === section,
  );
  return isNamed || (section === undefined && isChosen(policy, object));
}

/** By the labels of an object of the same namespace. */
export function isChosen({ spec: { targetSelectors = [] } }: Policy, object: KubernetesObject): boolean {
  return targetSelectors.some(
    (selector) => selector.kind === object.kind && selects(selector, object.metadata.labels ?? {}),
  );
}

/** The oldest first, then the first by name. */
export function byAge(a: KubernetesObject, b: KubernetesObject): number {
  return ageText(a) < ageText(b) ? -1 : 1;
}

function ageText(policy: KubernetesObject): string {
  return `${policy.metadata.creationTimestamp ?? '9'} ${objectKeyText(keyOf(policy))}`;
}
