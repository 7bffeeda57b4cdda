import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Users } from './htpasswd.ts';

export interface DigestQuestion {
  /** By `user:realm`: HA1, in hexadecimal digits; its length tells the algorithm. */
  readonly users: Users;
  readonly realm: string;
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  /** What follows `Digest `; undefined: nothing was sent. */
  readonly credentials: string | undefined;
}

export type DigestVerdict =
  | { readonly verdict: 'yes'; readonly user: string }
  | { readonly verdict: 'no'; readonly challenges: readonly string[] };

const NONCE_MS = 5 * 60_000;
/** Nonces whose counts are known; with more, clients must take a new one. */
const MAX_NONCES = 10_000;

type Algorithm = 'MD5' | 'SHA-256';
const HASHES = { MD5: 'md5', 'SHA-256': 'sha256' } as const;

/**
 * Digest access authentication with `qop=auth`, MD5 and SHA-256. A nonce says itself when it was made, sealed, so that one that
 * nobody answers costs no memory; each count of one that was answered rightly is good once, in any order.
 *
 * Source: RFC 7616; spec ALB-95.
 */
export class DigestCheck {
  readonly #key = randomBytes(32);
  readonly #now: () => number;
  readonly #used = new Map<string, Set<number>>();

  /** @param now milliseconds since 1970 */
  constructor(now: () => number) {
    this.#now = now;
  }

  verify(question: DigestQuestion): DigestVerdict {
    const { credentials, users, realm } = question;
    const fields = credentials === undefined ? undefined : parseFields(credentials);
    const user = fields === undefined ? undefined : this.#answeredRightly(fields, question);
    if (fields === undefined || user === undefined) return this.#refuse(users, realm, false);
    const nonce = fields['nonce'] ?? '';
    if (!this.#isFresh(nonce)) return this.#refuse(users, realm, true);
    const used = this.#usedOf(nonce);
    if (used === undefined) return this.#refuse(users, realm, true);
    const count = Number.parseInt(fields['nc'] ?? '', 16);
    if (used.has(count)) return this.#refuse(users, realm, false);
    used.add(count);
    return { verdict: 'yes', user };
  }

  #answeredRightly(fields: Fields, { users, realm, method, target }: DigestQuestion): string | undefined {
    const { username = '', realm: sentRealm, uri, qop, nc = '', cnonce = '', response = '', nonce = '' } = fields;
    const algorithm = fields['algorithm'] ?? 'MD5';
    if (algorithm !== 'MD5' && algorithm !== 'SHA-256') return undefined;
    if (sentRealm !== realm || uri !== target || qop !== 'auth') return undefined;
    if (!/^[0-9a-f]{8}$/i.test(nc) || cnonce === '' || !this.#isOurs(nonce)) return undefined;
    const ha1 = users.get(`${username}:${realm}`)?.toLowerCase() ?? '';
    if (!new RegExp(`^[0-9a-f]{${algorithm === 'MD5' ? 32 : 64}}$`).test(ha1)) return undefined;
    const hash = (text: string): string => createHash(HASHES[algorithm]).update(text).digest('hex');
    const expected = hash(`${ha1}:${nonce}:${nc}:${cnonce}:${qop}:${hash(`${method}:${uri}`)}`);
    return isSame(response.toLowerCase(), expected) ? username : undefined;
  }

  #refuse(users: Users, realm: string, stale: boolean): DigestVerdict {
    const nonce = this.#newNonce();
    const known = new Set([...users.values()].map((ha1) => (ha1.length === 64 ? 'SHA-256' : 'MD5')));
    const algorithms = (['SHA-256', 'MD5'] as const).filter((algorithm) => known.has(algorithm));
    const challenges = (algorithms.length === 0 ? (['SHA-256'] as const) : algorithms).map((algorithm) =>
      challenge(realm, nonce, algorithm, stale),
    );
    return { verdict: 'no', challenges };
  }

  #newNonce(): string {
    const text = `${this.#now().toString(36)}.${randomBytes(9).toString('base64url')}`;
    return `${text}.${this.#seal(text)}`;
  }

  #isOurs(nonce: string): boolean {
    const end = nonce.lastIndexOf('.');
    return end > 0 && isSame(nonce.slice(end + 1), this.#seal(nonce.slice(0, end)));
  }

  #isFresh(nonce: string): boolean {
    return this.#now() - Number.parseInt(nonce, 36) < NONCE_MS;
  }

  #seal(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url');
  }

  #usedOf(nonce: string): Set<number> | undefined {
    const known = this.#used.get(nonce);
    if (known !== undefined) return known;
    if (this.#used.size >= MAX_NONCES)
      for (const old of this.#used.keys()) if (!this.#isFresh(old)) this.#used.delete(old);
    if (this.#used.size >= MAX_NONCES) return undefined;
    const used = new Set<number>();
    this.#used.set(nonce, used);
    return used;
  }
}

type Fields = Readonly<Record<string, string | undefined>>;

function challenge(realm: string, nonce: string, algorithm: Algorithm, stale: boolean): string {
  const quoted = realm.replaceAll(/["\\]/g, '\\$&');
  return `Digest realm="${quoted}", qop="auth", algorithm=${algorithm}, nonce="${nonce}"${stale ? ', stale=true' : ''}`;
}

/** @returns undefined when the text is no list of parameters, or one is there twice */
function parseFields(text: string): Fields | undefined {
  const fields: Record<string, string | undefined> = Object.create(null) as Record<string, string | undefined>;
  const parameter = /\s*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?:,|$)/y;
  while (parameter.lastIndex < text.length) {
    const match = parameter.exec(text);
    if (match === null) return undefined;
    const name = (match[1] ?? '').toLowerCase();
    if (fields[name] !== undefined) return undefined;
    fields[name] = match[2] === undefined ? (match[3] ?? '') : match[2].replaceAll(/\\(.)/g, '$1');
  }
  return fields;
}

function isSame(text: string, expected: string): boolean {
  const [a, b] = [Buffer.from(text), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
