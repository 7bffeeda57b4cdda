/** What a data plane shall do, in our own words: no Kubernetes object and no nginx directive in here. */

export type * from './access-log.ts';
export type * from './affinity.ts';
export type * from './api-key.ts';
export { hostOfFamily, parseAskedHost } from './asked-host.ts';
export type * from './auth.ts';
export type * from './authorization.ts';
export type * from './backend.ts';
export { endpointSetId, parseEndpointSetId } from './backend.ts';
export type * from './backend-answer.ts';
export type * from './backend-connections.ts';
export type * from './backend-tls.ts';
export type * from './body-limit.ts';
export type * from './canary.ts';
export type * from './certificate.ts';
export type * from './certificate-header.ts';
export type * from './client-certificate.ts';
export { hostsOf } from './client-certificate.ts';
export type * from './client-connections.ts';
export type * from './collector.ts';
export type * from './content.ts';
export type * from './cors.ts';
export type * from './custom-errors.ts';
export type * from './duration-limit.ts';
export type * from './ejection.ts';
export type * from './endpoint-connections.ts';
export type * from './endpoint-override.ts';
export type * from './fault.ts';
export type * from './filter.ts';
export type * from './firewall.ts';
export type * from './global-limit.ts';
export type * from './grpc-auth.ts';
export type * from './headers.ts';
export type * from './health-check.ts';
export type * from './instance.ts';
export type * from './jwt.ts';
export type * from './limit.ts';
export type * from './listener.ts';
export type * from './match.ts';
export type * from './metric-sink.ts';
export type * from './mirror.ts';
export type * from './nearness.ts';
export type * from './oidc.ts';
export type * from './operator.ts';
export type * from './passthrough.ts';
export type * from './path-rewrite.ts';
export type * from './redirect.ts';
export type * from './remove-headers.ts';
export type * from './request-form.ts';
export type * from './route.ts';
export type * from './template.ts';
export type * from './text-test.ts';
export * from './tls-signature.ts';
export type * from './tracing.ts';
export type * from './transfer.ts';
export type * from './tuning.ts';
export type * from './workload.ts';

import type { EndpointSetIR } from './backend.ts';
import type { CertificateIR } from './certificate.ts';
import type { InstanceIR } from './instance.ts';
import type { ListenerIR } from './listener.ts';
import type { PlaceIR } from './nearness.ts';
import type { PassthroughIR } from './passthrough.ts';
import type { RouteIR } from './route.ts';

/** One piece of a data plane's intent; pieces are identified by kind and id. */
export type GatewayFragment =
  | InstanceIR
  | ListenerIR
  | RouteIR
  | PassthroughIR
  | EndpointSetIR
  | CertificateIR
  | PlaceIR;
