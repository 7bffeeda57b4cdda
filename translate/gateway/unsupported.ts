import {
  ANNOTATION_PREFIX_ALB_INGRESS,
  ANNOTATION_PREFIX_ALB_MODSECURITY,
  ANNOTATION_PREFIX_NGINX,
} from '@causeway/apis/gateway/labels';
import type { RespondIR } from '@causeway/ir/gateway';
import type { Inherited } from './inheritance.ts';
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

/** The first protection in force that cannot be given, as the name of its field. */
export function missingProtection(inherited: Inherited): string | undefined {
  if (inherited.modsecurity?.enable === true) return 'modsecurity';
  return undefined;
}

/**
 * Annotations of an Ingress that limit who may do what. Until they are served, the Rules of that Ingress carry them and
 * are refused.
 */
const PROTECTING_ANNOTATIONS: ReadonlySet<string> = new Set([
  'auth-tls-secret',
  'auth-tls-verify-client',
  'modsecurity-snippet',
]);

/** The same, but only when switched on. */
const PROTECTING_SWITCHES: ReadonlySet<string> = new Set(['enable-modsecurity', 'enable-owasp-core-rules']);

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
  if (key.startsWith(ANNOTATION_PREFIX_ALB_MODSECURITY)) return value !== 'false';
  const name = annotationName(key);
  if (name === undefined || value === '') return false;
  return PROTECTING_ANNOTATIONS.has(name) || (PROTECTING_SWITCHES.has(name) && value === 'true');
}

/** The part after the prefix of the annotation families of Ingress; undefined for foreign annotations. */
export function annotationName(key: string): string | undefined {
  for (const prefix of [ANNOTATION_PREFIX_NGINX, ANNOTATION_PREFIX_ALB_INGRESS]) {
    if (key.startsWith(prefix)) return key.slice(prefix.length);
  }
  const indexed = /^index\.[0-9]+-[0-9]+\.(.*)$/.exec(key)?.[1];
  return indexed === undefined ? undefined : annotationName(indexed);
}
