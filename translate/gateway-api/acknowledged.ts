import { createHash } from 'node:crypto';
import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { Gateway, Instance, ListenerSet } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { gatewayPlaneOf } from './data-plane.ts';

/** The data planes of a Gateway: every worker that takes connections has what the Gateway asks for in its current form. */
export function currentInstances(view: View, gateway: Gateway): readonly Instance[] {
  const { generation = 0 } = gateway.metadata;
  const instances = view.by('Instance', 'alb', objectKeyText(gatewayPlaneOf(keyOf(gateway))));
  return instances.filter(({ status }) => status?.ready === true && (status.observedGeneration ?? 0) >= generation);
}

/** Of those data planes the ones that have what the ListenerSets of the Gateway ask for, too. */
export function currentWithSets(current: readonly Instance[], sets: readonly ListenerSet[]): readonly Instance[] {
  const parts = partsOf(sets);
  return current.filter(({ status }) => status?.observedParts === parts);
}

/** Tells the present forms of the ListenerSets of a Gateway from others; undefined: there are none. */
export function partsOf(sets: readonly ListenerSet[]): string | undefined {
  if (sets.length === 0) return undefined;
  const hash = createHash('sha256');
  for (const set of sets) hash.update(`${objectKeyText(keyOf(set))} ${set.metadata.generation ?? 0}\n`);
  return hash.digest('hex').slice(0, 16);
}
