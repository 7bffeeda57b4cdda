import { FINALIZER_INGRESS_NGINX } from '@causeway/apis/gateway/ingress-nginx';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { View } from '@causeway/resources/view';
import type { Finalizers } from '@causeway/targets/objects/finalizers';
import { ownerOf } from '@causeway/translate/gateway/ingress-nginx/class';
import { isYetWithdrawn, Withdrawals } from './withdrawal.ts';
import { hasWorkload, OF_INGRESS_NGINX } from './workload.ts';

const LOOK_AGAIN_MS = 100;

/**
 * Holds an IngressNginx by our finalizer until nothing that was made for it is left, so that what is deleted while no controllers run is cleaned
 * up by the next ones. Their own controllers take back the addresses in the status of Ingresses, the IngressClass and, on a cluster, the workload.
 */
export function ingressNginxEndController(
  snapshot: Snapshot,
  finalizers: Finalizers,
  now: () => Date,
): Reconcile<ObjectKey> {
  const withdrawals = new Withdrawals();
  return async (key) => {
    const owner = `ingressNginxEnd/${objectKeyText(key)}`;
    const object = snapshot.view(owner).get('IngressNginx', key);
    if (object === undefined) {
      withdrawals.forget(owner);
      snapshot.forget(owner);
      return done;
    }
    const isHeld = object.metadata.finalizers?.includes(FINALIZER_INGRESS_NGINX) === true;
    if (object.metadata.deletionTimestamp === undefined) {
      if (!isHeld) await finalizers.add(object, [FINALIZER_INGRESS_NGINX]);
      return done;
    }
    if (!isHeld) return done;
    const { published, hasMore } = belongings(snapshot.present, key);
    if (withdrawals.isUnderWay(owner, published, now()) || hasMore) return { requeueAfterMs: LOOK_AGAIN_MS };
    await finalizers.remove(object, [FINALIZER_INGRESS_NGINX]);
    return done;
  };
}

/** Looked up without recording: each Ingress would make us look again. */
function belongings(view: View, key: ObjectKey): { readonly published: number; readonly hasMore: boolean } {
  return {
    published: view.all('Ingress').filter(isYetWithdrawn(view)).length,
    hasMore:
      view.by('IngressClass', 'ingressNginx', ownerOf(key)).length > 0 || hasWorkload(view, key, OF_INGRESS_NGINX),
  };
}
