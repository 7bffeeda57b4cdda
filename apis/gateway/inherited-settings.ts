import { boolean, type object, optional, type TypeOf } from '../meta/schema.ts';
import { satisfy, sourceRange } from './access-config.ts';
import { backendTLS } from './backend-tls.ts';
import { clientCertificate, clientTLS } from './client-certificate.ts';
import { customErrors } from './custom-errors.ts';
import { defaultBackend } from './default-backend.ts';
import { globalLimit } from './global-limit.ts';
import { hsts } from './hsts.ts';
import { limit } from './limit.ts';
import { mirror } from './mirror.ts';
import { otel } from './otel.ts';
import { auth, modsecurity, timeout } from './policy-config.ts';
import { retry } from './retry.ts';
import { transfer } from './transfer.ts';

/**
 * Settings of spec.config that ALB2, Frontend and Rule all have: an absent one is inherited from the Frontend, then from the ALB2.
 *
 * Source: spec ALB section 2.4.
 */
export const inheritedSettings = {
  auth: optional(auth),
  sourceRange: optional(sourceRange),
  satisfy: optional(satisfy),
  otel: optional(otel),
  hsts: optional(hsts),
  modsecurity: optional(modsecurity),
  timeout: optional(timeout),
  transfer: optional(transfer),
  retry: optional(retry),
  backendTLS: optional(backendTLS),
  clientCertificate: optional(clientCertificate),
  clientTLS: optional(clientTLS),
  disableAccessLog: optional(boolean('Forwarded requests are not in the access log, unless they fail.')),
  serviceUpstream: optional(
    boolean('Forward to the ClusterIP of a Service instead of its endpoints; headless ones have none.'),
  ),
  limit: optional(limit),
  globalLimit: optional(globalLimit),
  mirror: optional(mirror),
  defaultBackend: optional(defaultBackend),
  customErrors: optional(customErrors),
} as const;

export type InheritedSettings = TypeOf<ReturnType<typeof object<typeof inheritedSettings>>>;
