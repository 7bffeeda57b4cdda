/**
 * Signs users in at an OpenID provider: the authorization code flow with PKCE. There is no store: all that is known of a user is in
 * cookies and in the state of the flow, sealed (or its tokens signed) with a key that comes from the password of the client.
 *
 * Source: GW-37; OpenID Connect Core 1.0 section 3.1, RFC 7636, RFC 9700.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { OidcClient, OidcCookies, SignInRequest, SignInResult } from '@causeway/targets/nginx/question-server';
import { cookiePieces } from './cookie-pieces.ts';
import { cookieText } from './cookie-text.ts';
import { type KeptToken, keep, kept } from './kept-token.ts';
import type { Discovery } from './provider-endpoints.ts';
import { open, seal, sealingKey } from './sealed.ts';
import type { TokenEndpoint, Tokens } from './token-endpoint.ts';

export interface SignInQuestion {
  readonly client: OidcClient;
  readonly names: OidcCookies;
  readonly request: SignInRequest;
}

interface SignInOptions {
  readonly discovery: Discovery;
  readonly tokens: TokenEndpoint;
  /** @returns the password of a client; undefined: the Secret does not have it */
  readonly secretOf: (secret: string) => string | undefined;
  /** Since 1970. */
  readonly seconds: () => number;
}

/** A user who has gone to the provider; the verifier is in the cookie alone. */
interface Flow {
  readonly nonce: string;
  readonly verifier: string;
  readonly e: number;
}

interface State {
  readonly nonce: string;
  readonly url: string;
  readonly e: number;
}

interface Session extends SignInQuestion {
  readonly key: Buffer;
  readonly secret: string;
  readonly now: number;
}

const BROKEN: SignInResult = { status: 500, reason: 'AuthFail : the OpenID provider cannot be used', setCookies: [] };
const REFUSED: SignInResult = { status: 401, reason: 'AuthFail : not signed in', setCookies: [] };

export class SignIn {
  readonly #options: SignInOptions;

  constructor(options: SignInOptions) {
    this.#options = options;
  }

  async judge(question: SignInQuestion): Promise<SignInResult> {
    const { secretOf, seconds } = this.#options;
    const { client, request } = question;
    const secret = secretOf(client.secret);
    if (secret === undefined) return BROKEN;
    const session: Session = { ...question, secret, key: sealingKey(secret, client.policy), now: seconds() };
    switch (request.event) {
      case 'visit':
        return this.#visit(session);
      case 'callback':
        return this.#callback(session);
      case 'logout':
        return this.#logout(session);
    }
  }

