/** Where a provider is asked for what. Source: OpenID Connect Discovery 1.0 section 4. */
import type { OidcClient } from '@causeway/targets/nginx/question-server';
import type { FetchService } from '../service-fetch.ts';

export interface ProviderEndpoints {
  readonly authorization: string;
  readonly token: string;
  readonly endSession?: string | undefined;
}

interface Known {
  readonly endpoints: ProviderEndpoints | undefined;
  readonly until: number;
}

const FRESH_MS = 300_000;
const RETRY_MS = 2000;
const MOST_KNOWN = 200;

export class Discovery {
  readonly #fetch: FetchService;
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();
  readonly #pending = new Map<string, Promise<ProviderEndpoints | undefined>>();

  /** @param now milliseconds that only grow */
  constructor(fetch: FetchService, now: () => number) {
    this.#fetch = fetch;
    this.#now = now;
  }

  /** @returns undefined when the provider never said it; what it said last counts while it is away */
  async endpointsOf(client: OidcClient): Promise<ProviderEndpoints | undefined> {
    const { authorization, token, endSession } = client;
    if (authorization !== undefined && token !== undefined) return { authorization, token, endSession };
    const name = `${client.issuer} ${client.at?.host ?? ''} ${client.at?.port ?? ''}`;
    const known = this.#known.get(name);
    if (known !== undefined && this.#now() < known.until) return withOwn(known.endpoints, endSession);
    const pending = this.#pending.get(name) ?? this.#discover(name, client).finally(() => this.#pending.delete(name));
    this.#pending.set(name, pending);
    return withOwn(await pending, endSession);
  }

  async #discover(name: string, { issuer, at }: OidcClient): Promise<ProviderEndpoints | undefined> {
    let endpoints: ProviderEndpoints | undefined;
    try {
      const { status, body } = await this.#fetch({
        url: `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
        at,
      });
      endpoints = status === 200 ? parseEndpoints(body, issuer) : undefined;
    } catch {
      // The last ones count.
    }
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    const now = this.#now();
    const known =
      endpoints === undefined
        ? { endpoints: this.#known.get(name)?.endpoints, until: now + RETRY_MS }
        : { endpoints, until: now + FRESH_MS };
    this.#known.set(name, known);
    return known.endpoints;
  }
}

function withOwn(
  endpoints: ProviderEndpoints | undefined,
  endSession: string | undefined,
): ProviderEndpoints | undefined {
  return endpoints === undefined || endSession === undefined ? endpoints : { ...endpoints, endSession };
}

function parseEndpoints(body: string, wanted: string): ProviderEndpoints | undefined {
  const { issuer, authorization_endpoint, token_endpoint, end_session_endpoint } = JSON.parse(body) as Record<
    string,
    unknown
  >;
  if (typeof issuer !== 'string' || issuer.replace(/\/$/, '') !== wanted.replace(/\/$/, '')) return undefined;
  if (!isUrl(authorization_endpoint) || !isUrl(token_endpoint)) return undefined;
  return {
    authorization: authorization_endpoint,
    token: token_endpoint,
    endSession: isUrl(end_session_endpoint) ? end_session_endpoint : undefined,
  };
}

function isUrl(value: unknown): value is string {
  return typeof value === 'string' && URL.canParse(value) && /^https?:/i.test(value);
}
