import { ANNOTATION_PREFIX_NGINX, BASE_DOMAIN, LABEL_PROJECT } from '@causeway/apis/gateway/labels';
import type { ManagedMetadata } from '@causeway/targets/objects/diff';

/**
 * What of a derived object's metadata is ours: the labels and annotations of
 * ALB, and the annotations of ingress-nginx that are carried over from an
 * Ingress. Source: spec ALB-20.
 */
export const albMetadata: ManagedMetadata = {
  label: (key) => isAlbDomain(key) || key === LABEL_PROJECT,
  annotation: (key) => isAlbDomain(key) || key.startsWith(ANNOTATION_PREFIX_NGINX),
};

/** `alb.cpaas.io/...`, `alb2.cpaas.io/...`, `alb.rule.cpaas.io/...`; not `cpaas.io/display-name`, which is the user's. */
function isAlbDomain(key: string): boolean {
  const domain = key.slice(0, Math.max(0, key.indexOf('/')));
  return domain.startsWith('alb') && domain.endsWith(`.${BASE_DOMAIN}`);
}
