/** Tokens of a provider. Source: RFC 6749 sections 2.3.1, 4.1.3 and 6; RFC 7636 section 4.5. */
import { createHash } from 'node:crypto';
import type { OidcClient } from '@causeway/targets/nginx/question-server';
import type { FetchService } from '../service-fetch.ts';

export interface Tokens {
  readonly access: string;
  readonly idToken?: string | undefined;
  readonly refresh?: string | undefined;
  /** For how long the access token counts; absent: it was not told. */
  readonly seconds?: number | undefined;
}

interface Grant {
  readonly code: string;
  readonly redirect: string;
  readonly verifier: string;
}

/** Requests that come together prolong a session once: providers take a refresh token one time. */
const SAME_REFRESH_MS = 10_000;

export class TokenEndpoint {
  readonly #fetch: FetchService;
  readonly #refreshed = new Map<string, Promise<Tokens | undefined>>();

  constructor(fetch: FetchService) {
    this.#fetch = fetch;
  }

  /** @returns undefined when the provider gives none */
  exchange(url: string, client: OidcClient, secret: string, grant: Grant): Promise<Tokens | undefined> {
    return this.#ask(url, client, secret, {
      grant_type: 'authorization_code',
      code: grant.code,
      redirect_uri: grant.redirect,
      code_verifier: grant.verifier,
    });
  }

  /** @returns undefined when the provider gives none */
  refresh(url: string, client: OidcClient, secret: string, token: string): Promise<Tokens | undefined> {
    const name = createHash('sha256').update(`${client.policy}\n${token}`).digest('base64');
    const known = this.#refreshed.get(name);
    if (known !== undefined) return known;
    const asked = this.#ask(url, client, secret, { grant_type: 'refresh_token', refresh_token: token });
    this.#refreshed.set(name, asked);
    setTimeout(() => this.#refreshed.delete(name), SAME_REFRESH_MS).unref();
    return asked;
  }

  async #ask(
    url: string,
    client: OidcClient,
    secret: string,
    fields: Readonly<Record<string, string>>,
  ): Promise<Tokens | undefined> {
    const credentials = [client.id, secret].map((text) => encodeURIComponent(text)).join(':');
    try {
      const { status, body } = await this.#fetch({
        url,
        at: client.at,
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams(fields).toString(),
      });
      return status === 200 ? parseTokens(body) : undefined;
    } catch {
      return undefined;
    }
  }
}

function parseTokens(body: string): Tokens | undefined {
  const { access_token, id_token, refresh_token, expires_in } = JSON.parse(body) as Record<string, unknown>;
  if (!isToken(access_token)) return undefined;
  return {
    access: access_token,
    idToken: isToken(id_token) ? id_token : undefined,
    refresh: isToken(refresh_token) ? refresh_token : undefined,
    seconds: typeof expires_in === 'number' && expires_in > 0 ? expires_in : undefined,
  };
}

/** Of characters that headers and cookies can have. */
function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.~+/=:-]+$/.test(value);
}
