import { isOperatedFor } from '@causeway/apis/gateway/operator-labels';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { DerivedObjects } from '@causeway/targets/objects/derived-objects';
import { diffObjects, type ManagedMetadata } from '@causeway/targets/objects/diff';
import { translateIngressClass } from '@causeway/translate/gateway/ingress-class';
import { albMetadata } from './derived-metadata.ts';

/**
 * ALB2 -> the IngressClass of its name. A class of that name that does not
 * carry our labels for this ALB is somebody else's and is not touched (ALB-128).
 */
export function ingressClassController(snapshot: Snapshot, classes: DerivedObjects): Reconcile<ObjectKey> {
  return async (alb) => {
    const owner = `ingressClass/${objectKeyText(alb)}`;
    const view = snapshot.view(owner);
    const want = translateIngressClass(view, alb);
    const have = view.get('IngressClass', { namespace: '', name: alb.name });
    if (have === undefined || isOperatedFor(have, alb)) {
      const changes = diffObjects(want === undefined ? [] : [want], have === undefined ? [] : [have], classMetadata);
      await classes.put(changes);
      await classes.remove(changes.remove);
    }
    if (want === undefined && have === undefined && view.get('ALB2', alb) === undefined) snapshot.forget(owner);
    return done;
  };
}

const classMetadata: ManagedMetadata = {
  label: albMetadata.label,
  annotation: (key) => albMetadata.annotation(key) || key.startsWith('ingressclass.kubernetes.io/'),
};
