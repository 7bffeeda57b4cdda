import type { Gateway, GatewayClass } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';

/** GatewayClasses with this `spec.controllerName` are ours, and only their Gateways are served. */
export const CONTROLLER_NAME = 'causeway.io/gateway';

/** The class of a Gateway when it is ours; undefined: the Gateway is somebody else's, or nobody's yet. */
export function ourClassOf(view: View, { spec }: Gateway): GatewayClass | undefined {
  const found = view.get('GatewayClass', { namespace: '', name: spec.gatewayClassName });
  return found !== undefined && isOurClass(found) ? found : undefined;
}

export function isOurClass({ spec }: GatewayClass): boolean {
  return spec.controllerName === CONTROLLER_NAME;
}
