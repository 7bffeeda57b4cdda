import type { AccessLogIR } from './access-log.ts';
import type { ApiKeyIR } from './api-key.ts';
import type { ForwardAuthIR, PasswordAuthIR, RefuseIR, SourceRangeIR } from './auth.ts';
import type { AuthorizationIR } from './authorization.ts';
import type { ConnectionIR, LocationIR, SetCookieIR } from './backend-answer.ts';
import type { BackendConnectionsIR } from './backend-connections.ts';
import type { BodyLimitIR } from './body-limit.ts';
import type { CertificateHeaderIR } from './certificate-header.ts';
import type { ClientCertificateIR } from './client-certificate.ts';
import type { ClientConnectionsIR } from './client-connections.ts';
import type { CorsIR } from './cors.ts';
import type { DurationLimitIR } from './duration-limit.ts';
import type { EndpointConnectionsIR } from './endpoint-connections.ts';
import type { EndpointOverrideIR } from './endpoint-override.ts';
import type { FaultIR } from './fault.ts';
import type { FirewallIR } from './firewall.ts';
import type { GlobalLimitIR } from './global-limit.ts';
import type { GrpcAuthIR } from './grpc-auth.ts';
import type { RequestHeadersIR, ResponseHeadersIR } from './headers.ts';
import type { JwtIR } from './jwt.ts';
import type { RequestLimitIR, ResponseSpeedIR } from './limit.ts';
import type { MirrorIR } from './mirror.ts';
import type { OidcIR } from './oidc.ts';
import type { PathRewriteIR } from './path-rewrite.ts';
import type { RemoveHeadersIR } from './remove-headers.ts';
import type { ClientFromHeaderIR, RequestDeadlineIR, RequestFormIR } from './request-form.ts';
import type { TracingIR } from './tracing.ts';

/**
 * A change to a request or its response on the way through. Filters run in the
 * order of the list that holds them; a filter that answers ends the request.
 *
 * The union grows with the features; a target that does not know a filter must
 * refuse the route instead of leaving the filter out.
 */
export type FilterIR =
  | AccessLogIR
  | BodyLimitIR
  | ClientCertificateIR
  | ConnectionIR
  | CorsIR
  | FirewallIR
  | HostRewriteIR
  | HostFromHeaderIR
  | LocationIR
  | PathRewriteIR
  | RequestHeadersIR
  | ResponseHeadersIR
  | SetCookieIR
  | RequestLimitIR
  | GlobalLimitIR
  | MirrorIR
  | ResponseSpeedIR
  | TracingIR
  | RefuseIR
  | SourceRangeIR
  | PasswordAuthIR
  | ForwardAuthIR
  | AuthorizationIR
  | ApiKeyIR
  | JwtIR
  | GrpcAuthIR
  | OidcIR
  | FaultIR
  | RemoveHeadersIR
  | RequestFormIR
  | RequestDeadlineIR
  | ClientConnectionsIR
  | ClientFromHeaderIR
  | BackendConnectionsIR
  | EndpointConnectionsIR
  | EndpointOverrideIR
  | DurationLimitIR
  | CertificateHeaderIR
  | GuardedIR
  | RerouteIR;

/** When all filters before have let the request in, its route is looked for again, with the headers that they have set. */
export interface RerouteIR {
  readonly type: 'reroute';
}

/** What the data plane answers itself, a redirect too, is for those alone whom the other filters let in. */
export interface GuardedIR {
  readonly type: 'guarded';
}

/** Sends as Host what a header of the request says, if it is there. */
export interface HostFromHeaderIR {
  readonly type: 'hostFromHeader';
  readonly header: string;
}

/** Sends another Host header to the backend; the original goes to X-Forwarded-Host. */
export interface HostRewriteIR {
  readonly type: 'hostRewrite';
  readonly host: string;
}
