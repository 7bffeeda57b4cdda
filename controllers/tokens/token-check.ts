/**
 * Verifies JSON Web Tokens. The algorithm of a token must be one that its key is for: a public key never verifies an HMAC, and nothing verifies
 * `none`. Tokens that readers could understand in two ways (members of one name, other than compact serialization) are refused, and those
 * with extensions (`crit`).
 *
 * Source: GW-36; RFC 7515, RFC 7518, RFC 7519, RFC 8725 section 3.
 */
import type { AgentAnswer, JwtProvider, VerifiedToken } from '@causeway/targets/nginx/question-server';
import { type CryptoKey, compactVerify, importJWK, type JWK } from 'jose';
import { hasDuplicateNames } from './duplicate-names.ts';
import { type KeySets, parseKeySet } from './key-sets.ts';
import {
  type Claims,
  claimAt,
  claimsProblem,
  comparable,
  headerText,
  list,
  SKEW_SECONDS,
  scopesOf,
} from './token-claims.ts';

interface Key {
  readonly kty: string;
  readonly crv?: string;
}

const RSA: Key = { kty: 'RSA' };
const OCT: Key = { kty: 'oct' };

/** By algorithm, which key it needs. */
const KEYS: ReadonlyMap<string, Key> = new Map([
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'].map((name) => [name, RSA] as const),
  ...['HS256', 'HS384', 'HS512'].map((name) => [name, OCT] as const),
  ['ES256', { kty: 'EC', crv: 'P-256' }],
  ['ES384', { kty: 'EC', crv: 'P-384' }],
  ['ES512', { kty: 'EC', crv: 'P-521' }],
  ['EdDSA', { kty: 'OKP', crv: 'Ed25519' }],
]);

/** Signatures that are being verified; who comes when there are more is told to come again. */
const MOST_UNDER_WAY = 64;
/** Keys that a token without a name of its key is tried with. */
const MOST_TRIES = 8;
/** A token that never ends. */
const FOREVER = 2 ** 40;

interface Parts {
  readonly alg: string;
  readonly kid: string | undefined;
  readonly claims: Claims;
}

export class TokenCheck {
  readonly #sets: KeySets;
  readonly #seconds: () => number;
  readonly #imported = new WeakMap<JWK, Map<string, Promise<CryptoKey | Uint8Array>>>();
  readonly #local = new Map<string, readonly JWK[]>();
  #underWay = 0;

  /** @param seconds since 1970 */
  constructor(sets: KeySets, seconds: () => number) {
    this.#sets = sets;
    this.#seconds = seconds;
  }

  /** Is it a good token of one of these issuers? */
  async verify(token: string, providers: readonly JwtProvider[]): Promise<AgentAnswer> {
    const parts = partsOf(token);
    if (parts === undefined) return { verdict: 'no' };
    if (this.#underWay >= MOST_UNDER_WAY) return { verdict: 'busy' };
    this.#underWay++;
    try {
      for (const provider of list(providers)) {
        if (claimsProblem(parts.claims, provider, this.#seconds()) !== undefined) continue;
        if (await this.#isSigned(token, parts, provider.keys)) {
          return { verdict: 'yes', token: verified(parts.claims, provider) };
        }
      }
      return { verdict: 'no' };
    } finally {
      this.#underWay--;
    }
  }

  async #isSigned(token: string, parts: Parts, source: JwtProvider['keys']): Promise<boolean> {
    if (source.type === 'local') return this.#isSignedBy(token, parts, this.#localKeys(source.text));
    const keys = await this.#sets.keysOf(source);
    if (await this.#isSignedBy(token, parts, keys)) return true;
    // Issuers that change their keys name them.
    if (keys.length > 0 && (parts.kid === undefined || keys.some(({ kid }) => kid === parts.kid))) return false;
    const newer = await this.#sets.newerKeysOf(source);
    return newer !== keys && this.#isSignedBy(token, parts, newer);
  }

  async #isSignedBy(token: string, { alg, kid }: Parts, keys: readonly JWK[]): Promise<boolean> {
    const candidates = keys.filter((key) => mayVerify(key, alg, kid)).slice(0, MOST_TRIES);
    for (const key of candidates) {
      try {
        await compactVerify(token, await this.#import(key, alg), { algorithms: [alg] });
        return true;
      } catch {
        // Not by this one.
      }
    }
    return false;
  }

  #import(key: JWK, alg: string): Promise<CryptoKey | Uint8Array> {
    const known = this.#imported.get(key) ?? new Map<string, Promise<CryptoKey | Uint8Array>>();
    this.#imported.set(key, known);
    const found = known.get(alg) ?? importJWK(key, alg);
    known.set(alg, found);
    return found;
  }

  /** Read once, so that its keys are imported once. */
  #localKeys(text: string): readonly JWK[] {
    const known = this.#local.get(text);
    if (known !== undefined) return known;
    const keys = parseKeySet(text) ?? [];
    if (this.#local.size >= MOST_UNDER_WAY) this.#local.clear();
    this.#local.set(text, keys);
    return keys;
  }
}

/** @returns undefined for what no issuer would sign */
function partsOf(token: string): Parts | undefined {
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return undefined;
  const [head = '', payload = ''] = token.split('.');
  const header = objectIn(head);
  const claims = objectIn(payload);
  if (header === undefined || claims === undefined) return undefined;
  const { alg, kid, crit } = header;
  if (typeof alg !== 'string' || !KEYS.has(alg) || crit !== undefined) return undefined;
  if (kid !== undefined && typeof kid !== 'string') return undefined;
  return { alg, kid, claims };
}

function objectIn(base64url: string): Claims | undefined {
  try {
    const json = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64url, 'base64url'));
    const value: unknown = JSON.parse(json);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject && !hasDuplicateNames(json) ? (value as Claims) : undefined;
  } catch {
    return undefined;
  }
}

function mayVerify(key: JWK, alg: string, kid: string | undefined): boolean {
  const wanted = KEYS.get(alg);
  if (wanted === undefined || key.kty !== wanted.kty || (wanted.crv !== undefined && key.crv !== wanted.crv))
    return false;
  if (kid !== undefined && key.kid !== undefined && key.kid !== kid) return false;
  if (key.alg !== undefined && key.alg !== alg) return false;
  if (key.use !== undefined && key.use !== 'sig') return false;
  return key.key_ops === undefined || key.key_ops.includes('verify');
}

function verified(claims: Claims, { name, claimHeaders, claims: asked }: JwtProvider): VerifiedToken {
  const { exp } = claims;
  return {
    provider: name,
    until: typeof exp === 'number' ? exp + SKEW_SECONDS : FOREVER,
    headers: found(
      list(claimHeaders).map(({ claim }) => claim),
      (claim) => headerText(claimAt(claims, claim)),
    ),
    claims: found(list(asked), (claim) => comparable(claimAt(claims, claim))),
    scopes: scopesOf(claims),
  };
}

function found<T>(names: readonly string[], read: (name: string) => T | undefined): Record<string, T> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = read(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
