import {
  ANNOTATION_FURTHER_METADATA,
  ANNOTATION_PREFIX_NGINX,
  BASE_DOMAIN,
  LABEL_PROJECT,
} from '@causeway/apis/gateway/labels';
import type { KubernetesObject } from '@causeway/apis/meta/object';
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

/** The same, and what the user of a workload wanted on its objects when they were written last. */
export function workloadMetadata(stored: readonly KubernetesObject[]): ManagedMetadata {
  const further = new Set(
    stored.flatMap(({ metadata }) => textsIn(metadata.annotations?.[ANNOTATION_FURTHER_METADATA] ?? '[]')),
  );
  return {
    label: (key) => albMetadata.label(key) || further.has(key),
    annotation: (key) => albMetadata.annotation(key) || further.has(key),
  };
}

function textsIn(json: string): readonly string[] {
  try {
    const found: unknown = JSON.parse(json);
    return Array.isArray(found) ? found.filter((each) => typeof each === 'string') : [];
  } catch {
    return [];
  }
}

/** `alb.cpaas.io/...`, `alb2.cpaas.io/...`, `alb.rule.cpaas.io/...`; not `cpaas.io/display-name`, which is the user's. */
function isAlbDomain(key: string): boolean {
  const domain = key.slice(0, Math.max(0, key.indexOf('/')));
  return domain.startsWith('alb') && domain.endsWith(`.${BASE_DOMAIN}`);
}
