import { GATEWAY_GROUP } from '@causeway/apis/gateway-api/bundle';
import type { PolicyTarget } from '@causeway/apis/gateway-api/object-reference';
import type { ParentReference } from '@causeway/apis/gateway-api/parent-reference';
import { type KubernetesObject, keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { Gateway } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { CONTROLLER_NAME, controllerNameOf, ourClassOf } from '../class/class.ts';
import { type Verdict, verdict } from '../condition.ts';
import { parentsOf } from '../route/attachment.ts';
import { overridingTargets } from './overriding.ts';
import { findingsOf } from './policy-findings.ts';
import type { PolicyKind } from './policy-kind.ts';
import { namedTargets, type Policy } from './policy-kind.ts';
import { isMerging, type PolicySubject, policyOf } from './precedence.ts';
import { chosenObjects, isPolicyRoute, namedObject, ruleNames } from './target-object.ts';

/** What is said of a policy at one of the Gateways that it has an effect on. */
export interface PolicyVerdict {
  readonly ancestor: ParentReference;
  /** Of the class of the Gateway. */
  readonly controllerName: string;
  readonly conditions: readonly Verdict[];
}

/** The API takes no more. */
const MOST_ANCESTORS = 16;

/**
 * What became of a policy. Of an object that is not there nobody knows whose Gateway it would be at: it stands for itself then.
 *
 * Source: GW-33.
 */
export function translatePolicyStatus(view: View, kind: PolicyKind, key: ObjectKey): readonly PolicyVerdict[] {
  const policy = view.get(kind, key);
  if (policy === undefined) return [];
  const found = new Map<string, PolicyVerdict>();
  for (const each of targetsOf(view, policy).flatMap((target) => verdictsAt(view, kind, policy, target))) {
    const id = JSON.stringify(each.ancestor);
    const before = found.get(id);
    // Of several targets below one Gateway the one where something is wrong counts.
    if (before === undefined || isAccepted(before)) found.set(id, each);
  }
  return [...found.values()].slice(0, MOST_ANCESTORS);
}

function isAccepted({ conditions }: PolicyVerdict): boolean {
  return conditions.some(({ type, status }) => type === 'Accepted' && status === 'True');
}

function targetsOf(view: View, policy: Policy): readonly PolicyTarget[] {
  const named = namedTargets(policy);
  const chosen = chosenObjects(view, policy).map(({ kind, metadata: { name } }) => ({
    group: GATEWAY_GROUP,
    kind,
    name,
  }));
  const all = [...named, ...chosen];
  return all.filter((target, index) => all.findIndex((other) => isSame(target, other)) === index);
}

function isSame(a: PolicyTarget, b: PolicyTarget): boolean {
  return a.kind === b.kind && a.name === b.name && a.sectionName === b.sectionName;
}

function verdictsAt(view: View, kind: PolicyKind, policy: Policy, target: PolicyTarget): readonly PolicyVerdict[] {
  const { namespace } = keyOf(policy);
  const object = namedObject(view, target.kind, { namespace, name: target.name });
  if (object === undefined) {
    const message = `${target.kind} ${namespace}/${target.name} not found`;
    return [
      {
        ancestor: ancestorOf(target, namespace),
        controllerName: CONTROLLER_NAME,
        conditions: [verdict('Accepted', false, 'TargetNotFound', message)],
      },
    ];
  }
  const ancestors = ancestorsOf(view, object, target);
  if (ancestors.length === 0) return [];
  return ancestors.map(({ ref, gateway }) => ({
    ancestor: ref,
    controllerName: controllerNameOf(view, gateway),
    conditions: conditionsAt(view, kind, policy, { object, section: target.sectionName, ref, gateway }),
  }));
}

/** A Gateway of ours that a policy has an effect on, as its status names it. */
interface Ancestor {
  readonly ref: ParentReference;
  readonly gateway: Gateway;
}

function conditionsAt(
  view: View,
  kind: PolicyKind,
  policy: Policy,
  { object, section, ref, gateway }: PolicySubject & Ancestor,
): readonly Verdict[] {
  if (section !== undefined && !sectionsOf(object).includes(section)) {
    const what = object.kind === 'Gateway' ? 'listener' : 'rule';
    const message = `${object.kind} ${objectKeyText(keyOf(object))} has no ${what} ${section}`;
    return [verdict('Accepted', false, 'TargetNotFound', message)];
  }
  const winner = policyOf(view, kind, [{ object, section }]);
  if (winner !== undefined && keyOf(winner).name !== keyOf(policy).name) {
    const message = `${kind} ${objectKeyText(keyOf(winner))} is for the same, and older`;
    return [verdict('Accepted', false, 'Conflicted', message)];
  }
  const { problems, deprecated } = findingsOf(view, kind, policy, {
    ...{ targetKind: object.kind, section, gateway },
    listener: ref.sectionName,
  });
  const overriding = overridingTargets(view, kind, object, section);
  const adding = object.kind === 'Gateway' ? overridingTargets(view, kind, object, section, 'merging') : [];
  const above =
    object.kind !== 'Gateway' && isMerging(policy)
      ? policyOf(view, kind, [{ object: gateway, section: ref.sectionName }, { object: gateway }])
      : undefined;
  return [
    problems.length === 0
      ? verdict('Accepted', true, 'Accepted', 'the policy is in force')
      : verdict('Accepted', false, 'Invalid', problems.join('; ')),
    ...(above === undefined
      ? []
      : [verdict('Merged', true, 'Merged', `what it does not say, ${kind} ${objectKeyText(keyOf(above))} says`)]),
    ...(adding.length === 0
      ? []
      : [verdict('Merged', true, 'Merged', `in force together with those of ${adding.join(', ')}`)]),
    ...(overriding.length === 0
      ? []
      : [
          verdict(
            'Overridden',
            true,
            'Overridden',
            `not in force for ${overriding.join(', ')}, which have one of their own`,
          ),
        ]),
    ...(deprecated.length === 0 ? [] : [verdict('Warning', true, 'DeprecatedField', deprecated.join('; '))]),
  ];
}

function sectionsOf(object: KubernetesObject): readonly string[] {
  if (object.kind === 'Gateway') return (object as Gateway).spec.listeners.map(({ name }) => name);
  return ruleNames(object);
}

/** Gateways of ours that the target is, or is attached to. */
function ancestorsOf(view: View, object: KubernetesObject, target: PolicyTarget): readonly Ancestor[] {
  const { namespace } = keyOf(object);
  if (object.kind === 'Gateway') {
    const gateway = view.get('Gateway', keyOf(object));
    const isOurs = gateway !== undefined && ourClassOf(view, gateway) !== undefined;
    return isOurs ? [{ ref: ancestorOf(target, namespace), gateway }] : [];
  }
  if (!isPolicyRoute(object)) return [];
  return parentsOf(view, object).map(({ ref, gateway, listenerSet }) => {
    const sectionName = listenerSet === undefined ? ref.sectionName : undefined;
    const { name } = gateway.metadata;
    return { ref: ancestorOf({ kind: 'Gateway', name, sectionName }, keyOf(gateway).namespace), gateway };
  });
}

function ancestorOf(
  {
    kind,
    name,
    sectionName,
  }: { readonly kind: string; readonly name: string; readonly sectionName?: string | undefined },
  namespace: string,
): ParentReference {
  return { group: GATEWAY_GROUP, kind, namespace, name, ...(sectionName === undefined ? {} : { sectionName }) };
}
