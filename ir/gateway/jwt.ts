import type { ServiceAddressIR } from './auth.ts';
import type { AuthorizationIR } from './authorization.ts';

/** Asks for a JSON Web Token of one of several issuers. Source: GW-36; RFC 7519. */
export interface JwtIR {
  readonly type: 'jwt';
  readonly providers: readonly JwtProviderIR[];
  /** Requests without a token go on; wrong tokens are refused all the same. */
  readonly optional: boolean;
  /** Judges the request afterwards, when it is known what its token says. */
  readonly authorization?: AuthorizationIR;
}

export interface JwtProviderIR {
  readonly name: string;
  /** Absent: any. */
  readonly issuer?: string;
  /** Empty: any. */
  readonly audiences: readonly string[];
  readonly keys: JwtKeysIR;
  /** The token may stand in any of these. */
  readonly places: readonly JwtPlaceIR[];
  /** Claims that the backend is told by headers; the client's own are taken off. */
  readonly claimHeaders: readonly { readonly name: string; readonly claim: string }[];
  /** Claims that rules of {@link JwtIR.authorization} ask about. */
  readonly claims: readonly string[];
}

export interface JwtPlaceIR {
  readonly in: 'header' | 'query' | 'cookie';
  /** Of headers in lower case. */
  readonly name: string;
  /** What stands before the token, in lower case; only of headers. */
  readonly prefix?: string;
}

/** A JSON Web Key Set (RFC 7517). */
export type JwtKeysIR =
  | { readonly type: 'local'; readonly text: string }
  | {
      readonly type: 'remote';
      readonly url: string;
      /** For how long it counts before it is fetched again. */
      readonly seconds: number;
      /** Where it is asked for; absent: at the host of the URL. */
      readonly at?: ServiceAddressIR;
    };
