import { objectKeyText, parseObjectKey } from '@causeway/apis/meta/object';
import { ingressNginxOf } from '@causeway/translate/gateway/ingress-nginx/settings';
import { classOfPlane } from '@causeway/translate/gateway-api/class/merged-class';
import { gatewayOf } from '@causeway/translate/gateway-api/plane/data-plane';

/**
 * The object that a data plane belongs to, for people: `ALB kube-system/demo`, `IngressNginx default/demo`, `Gateway default/demo`, `GatewayClass demo`.
 *
 * @param id `namespace/name` of the data plane
 */
export function planeText(id: string): string {
  const gatewayClass = classOfPlane(parseObjectKey(id));
  if (gatewayClass !== undefined) return `GatewayClass ${gatewayClass}`;
  const gateway = gatewayOf(parseObjectKey(id));
  if (gateway !== undefined) return `Gateway ${objectKeyText(gateway)}`;
  const owner = ingressNginxOf(parseObjectKey(id));
  return owner === undefined ? `ALB ${id}` : `IngressNginx ${objectKeyText(owner)}`;
}

/** @param id `namespace/name` of a data plane */
export function isGateway(id: string): boolean {
  return [gatewayOf, classOfPlane].some((ownerOf) => ownerOf(parseObjectKey(id)) !== undefined);
}
