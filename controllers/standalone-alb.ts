import { LABEL_ALB_REF } from '@causeway/apis/gateway/labels';
import { type KubernetesObject, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { ApiTargets } from '@causeway/targets/objects/api-targets';
import { ownerReferenceTo, translateStandaloneAlb } from '@causeway/translate/gateway-api/gateway/standalone-alb';

/** Gateway of class `exclusive-gateway` -> its ALB2, which goes with it, and the label by which it names that (ALB-111). */
export function standaloneAlbController(
  snapshot: Snapshot,
  { albs, gateways }: Pick<ApiTargets, 'albs' | 'gateways'>,
): Reconcile<ObjectKey> {
  return async (key) => {
    const owner = `standaloneAlb/${objectKeyText(key)}`;
    const view = snapshot.view(owner);
    const gateway = view.get('Gateway', key);
    if (gateway === undefined) {
      snapshot.forget(owner);
      return done;
    }
    const { create, adopt, remove, label } = translateStandaloneAlb(view, key);
    const update =
      adopt === undefined
        ? []
        : [patchOf(adopt, { ownerReferences: [...(adopt.metadata.ownerReferences ?? []), ownerReferenceTo(gateway)] })];
    await albs.put({ create: create === undefined ? [] : [create], update });
    if (label !== undefined) {
      await gateways.put({ create: [], update: [patchOf(gateway, { labels: { [LABEL_ALB_REF]: label } })] });
    }
    if (remove !== undefined) await albs.remove([remove]);
    return done;
  };
}

/** Fails when the object is not as it was seen. */
function patchOf(object: KubernetesObject, change: Partial<KubernetesObject['metadata']>) {
  const { uid, resourceVersion } = object.metadata;
  return { object, patch: { metadata: { ...change, uid, resourceVersion } } };
}
