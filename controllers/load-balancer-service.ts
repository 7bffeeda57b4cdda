import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import { KIND_REFS, type Service } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { DerivedObjects } from '@causeway/targets/objects/derived-objects';
import { diffObjects, type ManagedMetadata } from '@causeway/targets/objects/diff';
import type { Status, StatusWriter } from '@causeway/targets/status/status-writer';
import {
  loadBalancerService,
  rememberedAnnotations,
  translateHomeLoadBalancer,
  translateLoadBalancerService,
} from '@causeway/translate/gateway/load-balancer-service';
import { gatewayPortsOfAlb } from '@causeway/translate/gateway-api/plane/alb-plane';
import { albMetadata } from './derived-metadata.ts';

/** ALB2 -> its LoadBalancer Service (ALB-124). */
export function loadBalancerServiceController(snapshot: Snapshot, services: DerivedObjects): Reconcile<ObjectKey> {
  return async (alb) => {
    const owner = `loadBalancerService/${objectKeyText(alb)}`;
    const view = snapshot.view(owner);
    const want = translateLoadBalancerService(view, alb, gatewayPortsOfAlb(view, alb));
    const have = view.by('Service', 'loadBalancerOf', objectKeyText(alb));
    const changes = diffObjects(want === undefined ? [] : [want], have, metadataOf(have));
    await services.put(changes);
    await services.remove(changes.remove);
    if (want === undefined && have.length === 0 && view.get('ALB2', alb) === undefined) snapshot.forget(owner);
    return done;
  };
}

/** At home: the addresses of data planes -> status of the LoadBalancer Service, as a cloud controller would write it. */
export function homeLoadBalancerController(snapshot: Snapshot, status: StatusWriter): Reconcile<ObjectKey> {
  return async (alb) => {
    const owner = `homeLoadBalancer/${objectKeyText(alb)}`;
    const view = snapshot.view(owner);
    const service = loadBalancerService(view, alb);
    const addresses = translateHomeLoadBalancer(view, alb);
    if (service !== undefined && addresses !== undefined) {
      // The mode is what the API server would add: a status without it would be written again and again.
      const ingress = addresses.map((ip) => ({ ip, ipMode: 'VIP' }));
      const next = (before: Status) => ({ ...before, loadBalancer: ingress.length === 0 ? {} : { ingress } });
      await status.put(KIND_REFS.Service, service, next);
    }
    if (view.get('ALB2', alb) === undefined) snapshot.forget(owner);
    return done;
  };
}

function metadataOf(have: readonly Service[]): ManagedMetadata {
  const remembered = new Set(have.flatMap((service) => [...rememberedAnnotations(service)]));
  return { label: albMetadata.label, annotation: (key) => albMetadata.annotation(key) || remembered.has(key) };
}
