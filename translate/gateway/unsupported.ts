import {
  ANNOTATION_PREFIX_ALB_INGRESS,
  ANNOTATION_PREFIX_ALB_MODSECURITY,
  ANNOTATION_PREFIX_NGINX,
} from '@causeway/apis/gateway/labels';
import type { RespondIR } from '@causeway/ir/gateway';
import type { Problem } from './problem.ts';

/**
 * What users may write but this version does not serve. A field that only
 * shapes traffic is left out with a Warning; one that protects something fails
 * closed: its requests are answered 500 and never reach a backend.
 */

/** The answer instead of an unprotected backend. */
export function refuse(field: string): RespondIR {
  return { type: 'respond', status: 500, reason: `UnsupportedFeature : ${field}` };
}

export function unsupportedProblem(object: Problem['object'], field: string, effect: string): Problem {
  return {
    object,
    reason: 'UnsupportedFeature',
    message: `${field}: not served by this version; ${effect}`,
    severity: 'Warning',
  };
}

/**
 * Annotations of an Ingress that limit who may do what. Until they are served, the Rules of that Ingress carry them and
 * are refused.
 */
const PROTECTING_ANNOTATIONS: ReadonlySet<string> = new Set(['auth-tls-secret', 'auth-tls-verify-client']);

/** Protecting annotations of an object, sorted by name. */
export function protectingAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const key of Object.keys(annotations ?? {}).sort()) {
    const value = annotations?.[key] ?? '';
    if (protects(key, value)) found[key] = value;
  }
  return found;
}

function protects(key: string, value: string): boolean {
  const name = annotationName(key);
  if (name === undefined || value === '') return false;
  return PROTECTING_ANNOTATIONS.has(name);
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
