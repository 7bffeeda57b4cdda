import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { Gateway, ListenerSet } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { ourClassOf } from '../class/class.ts';
import { holds, type Verdict, verdict } from '../condition.ts';
import { parameterMistake } from '../gateway/gateway-acceptance.ts';
import { currentInstances, currentWithSets } from '../plane/acknowledged.ts';
import { allowsSet, gatewayKeyOfSet, listenersOfSet, mergedListeners, setsOf } from './listener-set.ts';
import { type ListenerStatus, listenerStatus, mistakeOf } from './listener-status.ts';

/** What is said of a ListenerSet, but for the number of its routes. */
export interface ListenerSetStatus {
  readonly conditions: readonly Verdict[];
  readonly listeners: readonly ListenerStatus[];
}

/**
 * The state of a ListenerSet: whether its Gateway takes it, what is wrong with its listeners, and whether data planes have them.
 *
 * Source: Gateway API v1, ListenerSetStatus.
 *
 * @returns undefined when there is no such object, or the Gateway is not ours; for a Gateway that nobody has the set is told so
 */
export function translateListenerSetStatus(view: View, key: ObjectKey): ListenerSetStatus | undefined {
  const set = view.get('ListenerSet', key);
  const gatewayKey = set && gatewayKeyOfSet(set);
  if (set === undefined || gatewayKey === undefined) return undefined;
  const gateway = view.get('Gateway', gatewayKey);
  if (gateway === undefined) return refused('ParentNotAccepted', `Gateway ${objectKeyText(gatewayKey)} not found`);
  if (ourClassOf(view, gateway) === undefined) return undefined;
  if (!allowsSet(view, gateway, set)) {
    return refused('NotAllowed', 'spec.allowedListeners of the Gateway does not take ListenerSets of this namespace');
  }
  const sets = setsOf(view, gateway);
  const current = currentWithSets(currentInstances(view, gateway), sets);
  const around = { all: mergedListeners(view, gateway), gateway, current };
  const listeners = listenersOfSet(view, gateway, set).map((listener) => listenerStatus(view, listener, around));
  const accepted = acceptance(view, gateway, set);
  return { conditions: [accepted, programmed(accepted, listeners)], listeners };
}

function refused(reason: string, message: string): ListenerSetStatus {
  return {
    conditions: [verdict('Accepted', false, reason, message), verdict('Programmed', false, reason, message)],
    listeners: [],
  };
}

/** Whether a ListenerSet that its Gateway allows is served: one good listener is enough. */
export function isServed(view: View, gateway: Gateway, set: ListenerSet): boolean {
  return holds([acceptance(view, gateway, set)], 'Accepted');
}

function acceptance(view: View, gateway: Gateway, set: ListenerSet): Verdict {
  const ofGateway = parameterMistake(view, gateway);
  if (ofGateway !== undefined) return verdict('Accepted', false, 'ParentNotAccepted', ofGateway.message);
  const listeners = listenersOfSet(view, gateway, set);
  const mistakes = listeners.flatMap((listener) => {
    const mistake = mistakeOf(view, listener);
    return mistake === undefined ? [] : [`listener ${listener.spec.name}: ${mistake}`];
  });
  if (mistakes.length === 0) return verdict('Accepted', true, 'Accepted', 'the Gateway serves its listeners');
  return verdict('Accepted', mistakes.length < listeners.length, 'ListenersNotValid', mistakes.join('; '));
}

function programmed(accepted: Verdict, listeners: readonly ListenerStatus[]): Verdict {
  if (accepted.status !== 'True') return { ...accepted, type: 'Programmed' };
  return listeners.some(({ conditions }) => holds(conditions, 'Programmed'))
    ? verdict('Programmed', true, 'Programmed', 'every worker has it')
    : verdict('Programmed', false, 'Pending', 'the data plane is being set up');
}
