import { type KubernetesObject, keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { View } from '@causeway/resources/view';
import { parentsOf } from '../route/attachment.ts';
import { namedTargets, type PolicyKind } from './policy-kind.ts';
import { isMerging, policySection } from './precedence.ts';
import { chosenObjects, isPolicyRoute, namedObject } from './target-object.ts';

/**
 * What has a more specific policy of a kind than one for `object`, or for a section of it: listeners, routes and rules below it, as
 * `HTTPRoute default/web`.
 *
 * @param how as of policies in its place, or of those that add to it (`mergeType`), which only those of Gateways know
 */
export function overridingTargets(
  view: View,
  kind: PolicyKind,
  object: KubernetesObject,
  section: string | undefined,
  how: 'instead' | 'merging' = 'instead',
): readonly string[] {
  const found = new Set<string>();
  for (const policy of view.all(kind)) {
    const { namespace } = keyOf(policy);
    const way = isMerging(policy) ? 'merging' : 'instead';
    for (const { kind: target, name, sectionName } of namedTargets(policy)) {
      const isPart = section === undefined && sectionName !== undefined && target === object.kind;
      const other = { namespace, name };
      if (isPart && objectKeyText(other) === objectKeyText(keyOf(object))) {
        // A rule's adds to the policy of the Gateway, in the place of that of its route.
        if (how === 'instead') found.add(`${object.kind === 'Gateway' ? 'listener' : 'rule'} ${sectionName}`);
      } else if (target !== 'Gateway' && way === how) {
        const route = namedObject(view, target, other);
        if (route !== undefined && isBelow(view, route, object, section))
          found.add(`${target} ${objectKeyText(other)}`);
      }
    }
    for (const route of way === how ? chosenObjects(view, policy) : []) {
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
