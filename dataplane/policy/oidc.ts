/** Users are signed in by OpenID Connect: which requests are what, the same in nginx and in explain. Source: GW-37. */

import { compileRegex, lowerCase, type Regex, slice, testRegex } from '#platform';
import type { AskedAddress } from './asked-address.ts';
import type { RequestView } from './request-view.ts';
import type { TemplatePart } from './template.ts';

export interface OidcStep {
  readonly type: 'oidc';
  /** Hash of the client: what is remembered of cookies belongs to it. */
  readonly id: string;
  readonly client: OidcClient;
  readonly callbackPath: string;
  readonly logoutPath: string;
  readonly denies: readonly HeaderTest[];
  readonly passesBearer: boolean;
  readonly forwardsToken: boolean;
  readonly cookies: OidcCookies;
}

export interface HeaderTest {
  readonly name: string;
  readonly op: 'equal' | 'prefix' | 'suffix' | 'regex';
  readonly value: string;
}

export interface OidcCookies {
  readonly access: string;
  readonly id: string;
  readonly refresh: string;
  readonly flow: string;
}

export interface OidcClient {
  readonly policy: string;
  readonly issuer: string;
  readonly authorization?: string;
  readonly token?: string;
  readonly endSession?: string;
  readonly at?: AskedAddress;
  readonly id: string;
  readonly secret: string;
  readonly scopes: readonly string[];
  readonly resources: readonly string[];
  readonly redirect: readonly TemplatePart[];
  readonly sameSite: 'Lax' | 'Strict' | 'None';
  readonly domain?: string;
  readonly refreshes: boolean;
  readonly showsTokens?: true;
  readonly tokenSeconds: number;
  readonly refreshSeconds: number;
  readonly flowSeconds: number;
}

/** Absent ones were not sent. */
export type SentCookies = { readonly [K in keyof OidcCookies]?: string | undefined };

/** What a worker tells about a request. */
export interface SignInRequest {
  readonly event: SignInEvent;
  readonly secure: boolean;
  /** Where the user wanted to go. */
  readonly url: string;
  /** Where the provider sends users back to. */
  readonly redirect: string;
  /** Of ours, as they were sent. */
  readonly cookies: SentCookies;
  /** Of the query. */
  readonly code?: string | undefined;
  readonly state?: string | undefined;
  /** Whether the user may be sent to the provider. */
  readonly redirects: boolean;
}

export type SignInEvent = 'visit' | 'callback' | 'logout';

export interface SignInResult {
  /** Of the answer to the client; absent: the request goes on. */
  readonly status?: number;
  readonly location?: string;
  readonly reason?: string;
  /** Values of Set-Cookie. */
  readonly setCookies: readonly string[];
  /** Of who is signed in. */
  readonly access?: string;
  readonly idToken?: string;
  /** Seconds since 1970 until which the session need not be looked at again. */
  readonly until?: number;
}

export function signInEvent({ callbackPath, logoutPath }: OidcStep, request: RequestView): SignInEvent {
  const path = request.path();
  if (path === callbackPath) return 'callback';
  return path === logoutPath ? 'logout' : 'visit';
}

const BEARER = 'bearer ';

/** Reports whether a request brings its own token. */
export function bringsBearer(request: RequestView): boolean {
  const value = request.header('authorization');
  return value !== undefined && lowerCase(slice(value, 0, BEARER.length)) === BEARER;
}

/** @returns whether a request is never sent to sign in */
export function compileDenials(tests: readonly HeaderTest[]): (this: void, request: RequestView) => boolean {
  const regexes: (Regex | undefined)[] = [];
  for (const { op, value } of tests) regexes.push(op === 'regex' ? compileRegex(`^(?:${value})$`, false) : undefined);
  return (request) => {
    for (let i = 0; i < tests.length; i++) {
      const test = tests[i];
      const value = test === undefined ? undefined : request.header(test.name);
      if (test !== undefined && value !== undefined && holds(test, regexes[i], value)) return true;
    }
    return false;
  };
}

function holds({ op, value: wanted }: HeaderTest, regex: Regex | undefined, value: string): boolean {
  switch (op) {
    case 'equal':
      return value === wanted;
    case 'prefix':
      return slice(value, 0, wanted.length) === wanted;
    case 'suffix':
      return value.length >= wanted.length && slice(value, value.length - wanted.length, value.length) === wanted;
    case 'regex':
      return regex !== undefined && testRegex(regex, value);
  }
}
