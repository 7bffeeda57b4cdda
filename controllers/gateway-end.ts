import { FINALIZER_GATEWAY } from '@causeway/apis/gateway/labels';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { View } from '@causeway/resources/view';
import type { Finalizers } from '@causeway/targets/objects/finalizers';
import { translateClassPlane } from '@causeway/translate/gateway-api/gateway/plane-instance';
import { hasOwnPlane } from '@causeway/translate/gateway-api/plane/data-plane';
import { hasWorkload, OF_GATEWAY_CLASSES, OF_GATEWAYS } from './workload.ts';

const LOOK_AGAIN_MS = 100;

/**
 * On a cluster: holds a Gateway that has a data plane for itself, or a GatewayClass whose Gateways share one, by our finalizer until nothing
 * that was made for it is left, so that what is deleted while no controllers run is cleaned up by the next ones. Others are let go.
 */
export function gatewayEndController(
  kind: 'Gateway' | 'GatewayClass',
  snapshot: Snapshot,
  finalizers: Finalizers,
): Reconcile<ObjectKey> {
  return async (key) => {
    const owner = `${endQueue(kind)}/${objectKeyText(key)}`;
    const view = snapshot.view(owner);
    const object = view.get(kind, key);
    if (object === undefined) {
      snapshot.forget(owner);
      return done;
    }
    const isHeld = object.metadata.finalizers?.includes(FINALIZER_GATEWAY) === true;
    if (object.metadata.deletionTimestamp === undefined && hasPlane(view, kind, key)) {
      if (!isHeld) await finalizers.add(object, [FINALIZER_GATEWAY]);
      return done;
    }
    if (!isHeld) return done;
    const owners = kind === 'Gateway' ? OF_GATEWAYS : OF_GATEWAY_CLASSES;
    if (hasWorkload(snapshot.present, key, owners)) return { requeueAfterMs: LOOK_AGAIN_MS };
    await finalizers.remove(object, [FINALIZER_GATEWAY]);
    return done;
  };
}

export function endQueue(kind: 'Gateway' | 'GatewayClass'): string {
  return kind === 'Gateway' ? 'gatewayEnd' : 'gatewayClassEnd';
}

function hasPlane(view: View, kind: 'Gateway' | 'GatewayClass', key: ObjectKey): boolean {
  if (kind === 'GatewayClass') return translateClassPlane(view, key) !== undefined;
  const gateway = view.get('Gateway', key);
  return gateway !== undefined && hasOwnPlane(view, gateway);
}
