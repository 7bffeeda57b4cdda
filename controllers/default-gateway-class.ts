import { GatewayClassKind } from '@causeway/apis/gateway-api/gateway-class';
import { apiVersionOf } from '@causeway/apis/meta/kind';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { DerivedObjects } from '@causeway/targets/objects/derived-objects';
import { CONTROLLER_NAME } from '@causeway/translate/gateway-api/class/class';

/** Of the GatewayClass that is there from the beginning at home, so that a Gateway needs no preparation. */
export const DEFAULT_GATEWAY_CLASS = 'causeway';

/** Makes the GatewayClass where there is none of that name; an existing one is left as it is. */
export function defaultGatewayClassController(snapshot: Snapshot, classes: DerivedObjects): Reconcile<string> {
  return async (name) => {
    if (snapshot.has('GatewayClass', { namespace: '', name })) return done;
    const { names } = GatewayClassKind;
    const created = {
      apiVersion: apiVersionOf(names),
      kind: names.kind,
      metadata: { name },
      spec: { controllerName: CONTROLLER_NAME },
    };
    await classes.put({ create: [created], update: [] });
    return done;
  };
}
