/** Where a request has tokens, and which rules hold for them; the same in nginx and in explain. Source: GW-36; RFC 6750. */

import { lowerCase, slice } from '#platform';
import type { AskedAddress } from './asked-address.ts';
import type { AuthorizationStep } from './authorization.ts';
import type { RequestView } from './request-view.ts';

export interface JwtStep {
  readonly type: 'jwt';
  /** Hash of the other fields: what is remembered of tokens belongs to it. */
  readonly id: string;
  readonly providers: readonly JwtProvider[];
  readonly optional: boolean;
  readonly authorization?: AuthorizationStep;
}

export interface JwtProvider {
  readonly name: string;
  readonly issuer?: string;
  readonly audiences: readonly string[];
  readonly keys: JwtKeys;
  readonly places: readonly JwtPlace[];
  readonly claimHeaders: readonly { readonly name: string; readonly claim: string }[];
  readonly claims: readonly string[];
}

export type JwtKeys =
  | { readonly type: 'local'; readonly text: string }
  | {
      readonly type: 'remote';
      readonly url: string;
      readonly seconds: number;
      readonly at?: AskedAddress;
    };

export interface JwtPlace {
  readonly in: 'header' | 'query' | 'cookie';
  readonly name: string;
  readonly prefix?: string;
}

/** A token of a request, and those of whom it may be. */
export interface FoundToken {
  readonly text: string;
  readonly providers: JwtProvider[];
}

/** A request with more tokens than this shows none that is looked at. */
export const MOST_TOKENS = 4;

/** All of a request, each once. */
export function tokensIn(providers: readonly JwtProvider[], request: RequestView): readonly FoundToken[] {
  const found: FoundToken[] = [];
  for (const provider of providers) {
    for (const place of provider.places) addTokens(found, provider, place, request);
  }
  return found;
}

function addTokens(found: FoundToken[], provider: JwtProvider, place: JwtPlace, request: RequestView): void {
  switch (place.in) {
    case 'header': {
      const value = request.header(place.name);
      const { prefix } = place;
      if (value === undefined) return;
      if (prefix === undefined) addToken(found, provider, value);
      else if (lowerCase(slice(value, 0, prefix.length)) === prefix) {
        addToken(found, provider, slice(value, prefix.length, value.length));
      }
      return;
    }
    case 'query': {
      for (const value of request.query(place.name) ?? []) addToken(found, provider, value);
      return;
    }
    case 'cookie': {
      const value = request.cookie(place.name);
      if (value !== undefined) addToken(found, provider, value);
      return;
    }
  }
}

function addToken(found: FoundToken[], provider: JwtProvider, text: string): void {
  for (const each of found) {
    if (each.text === text) {
      for (const known of each.providers) if (known === provider) return;
      each.providers.push(provider);
      return;
    }
  }
  if (text !== '' && found.length <= MOST_TOKENS) found.push({ text, providers: [provider] });
}
