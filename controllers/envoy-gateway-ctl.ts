import type { GatewayCondition } from '@causeway/apis/gateway-api/condition';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import { KIND_REFS } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { DerivedObjects } from '@causeway/targets/objects/derived-objects';
import type { StatusWriter } from '@causeway/targets/status/status-writer';
import { isMadeFor } from '@causeway/translate/gateway-api/class/class-owner';
import { gatewayClassName, translateCtl } from '@causeway/translate/gateway-api/class/envoy-gateway-ctl';
import { asConditions } from '@causeway/translate/gateway-api/condition';

/** An EnvoyGatewayCtl -> its GatewayClass, and what became of it (GW-02). A GatewayClass of that name that is somebody else's stays. */
export function envoyGatewayCtlController(
  snapshot: Snapshot,
  classes: DerivedObjects,
  status: StatusWriter,
  now: () => Date,
): Reconcile<ObjectKey> {
  return async (key) => {
    const owner = `envoyGatewayCtl/${objectKeyText(key)}`;
    const view = snapshot.view(owner);
    const { gatewayClass, accepted } = translateCtl(view, key);
    const have = view.get('GatewayClass', { namespace: '', name: gatewayClassName(key) });
    if (gatewayClass !== undefined && have === undefined) await classes.put({ create: [gatewayClass], update: [] });
    if (gatewayClass === undefined && have !== undefined && isMadeFor(have, key)) await classes.remove([have]);
    const ctl = view.get('EnvoyGatewayCtl', key);
    if (ctl === undefined) {
      if (have === undefined) snapshot.forget(owner);
      return done;
    }
    if (accepted === undefined) return done;
    const { generation = 0 } = ctl.metadata;
    await status.put(KIND_REFS.EnvoyGatewayCtl, ctl, (stored) => {
      const before = (stored as { readonly conditions?: readonly GatewayCondition[] }).conditions ?? [];
      return { ...stored, conditions: asConditions([accepted], before, { generation, now: now() }) };
    });
    return done;
  };
}
