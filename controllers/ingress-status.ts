import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import { type Ingress, KIND_REFS } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import { mergeAddresses } from '@causeway/targets/status/load-balancer-addresses';
import type { Status, StatusWriter } from '@causeway/targets/status/status-writer';
import { type IngressStatusFragment, translateIngressStatus } from '@causeway/translate/gateway/ingress-status';

type IngressStatus = NonNullable<Ingress['status']>;

/** Ingress -> the addresses by which it is reached, in its status; entries of others stay (ALB-25). */
export function ingressStatusController(snapshot: Snapshot, status: StatusWriter): Reconcile<ObjectKey> {
  return async (key) => {
    const owner = `ingressStatus/${objectKeyText(key)}`;
    const view = snapshot.view(owner);
    const ingress = view.get('Ingress', key);
    if (ingress === undefined) {
      snapshot.forget(owner);
      return done;
    }
    const fragment = translateIngressStatus(view, key);
    await status.put(KIND_REFS.Ingress, ingress, (stored) => withAddresses(stored, fragment));
    return done;
  };
}

function withAddresses(status: IngressStatus, fragment: IngressStatusFragment): IngressStatus & Status {
  const before = status.loadBalancer?.ingress ?? [];
  const after = mergeAddresses(before, fragment);
  if (before.length === 0 && after.length === 0) return status;
  return { ...status, loadBalancer: { ...status.loadBalancer, ingress: after } };
}
