import {
  ANNOTATION_PREFIX_ALB_INGRESS,
  ANNOTATION_PREFIX_ALB_MODSECURITY,
  ANNOTATION_PREFIX_NGINX,
} from '@causeway/apis/gateway/labels';
import type { RespondIR } from '@causeway/ir/gateway';

/**
 * What users may write but this version does not serve. A field that only
 * shapes traffic is left out with a Warning; one that protects something fails
 * closed: its requests are answered 500 and never reach a backend.
 */

/** The answer instead of an unprotected backend. */
export function refuse(field: string): RespondIR {
  return { type: 'respond', status: 500, reason: `UnsupportedFeature : ${field}` };
}

/** The name of an annotation of the families of Ingress, see apis/gateway/annotation; undefined for foreign annotations. */
export function annotationName(key: string): string | undefined {
  if (key.startsWith(ANNOTATION_PREFIX_ALB_MODSECURITY)) {
    return `alb.modsecurity/${key.slice(ANNOTATION_PREFIX_ALB_MODSECURITY.length)}`;
  }
  for (const prefix of [ANNOTATION_PREFIX_NGINX, ANNOTATION_PREFIX_ALB_INGRESS]) {
    if (key.startsWith(prefix)) return key.slice(prefix.length);
  }
  const indexed = /^index\.[0-9]+-[0-9]+\.(.*)$/.exec(key)?.[1];
  return indexed === undefined ? undefined : annotationName(indexed);
}
