/**
 * Where a provider is asked for what. It is asked when a user comes, and those that routes name until they have said it once.
 *
 * Source: OpenID Connect Discovery 1.0 section 4.
 */
import type { ProviderAt } from '@causeway/targets/nginx/openid-providers';
import type { OidcClient } from '@causeway/targets/nginx/question-server';
import type { FetchService } from '../service-fetch.ts';

export interface ProviderEndpoints {
  readonly authorization: string;
  readonly token: string;
  readonly endSession?: string | undefined;
}

interface Provider {
  /** The last that it said. */
  endpoints: ProviderEndpoints | undefined;
  /** Why it never said any; absent: it did, or was not asked yet. */
  problem: string | undefined;
  /** Until when it is not asked again. */
  until: number;
  pending: Promise<void> | undefined;
  /** Who wants it to be asked until it answers. */
  askers: number;
  timer: NodeJS.Timeout | undefined;
}

const FRESH_MS = 300_000;
const RETRY_MS = 2000;
const SLOWEST_RETRY_MS = 30_000;
const MOST_KNOWN = 200;
const LONGEST_MESSAGE = 300;

export class Discovery {
  readonly #fetch: FetchService;
  readonly #now: () => number;
  readonly #known = new Map<string, Provider>();

  /** @param now milliseconds that only grow */
  constructor(fetch: FetchService, now: () => number) {
    this.#fetch = fetch;
    this.#now = now;
  }

  /** @returns undefined when the provider never said it; what it said last counts while it is away */
  async endpointsOf(client: OidcClient): Promise<ProviderEndpoints | undefined> {
    const { authorization, token, endSession } = client;
    if (authorization !== undefined && token !== undefined) return { authorization, token, endSession };
    const provider = this.#providerOf(client);
    if (this.#now() >= provider.until) await this.#ask(provider, client);
    return withOwn(provider.endpoints, endSession);
  }

  /** Asks a provider now, and again until it has said where its endpoints are. @returns what ends that */
  keepAsking(at: ProviderAt): () => void {
    const provider = this.#providerOf(at);
    provider.askers += 1;
    if (provider.askers === 1) void this.#askAgain(provider, at, RETRY_MS);
    return () => {
      provider.askers -= 1;
      if (provider.askers > 0) return;
      clearTimeout(provider.timer);
      provider.timer = undefined;
    };
  }

  /** Why a provider cannot be used; undefined: it can, or was not asked yet. */
  problemOf(at: ProviderAt): string | undefined {
    return this.#known.get(providerName(at))?.problem;
  }

  async #askAgain(provider: Provider, at: ProviderAt, retryMs: number): Promise<void> {
    if (provider.endpoints === undefined && this.#now() >= provider.until) await this.#ask(provider, at);
    if (provider.endpoints !== undefined || provider.askers === 0 || provider.timer !== undefined) return;
    provider.timer = setTimeout(() => {
      provider.timer = undefined;
      void this.#askAgain(provider, at, Math.min(SLOWEST_RETRY_MS, 2 * retryMs));
    }, retryMs);
    provider.timer.unref();
  }

  #providerOf(at: ProviderAt): Provider {
    const name = providerName(at);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    if (this.#known.size >= MOST_KNOWN) {
      for (const [other, { askers }] of this.#known) if (askers === 0) this.#known.delete(other);
    }
    const provider: Provider = {
      endpoints: undefined,
      problem: undefined,
      until: -Infinity,
      pending: undefined,
      askers: 0,
      timer: undefined,
    };
    this.#known.set(name, provider);
    return provider;
  }

  async #ask(provider: Provider, at: ProviderAt): Promise<void> {
    provider.pending ??= this.#discover(provider, at).finally(() => {
      provider.pending = undefined;
    });
    await provider.pending;
  }

  async #discover(provider: Provider, { issuer, at }: ProviderAt): Promise<void> {
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    let found: ProviderEndpoints | string;
    try {
      const { status, body } = await this.#fetch({ url, at });
      found = status === 200 ? parseEndpoints(body, issuer) : `answered ${status}`;
    } catch (error) {
      found = failureText(error);
    }
    if (typeof found !== 'string') {
      provider.endpoints = found;
      provider.problem = undefined;
      provider.until = this.#now() + FRESH_MS;
      return;
    }
    // The last ones count.
    if (provider.endpoints === undefined) provider.problem = `${url}: ${found}`.slice(0, LONGEST_MESSAGE);
    provider.until = this.#now() + RETRY_MS;
  }
}

/** Tells providers apart. */
export function providerName({ issuer, at }: ProviderAt): string {
  return `${issuer} ${at?.host ?? ''} ${at?.port ?? ''} ${at?.tls ?? ''}`;
}

/** Reports whether a provider says where its endpoints are; else the policy does. */
export function isAsked({ authorization, token }: ProviderAt): boolean {
  return authorization === undefined || token === undefined;
}

function failureText(error: unknown): string {
  const { name = '', message = '', code = '' } = error as Partial<Error & { readonly code: string }>;
  return name === 'AbortError' ? 'no answer in time' : message || code || 'no answer';
}

function withOwn(
  endpoints: ProviderEndpoints | undefined,
  endSession: string | undefined,
): ProviderEndpoints | undefined {
  return endpoints === undefined || endSession === undefined ? endpoints : { ...endpoints, endSession };
}

/** @returns text: what is wrong, without what the answer says */
function parseEndpoints(body: string, wanted: string): ProviderEndpoints | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return 'answered no JSON';
  }
  if (typeof parsed !== 'object' || parsed === null) return 'answered no JSON object';
  const { issuer, authorization_endpoint, token_endpoint, end_session_endpoint } = parsed as Record<string, unknown>;
  if (typeof issuer !== 'string' || issuer.replace(/\/$/, '') !== wanted.replace(/\/$/, '')) {
    return 'answered for another issuer';
  }
  if (!isUrl(authorization_endpoint) || !isUrl(token_endpoint)) {
    return 'answered without authorization_endpoint and token_endpoint';
  }
  return {
    authorization: authorization_endpoint,
    token: token_endpoint,
    endSession: isUrl(end_session_endpoint) ? end_session_endpoint : undefined,
  };
}

function isUrl(value: unknown): value is string {
  return typeof value === 'string' && URL.canParse(value) && /^https?:/i.test(value);
}
