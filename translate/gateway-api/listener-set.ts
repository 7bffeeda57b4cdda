import { GATEWAY_GROUP } from '@causeway/apis/gateway-api/bundle';
import { type KubernetesObject, keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { Gateway, ListenerSet } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { selectsNamespace } from './allowed-namespace.ts';
import { type GatewayListener, listenersAfter, listenersOf } from './listener.ts';

/** @returns undefined when the parent is no Gateway */
export function gatewayKeyOfSet({ metadata, spec: { parentRef } }: ListenerSet): ObjectKey | undefined {
  const { group = GATEWAY_GROUP, kind = 'Gateway', namespace = metadata.namespace ?? '', name } = parentRef;
  return group === GATEWAY_GROUP && kind === 'Gateway' ? { namespace, name } : undefined;
}

/** Whether the owner of a Gateway wants the listeners of a set: unless it says so, of none. */
export function allowsSet(view: View, { metadata, spec }: Gateway, set: ListenerSet): boolean {
  const { from = 'None', selector } = spec.allowedListeners?.namespaces ?? {};
  const own = metadata.namespace ?? '';
  return from !== 'None' && selectsNamespace(view, { from, selector, own }, keyOf(set).namespace);
}

/** The ListenerSets of a Gateway that it allows: the oldest first, then by namespace and name. */
export function setsOf(view: View, gateway: Gateway): readonly ListenerSet[] {
  if ((gateway.spec.allowedListeners?.namespaces?.from ?? 'None') === 'None') return [];
  return view
    .by('ListenerSet', 'gateway', objectKeyText(keyOf(gateway)))
    .filter((set) => set.metadata.deletionTimestamp === undefined && allowsSet(view, gateway, set))
    .sort((a, b) => (precedence(a) < precedence(b) ? -1 : 1));
}

function precedence(set: KubernetesObject): string {
  return `${set.metadata.creationTimestamp ?? '9'} ${objectKeyText(keyOf(set))}`;
}

interface Merged {
  readonly sets: readonly ListenerSet[];
  readonly listeners: readonly GatewayListener[];
}

const cache = new WeakMap<Gateway, Merged>();

/**
 * All listeners of a Gateway: its own, and after them those of its ListenerSets, in their order. What one has, no later one gets.
 *
 * Source: Gateway API v1, ListenerSetSpec.listeners.
 */
export function mergedListeners(view: View, gateway: Gateway): readonly GatewayListener[] {
  const sets = setsOf(view, gateway);
  if (sets.length === 0) return listenersOf(gateway);
  // Every route of a set asks; the answer depends on nothing but these objects.
  const before = cache.get(gateway);
  if (before?.sets.length === sets.length && sets.every((set, index) => set === before.sets[index])) {
    return before.listeners;
  }
  const listeners = [...listenersOf(gateway)];
  for (const set of sets) listeners.push(...listenersAfter(listeners, set, gateway));
  cache.set(gateway, { sets, listeners });
  return listeners;
}

/** Of all listeners of a Gateway those of one set. */
export function listenersOfSet(view: View, gateway: Gateway, set: ListenerSet): readonly GatewayListener[] {
  const text = objectKeyText(keyOf(set));
  return mergedListeners(view, gateway).filter(
    ({ owner }) => owner.kind === 'ListenerSet' && objectKeyText(owner) === text,
  );
}
