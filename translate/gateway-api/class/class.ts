import type { Gateway, GatewayClass } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';

/** GatewayClasses with this `spec.controllerName` are ours; no ALB2 serves their Gateways. */
export const CONTROLLER_NAME = 'causeway.io/gateway';

/** So begin the controllers of GatewayClasses whose Gateways are served by data planes of ALB2s. Source: spec ALB-111, ALB-112. */
const ALB_CONTROLLERS = 'alb2.gateway.cpaas.io/';

/** Of the GatewayClass of an ALB2, or of `exclusive-gateway`. */
export function albControllerName(name: string): string {
  return `${ALB_CONTROLLERS}${name}`;
}

/** The class of a Gateway when it is ours; undefined: the Gateway is somebody else's, or nobody's yet. */
export function ourClassOf(view: View, { spec }: Gateway): GatewayClass | undefined {
  const found = view.get('GatewayClass', { namespace: '', name: spec.gatewayClassName });
  return found !== undefined && isOurClass(found) ? found : undefined;
}

export function isOurClass({ spec }: GatewayClass): boolean {
  return isOurController(spec.controllerName);
}

/** Whether what a status says in the name of this controller is ours. */
export function isOurController(controllerName: string): boolean {
  return controllerName === CONTROLLER_NAME || controllerName.startsWith(ALB_CONTROLLERS);
}

/** Gateways of the class are served by ALB2s. */
export function isAlbClass({ spec }: GatewayClass): boolean {
  return spec.controllerName.startsWith(ALB_CONTROLLERS);
}

/** Who speaks of a Gateway in status; of one that is not ours, as of one of `causeway`. */
export function controllerNameOf(view: View, gateway: Gateway): string {
  return ourClassOf(view, gateway)?.spec.controllerName ?? CONTROLLER_NAME;
}

/** Whether a Gateway is of a class of ALBs. */
export function hasAlbClass(view: View, gateway: Gateway): boolean {
  const found = ourClassOf(view, gateway);
  return found !== undefined && isAlbClass(found);
}
