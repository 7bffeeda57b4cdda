/** What is done to the requests of a route and their answers, beside forwarding. */
import type { AccessLogStep } from './access-log.ts';
import type { ApiKeyStep } from './api-key.ts';
import type { ForwardAuthStep, PasswordAuthStep, RefuseStep, SourceRangeStep } from './auth.ts';
import type { AuthorizationStep } from './authorization.ts';
import type { BackendConnectionsStep } from './backend-connections.ts';
import type { CallRetryStep } from './call-retry.ts';
import type { CanaryStep } from './canary.ts';
import type { CertificateHeaderStep } from './certificate-header.ts';
import type { ClientCertificateStep } from './client-certificate.ts';
import type { ClientConnectionsStep } from './client-connections.ts';
import type { CompressionStep } from './content-coding.ts';
import type { CorsStep } from './cors.ts';
import type { DurationLimitStep } from './duration-limit.ts';
import type { EndpointConnectionsStep } from './endpoint-connections.ts';
import type { EndpointOverrideStep } from './endpoint-override.ts';
import type { FaultStep } from './fault.ts';
import type { GlobalLimitStep } from './global-limit.ts';
import type { GrpcAuthStep } from './grpc-auth.ts';
import type { JwtStep } from './jwt.ts';
import type { RequestLimitStep, ResponseSpeedStep } from './limit.ts';
import type { MirrorStep } from './mirror.ts';
import type { OidcStep } from './oidc.ts';
import type { PathRewriteStep } from './path-rewrite.ts';
import type { RemoveHeadersStep } from './remove-headers.ts';
import type { ClientFromHeaderStep, RequestDeadlineStep, RequestFormStep } from './request-form.ts';
import type { SetCookieStep } from './set-cookie.ts';
import type { SpareGroupStep } from './spare-group.ts';
import type { TemplatePart } from './template.ts';
import type { TracingStep } from './tracing.ts';
import type { WeightedAnswersStep } from './weighted-answer.ts';

/** In the order of the list. One that only one kind of request needs costs the others nothing. */
export type Step =
  | AccessLogStep
  | BackendNameStep
  | BodyLimitStep
  | ClientCertificateStep
  | ConnectionStep
  | CorsStep
  | HostFromHeaderStep
  | LocationStep
  | FirewallStep
  | PathRewriteStep
  | RequestHeadersStep
  | ResponseHeadersStep
  | SetCookieStep
  | RequestLimitStep
  | GlobalLimitStep
  | MirrorStep
  | ResponseSpeedStep
  | CanaryStep
  | WeightedAnswersStep
  | SpareGroupStep
  | TracingStep
  | RefuseStep
  | SessionHeaderStep
  | SourceRangeStep
  | PasswordAuthStep
  | ForwardAuthStep
  | AuthorizationStep
  | ApiKeyStep
  | JwtStep
  | GrpcAuthStep
  | OidcStep
  | FaultStep
  | RemoveHeadersStep
  | RequestFormStep
  | RequestDeadlineStep
  | ClientFromHeaderStep
  | ClientConnectionsStep
  | BackendConnectionsStep
  | CallRetryStep
  | EndpointConnectionsStep
  | EndpointOverrideStep
  | DurationLimitStep
  | CertificateHeaderStep
  | GuardedStep
  | CompressionStep
  | RerouteStep;

/**
 * When all steps before have let the request in, its route is looked for again, with the headers that they have set. What they did is
 * not done again; of the route that is found all else is (../http/wait.ts).
 */
export interface RerouteStep {
  readonly type: 'reroute';
}

/** What the proxy answers itself, a redirect too, is for those alone whom the other steps let in; a preflight is answered all the same. */
export interface GuardedStep {
  readonly type: 'guarded';
}

/** The name that the certificate of a backend must be for, and that is sent to it, where the route's way to forward asks for that. */
export interface BackendNameStep {
  readonly type: 'backendName';
  readonly name: string;
}

/** Requests that announce a larger body are answered 413; others are counted by nginx, see `RouteAction.way`. */
export interface BodyLimitStep {
  readonly type: 'bodyLimit';
  /** Above 0. */
  readonly bytes: number;
}

/** Inspected by a second nginx before all else, also before the other steps. */
export interface FirewallStep {
  readonly type: 'firewall';
  /** Id of the rules. */
  readonly ruleSet: string;
  /** Names the request in the audit log. */
  readonly transaction: readonly TemplatePart[];
}

/** Host that the backend gets; without such a header that of the client. */
export interface HostFromHeaderStep {
  readonly type: 'hostFromHeader';
  readonly header: string;
}

export interface RequestHeadersStep {
  readonly type: 'requestHeaders';
  readonly changes: readonly HeaderChange[];
  /**
   * Some of the headers that tell the backend about the client (forwarded-headers.ts) are among them: nginx.conf, which would have the
   * last word about these, leaves them to the data plane.
   */
  readonly ownsForwarded?: true;
}

export interface ResponseHeadersStep {
  readonly type: 'responseHeaders';
  readonly changes: readonly HeaderChange[];
  /** After what all other steps do to the answer. */
  readonly late?: true;
}

/** Connection header that the backend gets. Like {@link RequestHeadersStep.ownsForwarded}. */
export interface ConnectionStep {
  readonly type: 'connection';
  readonly value: string;
}

/** Sessions that begin, or move, are told in a header of the answer. */
export interface SessionHeaderStep {
  readonly type: 'sessionHeader';
  readonly name: string;
}

/** Another beginning for the Location of the backend. Source: nginx, proxy_redirect. */
export interface LocationStep {
  readonly type: 'location';
  readonly from: string;
  readonly to: readonly TemplatePart[];
}

export type HeaderChange =
  /** `default`: where there is none. */
  | { readonly op: 'set' | 'default' | 'add'; readonly name: string; readonly value: readonly TemplatePart[] }
  | { readonly op: 'remove'; readonly name: string }
  /** Without effect while the variable has no value. */
  | { readonly op: 'copy'; readonly name: string; readonly variable: string; readonly append: boolean };
