import type { GatewayCondition } from '@causeway/apis/gateway-api/condition';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import { KIND_REFS } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { StatusWriter } from '@causeway/targets/status/status-writer';
import { translateBackendObject } from '@causeway/translate/gateway-api/backend/backend-object';
import { asConditions, verdict } from '@causeway/translate/gateway-api/condition';

/** A Backend -> whether requests can be sent to it (GW-16). */
export function backendObjectStatusController(
  snapshot: Snapshot,
  status: StatusWriter,
  now: () => Date,
): Reconcile<ObjectKey> {
  return async (key) => {
    const owner = `backendObjectStatus/${objectKeyText(key)}`;
    const view = snapshot.view(owner);
    const backend = view.get('Backend', key);
    if (backend === undefined) {
      snapshot.forget(owner);
      return done;
    }
    const translated = translateBackendObject(view, backend);
    const said =
      typeof translated === 'string'
        ? verdict('Accepted', false, 'Invalid', translated)
        : verdict('Accepted', true, 'Accepted', 'requests can be sent to it');
    const { generation = 0 } = backend.metadata;
    await status.put(KIND_REFS.Backend, backend, (stored) => {
      const before = (stored as { readonly conditions?: readonly GatewayCondition[] }).conditions ?? [];
      return { ...stored, conditions: asConditions([said], before, { generation, now: now() }) };
    });
    return done;
  };
}
