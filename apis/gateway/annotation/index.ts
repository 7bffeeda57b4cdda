/**
 * The annotations of an Ingress that have an effect, by their name behind `nginx.ingress.kubernetes.io/` and
 * `alb.ingress.cpaas.io/` (those of `alb.modsecurity.cpaas.io/` as `alb.modsecurity/<name>`), with how they are read. Admission and
 * translation use the same table.
 *
 * Source: spec ALB 5.6, 5.7; ingress-nginx.md section 4.
 */
import { AFFINITY_ANNOTATIONS } from './affinity.ts';
import type { AnnotationType } from './annotation-type.ts';
import { AUTH_ANNOTATIONS } from './auth.ts';
import { BACKEND_ANSWER_ANNOTATIONS } from './backend-answer.ts';
import { BACKEND_TLS_ANNOTATIONS } from './backend-tls.ts';
import { CANARY_ANNOTATIONS } from './canary.ts';
import { CLIENT_CERTIFICATE_ANNOTATIONS } from './client-certificate.ts';
import { CORS_ANNOTATIONS } from './cors.ts';
import { DEFAULT_BACKEND_ANNOTATIONS } from './default-backend.ts';
import { FIREWALL_ANNOTATIONS } from './firewall.ts';
import { GLOBAL_LIMIT_ANNOTATIONS } from './global-limit.ts';
import { HEADER_ANNOTATIONS } from './headers.ts';
import { HOST_ANNOTATIONS } from './host.ts';
import { LIMIT_ANNOTATIONS } from './limit.ts';
import { MIRROR_ANNOTATIONS } from './mirror.ts';
import { PASSTHROUGH_ANNOTATIONS } from './passthrough.ts';
import { PORT_ANNOTATIONS } from './ports.ts';
import { REDIRECT_ANNOTATIONS } from './redirect.ts';
import { RETRY_ANNOTATIONS } from './retry.ts';
import { REWRITE_ANNOTATIONS } from './rewrite.ts';
import { TIMEOUT_ANNOTATIONS } from './timeout.ts';
import { TRACING_ANNOTATIONS } from './tracing.ts';
import { TRANSFER_ANNOTATIONS } from './transfer.ts';

export const INGRESS_ANNOTATIONS = {
  ...TIMEOUT_ANNOTATIONS,
  ...REDIRECT_ANNOTATIONS,
  ...HOST_ANNOTATIONS,
  ...CORS_ANNOTATIONS,
  ...REWRITE_ANNOTATIONS,
  ...HEADER_ANNOTATIONS,
  ...TRACING_ANNOTATIONS,
  ...RETRY_ANNOTATIONS,
  ...TRANSFER_ANNOTATIONS,
  ...BACKEND_TLS_ANNOTATIONS,
  ...AUTH_ANNOTATIONS,
  ...BACKEND_ANSWER_ANNOTATIONS,
  ...CANARY_ANNOTATIONS,
  ...AFFINITY_ANNOTATIONS,
  ...LIMIT_ANNOTATIONS,
  ...GLOBAL_LIMIT_ANNOTATIONS,
  ...PORT_ANNOTATIONS,
  ...PASSTHROUGH_ANNOTATIONS,
  ...MIRROR_ANNOTATIONS,
  ...FIREWALL_ANNOTATIONS,
  ...DEFAULT_BACKEND_ANNOTATIONS,
  ...CLIENT_CERTIFICATE_ANNOTATIONS,
} as const;

export type IngressAnnotation = keyof typeof INGRESS_ANNOTATIONS;

/** What an annotation of that name says when it can be read. */
export type AnnotationValue<N extends IngressAnnotation> =
  (typeof INGRESS_ANNOTATIONS)[N] extends AnnotationType<infer T> ? T : never;

export function isIngressAnnotation(name: string): name is IngressAnnotation {
  return Object.hasOwn(INGRESS_ANNOTATIONS, name);
}
