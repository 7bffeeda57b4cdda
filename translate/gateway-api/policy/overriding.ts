import { type KubernetesObject, keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { View } from '@causeway/resources/view';
import { parentsOf } from '../attachment.ts';
import { namedTargets, type PolicyKind } from './policy-kind.ts';
import { isMerging, policySection } from './precedence.ts';
import { chosenObjects, isPolicyRoute, namedObject } from './target-object.ts';

/**
 * What has a more specific policy of a kind than one for `object`, or for a section of it: listeners, routes and rules below it, as
 * `HTTPRoute default/web`.
 */
export function overridingTargets(
  view: View,
  kind: PolicyKind,
  object: KubernetesObject,
  section: string | undefined,
): readonly string[] {
  const found = new Set<string>();
  for (const policy of view.all(kind)) {
    if (isMerging(policy)) continue;
    const { namespace } = keyOf(policy);
    for (const { kind: target, name, sectionName } of namedTargets(policy)) {
      const isPart = section === undefined && sectionName !== undefined && target === object.kind;
      const other = { namespace, name };
      if (isPart && objectKeyText(other) === objectKeyText(keyOf(object))) {
        found.add(`${object.kind === 'Gateway' ? 'listener' : 'rule'} ${sectionName}`);
      } else if (target !== 'Gateway') {
        const route = namedObject(view, target, other);
        if (route !== undefined && isBelow(view, route, object, section))
          found.add(`${target} ${objectKeyText(other)}`);
      }
    }
    for (const route of chosenObjects(view, policy)) {
      if (isBelow(view, route, object, section)) found.add(`${route.kind} ${objectKeyText(keyOf(route))}`);
    }
  }
  return [...found].sort();
}

/** A route that is attached to a Gateway, or to a listener of it. */
function isBelow(
  view: View,
  route: KubernetesObject,
  gateway: KubernetesObject,
  listener: string | undefined,
): boolean {
  if (gateway.kind !== 'Gateway' || !isPolicyRoute(route)) return false;
  const wanted = objectKeyText(keyOf(gateway));
  return parentsOf(view, route).some(
    (parent) =>
      objectKeyText(keyOf(parent.gateway)) === wanted &&
      (listener === undefined || parent.listeners.some((each) => policySection(each.listener) === listener)),
  );
}
