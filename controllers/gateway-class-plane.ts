import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import type { Snapshot } from '@causeway/resources/snapshot';
import { translateClassPlane } from '@causeway/translate/gateway-api/gateway/plane-instance';
import type { TranslationSink } from './sink.ts';

/** GatewayClass -> the data plane that its Gateways share. */
export function gatewayClassPlaneController(snapshot: Snapshot, sink: TranslationSink): Reconcile<ObjectKey> {
  // An EnvoyProxy of another namespace makes another data plane.
  const planes = new Map<string, string>();
  return async (key) => {
    const reader = `gatewayClassPlane/${objectKeyText(key)}`;
    const view = snapshot.view(reader);
    const instance = translateClassPlane(view, key);
    const before = planes.get(reader);
    if (before !== undefined && before !== instance?.id) sink.drop(`instance/${before}`);
    if (instance === undefined) {
      planes.delete(reader);
    } else {
      planes.set(reader, instance.id);
      sink.put(`instance/${instance.id}`, [instance], []);
    }
    if (view.get('GatewayClass', key) === undefined) snapshot.forget(reader);
    return done;
  };
}
