/**
 * The annotations of an Ingress that have an effect, by their name behind `nginx.ingress.kubernetes.io/` and
 * `alb.ingress.cpaas.io/`, with how they are read. Admission and translation use the same table.
 *
 * Source: spec ALB 5.6, 5.7; ingress-nginx.md section 4.
 */
import type { AnnotationType } from './annotation-type.ts';
import { AUTH_ANNOTATIONS } from './auth.ts';
import { HEADER_ANNOTATIONS } from './headers.ts';
import { TIMEOUT_ANNOTATIONS } from './timeout.ts';

export const INGRESS_ANNOTATIONS = { ...TIMEOUT_ANNOTATIONS, ...HEADER_ANNOTATIONS, ...AUTH_ANNOTATIONS } as const;

export type IngressAnnotation = keyof typeof INGRESS_ANNOTATIONS;

/** What an annotation of that name says when it can be read. */
export type AnnotationValue<N extends IngressAnnotation> =
  (typeof INGRESS_ANNOTATIONS)[N] extends AnnotationType<infer T> ? T : never;

export function isIngressAnnotation(name: string): name is IngressAnnotation {
  return Object.hasOwn(INGRESS_ANNOTATIONS, name);
}
