import { createHash } from 'node:crypto';
import { type KubernetesObject, keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { Gateway, Instance, ListenerSet } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { setsOf } from '../listener/listener-set.ts';
import { hasOwnPlane, planeOf } from './data-plane.ts';

/** The data planes of a Gateway: every worker that takes connections has what the Gateway asks for in its current form. */
export function currentInstances(view: View, gateway: Gateway): readonly Instance[] {
  const { generation = 0 } = gateway.metadata;
  const instances = view.by('Instance', 'alb', objectKeyText(planeOf(view, gateway)));
  const isOwn = hasOwnPlane(view, gateway);
  return instances.filter(
    ({ status }) =>
      status?.ready === true &&
      (isOwn
        ? (status.observedGeneration ?? 0) >= generation
        : partsIn(status.observedParts).includes(digest([gateway]))),
  );
}

/** Of those data planes the ones that have what the ListenerSets of the Gateway ask for, too. */
export function currentWithSets(current: readonly Instance[], sets: readonly ListenerSet[]): readonly Instance[] {
  const parts = partsOf(sets);
  return parts === undefined ? current : current.filter(({ status }) => partsIn(status?.observedParts).includes(parts));
}

/** Tells the present forms of the ListenerSets of a Gateway from others; undefined: there are none. */
export function partsOf(sets: readonly ListenerSet[]): string | undefined {
  return sets.length === 0 ? undefined : digest(sets);
}

/** The same of a Gateway that does not have its data plane for itself, apart from that of its ListenerSets. */
export function gatewayParts(view: View, gateway: Gateway): readonly string[] {
  return [digest([gateway]), partsOf(setsOf(view, gateway)) ?? []].flat();
}

function partsIn(observed = ''): readonly string[] {
  return observed.split(',');
}

function digest(objects: readonly KubernetesObject[]): string {
  const hash = createHash('sha256');
  for (const object of objects) {
    const { uid, generation = 0 } = object.metadata;
    hash.update(`${[objectKeyText(keyOf(object)), generation, uid ?? []].flat().join(' ')}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}
