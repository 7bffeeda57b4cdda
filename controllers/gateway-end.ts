import { FINALIZER_GATEWAY } from '@causeway/apis/gateway/labels';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { Finalizers } from '@causeway/targets/objects/finalizers';
import { hasOwnPlane } from '@causeway/translate/gateway-api/class';
import { hasWorkload, OF_GATEWAYS } from './workload.ts';

const LOOK_AGAIN_MS = 100;

/**
 * On a cluster: holds a Gateway of ours by our finalizer until nothing that was made for it is left, so that what is deleted
 * while no controllers run is cleaned up by the next ones. Those of others are let go.
 */
export function gatewayEndController(snapshot: Snapshot, finalizers: Finalizers): Reconcile<ObjectKey> {
  return async (key) => {
    const owner = `gatewayEnd/${objectKeyText(key)}`;
    const view = snapshot.view(owner);
    const gateway = view.get('Gateway', key);
    if (gateway === undefined) {
      snapshot.forget(owner);
      return done;
    }
    const isHeld = gateway.metadata.finalizers?.includes(FINALIZER_GATEWAY) === true;
    if (gateway.metadata.deletionTimestamp === undefined && hasOwnPlane(view, gateway)) {
      if (!isHeld) await finalizers.add(gateway, [FINALIZER_GATEWAY]);
      return done;
    }
    if (!isHeld) return done;
    if (hasWorkload(snapshot.present, key, OF_GATEWAYS)) return { requeueAfterMs: LOOK_AGAIN_MS };
    await finalizers.remove(gateway, [FINALIZER_GATEWAY]);
    return done;
  };
}
