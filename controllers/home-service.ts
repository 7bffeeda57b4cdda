import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import { KIND_REFS } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { DerivedObjects } from '@causeway/targets/objects/derived-objects';
import { diffDefaultedObjects } from '@causeway/targets/objects/diff';
import type { Status, StatusWriter } from '@causeway/targets/status/status-writer';
import { gatewayWorkloadOf } from '@causeway/translate/gateway-api/gateway-workload';
import { isHomeServiceOf, translateHomeService } from '@causeway/translate/gateway-api/home-service';
import { workloadMetadata } from './derived-metadata.ts';

/** At home: Gateway -> the Service that stands for it, with the addresses of its data planes. A Service of that name that is somebody else's is not touched. */
export function homeServiceController(
  snapshot: Snapshot,
  services: DerivedObjects,
  status: StatusWriter,
): Reconcile<ObjectKey> {
  return async (key) => {
    const owner = `homeService/${objectKeyText(key)}`;
    const view = snapshot.view(owner);
    const { service, addresses } = translateHomeService(view, key);
    const stored = view.get('Service', gatewayWorkloadOf(key));
    const own = stored !== undefined && isHomeServiceOf(stored, key) ? [stored] : [];
    if (stored === undefined || own.length > 0) {
      const want = service === undefined ? [] : [service];
      const changes = diffDefaultedObjects(want, own, workloadMetadata(own));
      await services.put(changes);
      await services.remove(changes.remove);
      const [present] = own;
      if (service !== undefined && present !== undefined) {
        const ingress = addresses.map((ip) => ({ ip, ipMode: 'VIP' }));
        const next = (before: Status) => ({ ...before, loadBalancer: ingress.length === 0 ? {} : { ingress } });
        await status.put(KIND_REFS.Service, present, next);
      }
    }
    if (view.get('Gateway', key) === undefined) snapshot.forget(owner);
    return done;
  };
}
