import type { CheckedRequest, CheckResult, GrpcAuthStep } from './grpc-auth.ts';
import type { JwtProvider } from './jwt.ts';
import type { OidcClient, OidcCookies, SignInRequest, SignInResult } from './oidc.ts';
import type { VerifiedToken } from './verified-token.ts';

/**
 * What a worker asks its agent while a request waits: a line of JSON each way over a unix socket of its own, one question at a
 * time per connection. Passwords are in there: nothing of it is ever logged.
 */
export type AgentQuestion =
  /** Is that a user and the password? */
  | {
      readonly op: 'basic';
      /** `namespace/name` of the Secret. */
      readonly secret: string;
      readonly layout: 'auth-file' | 'auth-map' | 'htpasswd';
      /** `user:password` in base64, as the client sent it. */
      readonly credentials: string;
    }
  /** The same, for the parameters of `Authorization: Digest`. */
  | {
      readonly op: 'digest';
      readonly secret: string;
      readonly layout: 'auth-file' | 'auth-map' | 'htpasswd';
      readonly realm: string;
      readonly method: string;
      /** Path and query of the request. */
      readonly target: string;
      /** What follows `Digest `; absent: only challenges are wanted. */
      readonly credentials?: string | undefined;
    }
  /** Whose key is that? */
  | { readonly op: 'apiKey'; readonly secrets: readonly string[]; readonly key: string }
  /** Is that a token of one of these? */
  | { readonly op: 'jwt'; readonly token: string; readonly providers: readonly JwtProvider[] }
  /** What does that service say of a request? */
  | {
      readonly op: 'check';
      readonly service: Pick<GrpcAuthStep, 'services' | 'timeoutMs' | 'extensions'>;
      readonly request: CheckedRequest;
    }
  /** The same of a service that speaks HTTP over TLS. */
  | { readonly op: 'ask'; readonly service: AskedService; readonly request: AskedRequest }
  /** That a copy goes to a service that speaks HTTP/2; nobody waits for what it says. */
  | { readonly op: 'copy'; readonly service: CopiedTo; readonly request: AskedRequest }
  /** What becomes of a request whose user signs in at a provider? */
  | { readonly op: 'signIn'; readonly client: OidcClient; readonly names: OidcCookies; readonly request: SignInRequest }
  /** Where is that service? */
  | { readonly op: 'resolve'; readonly host: string; readonly port: number };

export interface AgentAnswer {
  /** yes: let in; no: not; broken: the Secret is not there or of no use; busy: too many are asking. */
  readonly verdict?: 'yes' | 'no' | 'broken' | 'busy';
  /** Of `digest`, values of WWW-Authenticate. */
  readonly challenges?: readonly string[];
  /** Of `digest` and `apiKey`, who it is. */
  readonly user?: string;
  /** Of `jwt`, what it says; none with another verdict than yes. */
  readonly token?: VerifiedToken;
  /** Of `check`; none with another verdict than yes. */
  readonly check?: CheckResult;
  /** Of `ask`; none with another verdict than yes. Headers by name in lower case. */
  readonly reply?: { readonly status: number; readonly headers: Readonly<Record<string, readonly string[]>> };
  /** Of `signIn`; none with another verdict than yes. */
  readonly signIn?: SignInResult;
  /** Of `resolve`; empty: there is no such service, or it may not be asked. */
  readonly endpoints?: readonly { readonly address: string; readonly port: number }[];
  /** Of `resolve`: how long it counts. */
  readonly seconds?: number;
}

export interface AskedService {
  readonly host: string;
  readonly port: number;
  /** Who says how TLS is spoken. */
  readonly tls: string;
  readonly timeoutMs: number;
}

export interface CopiedTo {
  readonly host: string;
  readonly port: number;
  /** Who says how TLS is spoken; absent: it is not. */
  readonly tls?: string | undefined;
}

export interface AskedRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Host is one of them. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** On its way to the agent in base64. */
  readonly body?: string | undefined;
}