  async #visit(session: Session): Promise<SignInResult> {
    const { client, request, key, now } = session;
    const idToken = kept(key, 'id', request.cookies.id, client.showsTokens === true)?.t;
    const access = signedIn(session);
    if (access !== undefined) {
      return { setCookies: [], access: access.t, until: access.e, ...(idToken === undefined ? {} : { idToken }) };
    }
    const refresh = client.refreshes
      ? kept(key, 'refresh', request.cookies.refresh, client.showsTokens === true)
      : undefined;
    if (refresh !== undefined && now < refresh.e) {
      const tokens = await this.#refreshed(session, refresh.t);
      if (tokens !== undefined) {
        const all = { ...tokens, idToken: tokens.idToken ?? idToken, refresh: tokens.refresh ?? refresh.t };
        return {
          setCookies: tokenCookies(session, all),
          access: all.access,
          ...(all.idToken === undefined ? {} : { idToken: all.idToken }),
        };
      }
    }
    return request.redirects ? this.#begin(session) : REFUSED;
  }

  async #refreshed({ client, secret }: Session, refresh: string): Promise<Tokens | undefined> {
    const endpoints = await this.#options.discovery.endpointsOf(client);
    return endpoints === undefined ? undefined : this.#options.tokens.refresh(endpoints.token, client, secret, refresh);
  }

  async #begin({ client, names, request, key, now }: Session): Promise<SignInResult> {
    const endpoints = await this.#options.discovery.endpointsOf(client);
    if (endpoints === undefined) return BROKEN;
    const nonce = randomBytes(24).toString('base64url');
    const verifier = randomBytes(48).toString('base64url');
    const e = now + client.flowSeconds;
    const location = new URL(endpoints.authorization);
    const { searchParams } = location;
    searchParams.set('response_type', 'code');
    searchParams.set('client_id', client.id);
    searchParams.set('redirect_uri', request.redirect);
    searchParams.set('scope', client.scopes.join(' '));
    searchParams.set('state', seal(key, 'state', { nonce, url: request.url, e } satisfies State));
    searchParams.set('nonce', nonce);
    searchParams.set('code_challenge', createHash('sha256').update(verifier).digest('base64url'));
    searchParams.set('code_challenge_method', 'S256');
    if (Array.isArray(client.resources)) for (const each of client.resources) searchParams.append('resource', each);
    const flow = seal(key, 'flow', { nonce, verifier, e } satisfies Flow);
    // The provider sends users back from another site.
    const sameSite = client.sameSite === 'Strict' ? 'Lax' : client.sameSite;
    return {
      status: 302,
      location: location.href,
      setCookies: [
        cookieText(names.flow, flow, { ...client, sameSite, secure: request.secure, seconds: client.flowSeconds }),
      ],
    };
  }

  async #callback(session: Session): Promise<SignInResult> {
    const { client, names, request, key, now, secret } = session;
    const state = open<State>(key, 'state', request.state);
    if (state === undefined || now >= state.e) return REFUSED;
    const flow = open<Flow>(key, 'flow', request.cookies.flow);
    if (flow === undefined || flow.nonce !== state.nonce || now >= flow.e || request.code === undefined) {
      // Who signed in meanwhile, in another window, goes on.
      const goesOn = signedIn(session) !== undefined && request.code !== undefined;
      return goesOn ? { status: 302, location: state.url, setCookies: [] } : REFUSED;
    }
    const endpoints = await this.#options.discovery.endpointsOf(client);
    if (endpoints === undefined) return BROKEN;
    const { code, redirect } = request;
    const tokens = await this.#options.tokens.exchange(endpoints.token, client, secret, {
      code,
      redirect,
      verifier: flow.verifier,
    });
    if (tokens === undefined || !isIdToken(tokens.idToken, client, flow.nonce, now)) return REFUSED;
    return {
      status: 302,
      location: state.url,
      setCookies: [
        ...tokenCookies(session, tokens),
        cookieText(names.flow, '', { ...client, secure: request.secure, seconds: 0 }),
      ],
    };
  }

  async #logout({ client, names, request, key }: Session): Promise<SignInResult> {
    const { cookies } = request;
    const ended = (['access', 'id', 'refresh', 'flow'] as const).flatMap((which) =>
      cookiePieces(names[which], cookies[which] ?? ''),
    );
    const setCookies = ended.map(({ name }) => cookieText(name, '', { ...client, secure: request.secure, seconds: 0 }));
    const endSession = (await this.#options.discovery.endpointsOf(client))?.endSession;
    if (endSession === undefined) return { status: 302, location: request.url, setCookies };
    const location = new URL(endSession);
    const idToken = kept(key, 'id', request.cookies.id, client.showsTokens === true)?.t;
    if (idToken !== undefined) location.searchParams.set('id_token_hint', idToken);
    location.searchParams.set('client_id', client.id);
    location.searchParams.set('post_logout_redirect_uri', request.url);
    return { status: 302, location: location.href, setCookies };
  }
}

function signedIn({ client, request, key, now }: Session): KeptToken | undefined {
  const access = kept(key, 'access', request.cookies.access, client.showsTokens === true);
  return access !== undefined && now < access.e ? access : undefined;
}

function tokenCookies({ client, names, request, key, now }: Session, tokens: Tokens): readonly string[] {
  const { access, idToken, refresh, seconds = client.tokenSeconds } = tokens;
  const keepsRefresh = refresh !== undefined && client.refreshes;
  const longest = keepsRefresh ? client.refreshSeconds : seconds;
  const cookies = (whole: string, purpose: string, token: string, lasts: number): readonly string[] =>
    cookiePieces(whole, keep(key, purpose, { t: token, e: now + lasts }, client.showsTokens === true)).map(
      ({ name, value }) => cookieText(name, value, { ...client, secure: request.secure, seconds: lasts }),
    );
  return [
    ...cookies(names.access, 'access', access, seconds),
    ...(idToken === undefined ? [] : cookies(names.id, 'id', idToken, longest)),
    ...(keepsRefresh ? cookies(names.refresh, 'refresh', refresh, client.refreshSeconds) : []),
  ];
}

/**
 * Whether an ID token is for this client and this flow. It comes from the provider itself, so its signature says no more than the connection.
 *
 * Source: OpenID Connect Core 1.0 section 3.1.3.7.
 */
function isIdToken(token: string | undefined, client: OidcClient, nonce: string, now: number): boolean {
  try {
    const claims = JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<
      string,
      unknown
    >;
    const { iss, aud, exp } = claims;
    const isOurs = Array.isArray(aud) ? aud.includes(client.id) : aud === client.id;
    const isTheirs = typeof iss === 'string' && iss.replace(/\/$/, '') === client.issuer.replace(/\/$/, '');
    return isOurs && isTheirs && claims['nonce'] === nonce && typeof exp === 'number' && now < exp + 60;
  } catch {
    return false;
  }
}
