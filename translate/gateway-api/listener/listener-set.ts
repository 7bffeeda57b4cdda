import { GATEWAY_GROUP } from '@causeway/apis/gateway-api/bundle';
import { type KubernetesObject, keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { Gateway, GatewayClass, ListenerSet } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { gatewaysOfMergedClass, mergedClassOf } from '../class/merged-class.ts';
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
 * All listeners of a Gateway: its own, and after them those of its ListenerSets, in their order. What one has, no later one gets; where
 * Gateways share a data plane, no later Gateway either.
 *
 * Source: Gateway API v1, ListenerSetSpec.listeners.
 */
export function mergedListeners(view: View, gateway: Gateway): readonly GatewayListener[] {
  const merged = mergedClassOf(view, gateway);
  const shared = merged && listenersOfClass(view, merged).get(objectKeyText(keyOf(gateway)));
  return shared ?? listenersAlone(view, gateway);
}

/** Those of them that the Gateway has itself. */
export function ownListeners(view: View, gateway: Gateway): readonly GatewayListener[] {
  return mergedListeners(view, gateway).filter(({ owner }) => owner.kind === 'Gateway');
}

/** The listeners of all Gateways at the data plane of one, in the order in which they get their ports. */
export function listenersBeside(view: View, gateway: Gateway): readonly GatewayListener[] {
  const merged = mergedClassOf(view, gateway);
  return merged === undefined ? mergedListeners(view, gateway) : [...listenersOfClass(view, merged).values()].flat();
}

interface OfClass {
  readonly from: readonly (Gateway | ListenerSet)[];
  readonly listeners: ReadonlyMap<string, readonly GatewayListener[]>;
}

const ofClasses = new WeakMap<GatewayClass, OfClass>();

/** By Gateway, the oldest first. */
function listenersOfClass(view: View, gatewayClass: GatewayClass): OfClass['listeners'] {
  const gateways = gatewaysOfMergedClass(view, gatewayClass.metadata.name);
  const from = gateways.flatMap((gateway) => [gateway, ...setsOf(view, gateway)]);
  // Every route asks; the answer depends on nothing but these objects.
  const before = ofClasses.get(gatewayClass);
  if (before?.from.length === from.length && from.every((object, index) => object === before.from[index])) {
    return before.listeners;
  }
  const taken: GatewayListener[] = [];
  const listeners = new Map<string, readonly GatewayListener[]>();
  for (const gateway of gateways) {
    const first = taken.length;
    taken.push(...listenersAfter(taken, gateway, gateway));
    for (const set of setsOf(view, gateway)) taken.push(...listenersAfter(taken, set, gateway));
    listeners.set(objectKeyText(keyOf(gateway)), taken.slice(first));
  }
  ofClasses.set(gatewayClass, { from, listeners });
  return listeners;
}

function listenersAlone(view: View, gateway: Gateway): readonly GatewayListener[] {
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
