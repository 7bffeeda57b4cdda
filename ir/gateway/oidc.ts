import type { ServiceAddressIR } from './auth.ts';
import type { TemplateIR } from './template.ts';

/** Signs users in by OpenID Connect. Source: GW-37. */
export interface OidcIR {
  readonly type: 'oidc';
  readonly client: OidcClientIR;
  readonly callbackPath: string;
  readonly logoutPath: string;
  /** Requests with one of these headers are never sent to sign in. */
  readonly denies: readonly HeaderTestIR[];
  /** Requests that bring a Bearer token pass. */
  readonly passesBearer: boolean;
  /** The backend gets the access token in Authorization. */
  readonly forwardsToken: boolean;
  readonly cookies: OidcCookiesIR;
}

export interface HeaderTestIR {
  /** Lower case. */
  readonly name: string;
  readonly op: 'equal' | 'prefix' | 'suffix' | 'regex';
  readonly value: string;
}

export interface OidcCookiesIR {
  readonly access: string;
  readonly id: string;
  readonly refresh: string;
  /** While a user signs in. */
  readonly flow: string;
}

/** What whoever speaks to the provider must know. */
export interface OidcClientIR {
  /** `namespace/name` of the policy: cookies belong to it. */
  readonly policy: string;
  readonly issuer: string;
  /** Absent: as the issuer says. */
  readonly authorization?: string;
  readonly token?: string;
  readonly endSession?: string;
  /** Where the issuer and its tokens are asked for; absent: at the hosts of the URLs. */
  readonly at?: ServiceAddressIR;
  readonly id: string;
  /** `namespace/name` of the Secret with `client-secret`; read by whoever asks. */
  readonly secret: string;
  readonly scopes: readonly string[];
  readonly resources: readonly string[];
  /** Where users come back to: a URL; may hold the variables `scheme` and `http_host`. */
  readonly redirect: TemplateIR;
  readonly sameSite: 'Lax' | 'Strict' | 'None';
  readonly domain?: string;
  readonly refreshes: boolean;
  /** Tokens in cookies are signed and can be read; absent: they are sealed. */
  readonly showsTokens?: true;
  /** Of access tokens that do not say it. */
  readonly tokenSeconds: number;
  readonly refreshSeconds: number;
  /** How long signing in may take. */
  readonly flowSeconds: number;
}
