import { objectKeyText, parseObjectKey } from '@causeway/apis/meta/object';
import { ingressNginxOf } from '@causeway/translate/gateway/ingress-nginx/settings';

/**
 * The object that a data plane belongs to, for people: `ALB kube-system/demo`, `IngressNginx default/demo`.
 *
 * @param id `namespace/name` of the data plane
 */
export function planeText(id: string): string {
  const owner = ingressNginxOf(parseObjectKey(id));
  return owner === undefined ? `ALB ${id}` : `IngressNginx ${objectKeyText(owner)}`;
}
