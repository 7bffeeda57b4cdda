import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import { type Gateway, type GatewayClass, KIND_REFS, type ListenerSet } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { StatusWriter } from '@causeway/targets/status/status-writer';
import { isAddress } from '@causeway/translate/gateway/alb-address';
import { INVALID_CONTROLLER, translateClassStatus } from '@causeway/translate/gateway-api/class/class-status';
import { mergedClassOf } from '@causeway/translate/gateway-api/class/merged-class';
import { asConditions } from '@causeway/translate/gateway-api/condition';
import {
  POSSIBLE_GATEWAY_CONDITIONS,
  translateGatewayStatus,
} from '@causeway/translate/gateway-api/gateway/gateway-status';
import type { ListenerOwner } from '@causeway/translate/gateway-api/listener/listener';
import { translateListenerSetStatus } from '@causeway/translate/gateway-api/listener/listener-set-status';
import { type ListenerStatus, POSSIBLE_CONDITIONS } from '@causeway/translate/gateway-api/listener/listener-status';
import type { AttachedRoutes } from './gateway-attached.ts';
import type { WorkloadRefusals } from './workload-refusals.ts';

/** GatewayClass -> whether its Gateways are served, and what they can do (GW-03). Classes of others are not touched. */
export function gatewayClassStatusController(
  snapshot: Snapshot,
  status: StatusWriter,
  now: () => Date,
): Reconcile<ObjectKey> {
  return async (key) => {
    const owner = `gatewayClassStatus/${objectKeyText(key)}`;
    const view = snapshot.view(owner);
    const found = view.get('GatewayClass', key);
    if (found === undefined) {
      snapshot.forget(owner);
      return done;
    }
    const want = translateClassStatus(view, key);
    if (want === undefined) return done;
    const { generation = 0 } = found.metadata;
    const { conditions, supportedFeatures } = want;
    await status.put(KIND_REFS.GatewayClass, found, (stored: NonNullable<GatewayClass['status']>) => {
      if (supportedFeatures === undefined && isJudged(stored)) return stored;
      return {
        ...stored,
        conditions: asConditions(conditions, stored.conditions ?? [], { generation, now: now() }),
        ...(supportedFeatures && { supportedFeatures: supportedFeatures.map((name) => ({ name })) }),
      };
    });
    return done;
  };
}

/** Its own controller has said something of it. */
function isJudged({ conditions = [] }: NonNullable<GatewayClass['status']>): boolean {
  const accepted = conditions.find(({ type }) => type === 'Accepted');
  return accepted !== undefined && accepted.status !== 'Unknown' && accepted.reason !== INVALID_CONTROLLER;
}

/** What a Gateway asks for and its data planes report -> its status (GW-14). Gateways of others are not touched. */
export function gatewayStatusController(
  snapshot: Snapshot,
  status: StatusWriter,
  { attached, refused }: { readonly attached: AttachedRoutes; readonly refused: WorkloadRefusals },
  now: () => Date,
): Reconcile<ObjectKey> {
  return async (key) => {
    const owner = `gatewayStatus/${objectKeyText(key)}`;
    const view = snapshot.view(owner);
    const gateway = view.get('Gateway', key);
    if (gateway === undefined) {
      snapshot.forget(owner);
      return done;
    }
    const shared = mergedClassOf(view, gateway);
    const want = translateGatewayStatus(view, key, refused.of(shared === undefined ? key : keyOf(shared)));
    if (want === undefined) return done;
    const { generation = 0 } = gateway.metadata;
    const time = { generation, now: now() };
    await status.put(KIND_REFS.Gateway, gateway, (stored: NonNullable<Gateway['status']>) => {
      const { addresses: _, ...others } = stored;
      return {
        ...others,
        ...(want.addresses.length === 0
          ? {}
          : {
              addresses: want.addresses.map((value) => ({ type: isAddress(value) ? 'IPAddress' : 'Hostname', value })),
            }),
        conditions: asConditions(want.conditions, stored.conditions ?? [], {
          ...time,
          own: POSSIBLE_GATEWAY_CONDITIONS,
        }),
        listeners: listenerStatuses({ kind: 'Gateway', ...key }, want.listeners, stored.listeners, { attached, time }),
        attachedListenerSets: want.attachedListenerSets,
      };
    });
    return done;
  };
}

/** What a ListenerSet asks for and the data planes of its Gateway report -> its status. Those for Gateways of others are not touched. */
export function listenerSetStatusController(
  snapshot: Snapshot,
  status: StatusWriter,
  attached: AttachedRoutes,
  now: () => Date,
): Reconcile<ObjectKey> {
  return async (key) => {
    const owner = `listenerSetStatus/${objectKeyText(key)}`;
    const view = snapshot.view(owner);
    const set = view.get('ListenerSet', key);
    if (set === undefined) {
      snapshot.forget(owner);
      return done;
    }
    const want = translateListenerSetStatus(view, key);
    if (want === undefined) return done;
    const time = { generation: set.metadata.generation ?? 0, now: now() };
    await status.put(KIND_REFS.ListenerSet, set, (stored: NonNullable<ListenerSet['status']>) => ({
      ...stored,
      conditions: asConditions(want.conditions, stored.conditions ?? [], time),
      listeners: listenerStatuses({ kind: 'ListenerSet', ...key }, want.listeners, stored.listeners, {
        attached,
        time,
      }),
    }));
    return done;
  };
}

type StoredListeners = NonNullable<NonNullable<Gateway['status']>['listeners']>;

function listenerStatuses(
  owner: ListenerOwner,
  want: readonly ListenerStatus[],
  stored: StoredListeners | undefined,
  { attached, time }: { readonly attached: AttachedRoutes; readonly time: Parameters<typeof asConditions>[2] },
): StoredListeners {
  return want.map(({ name, supportedKinds, conditions }) => ({
    name,
    supportedKinds,
    attachedRoutes: attached.count(owner, name),
    conditions: asConditions(conditions, stored?.find((listener) => listener.name === name)?.conditions ?? [], {
      ...time,
      own: POSSIBLE_CONDITIONS,
    }),
  }));
}
