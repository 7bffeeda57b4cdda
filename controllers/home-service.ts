import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import { KIND_REFS, type Service } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { DerivedObjects } from '@causeway/targets/objects/derived-objects';
import { diffDefaultedObjects } from '@causeway/targets/objects/diff';
import type { Status, StatusWriter } from '@causeway/targets/status/status-writer';
import { gatewayWorkloadOf } from '@causeway/translate/gateway-api/gateway/gateway-workload';
import {
  type HomeServiceTranslation,
  homeServicesOfClass,
  isHomeServiceOf,
  translateClassHomeService,
  translateHomeService,
} from '@causeway/translate/gateway-api/gateway/home-service';
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
    const stored = view.get('Service', gatewayWorkloadOf(key));
    const own = stored !== undefined && isHomeServiceOf(stored, key) ? [stored] : [];
    if (stored === undefined || own.length > 0) await write(translateHomeService(view, key), own, services, status);
    if (view.get('Gateway', key) === undefined) snapshot.forget(owner);
    return done;
  };
}

/** The same for a GatewayClass whose Gateways share a data plane. */
export function classHomeServiceController(
  snapshot: Snapshot,
  services: DerivedObjects,
  status: StatusWriter,
): Reconcile<ObjectKey> {
  return async (key) => {
    const owner = `classHomeService/${objectKeyText(key)}`;
    const view = snapshot.view(owner);
    const want = translateClassHomeService(view, key);
    const own = homeServicesOfClass(view, key);
    const stored = want.service && view.get('Service', keyOf(want.service));
    if (stored === undefined || own.includes(stored)) await write(want, own, services, status);
    if (view.get('GatewayClass', key) === undefined) snapshot.forget(owner);
    return done;
  };
}

/** @param own Services that were made before */
async function write(
  { service, addresses }: HomeServiceTranslation,
  own: readonly Service[],
  services: DerivedObjects,
  status: StatusWriter,
): Promise<void> {
  const changes = diffDefaultedObjects(service === undefined ? [] : [service], own, workloadMetadata(own));
  await services.put(changes);
  await services.remove(changes.remove);
  const present = service && own.find((each) => objectKeyText(keyOf(each)) === objectKeyText(keyOf(service)));
  if (present === undefined) return;
  const ingress = addresses.map((ip) => ({ ip, ipMode: 'VIP' }));
  const next = (before: Status) => ({ ...before, loadBalancer: ingress.length === 0 ? {} : { ingress } });
  await status.put(KIND_REFS.Service, present, next);
}
