/**
 * Keys of issuers, fetched when a token asks for them and kept: for as long as the policy says, or until a token names a key that is not among
 * them, and at least {@link RETRY_MS}. While an issuer does not answer, its last keys count.
 */
import type { JWK } from 'jose';
import type { FetchService, ServiceQuestion } from '../service-fetch.ts';

export interface KeySource extends Pick<ServiceQuestion, 'url' | 'at'> {
  readonly seconds: number;
}

interface Entry {
  keys: readonly JWK[];
  /** Milliseconds; before 0: never. */
  fetchedAt: number;
  triedAt: number;
  pending: Promise<void> | undefined;
}

export const RETRY_MS = 2000;
const MOST_SETS = 500;
const MOST_KEYS = 100;

export class KeySets {
  readonly #fetch: FetchService;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();

  /** @param now milliseconds that only grow */
  constructor(fetch: FetchService, now: () => number) {
    this.#fetch = fetch;
    this.#now = now;
  }

  /** @returns empty when they never could be had */
  async keysOf(source: KeySource): Promise<readonly JWK[]> {
    const entry = this.#entryOf(source);
    if (this.#now() - entry.fetchedAt >= source.seconds * 1000) await this.#refresh(entry, source);
    return entry.keys;
  }

  /** After a key that is not among them was asked for. */
  async newerKeysOf(source: KeySource): Promise<readonly JWK[]> {
    const entry = this.#entryOf(source);
    await this.#refresh(entry, source);
    return entry.keys;
  }

  #entryOf({ url, at }: KeySource): Entry {
    const name = `${url} ${at?.host ?? ''} ${at?.port ?? ''} ${at?.tls ?? ''}`;
    const known = this.#entries.get(name);
    if (known !== undefined) return known;
    const [oldest] = this.#entries.keys();
    if (this.#entries.size >= MOST_SETS && oldest !== undefined) this.#entries.delete(oldest);
    const entry: Entry = { keys: [], fetchedAt: -Infinity, triedAt: -Infinity, pending: undefined };
    this.#entries.set(name, entry);
    return entry;
  }

  async #refresh(entry: Entry, source: KeySource): Promise<void> {
    if (entry.pending === undefined && this.#now() - entry.triedAt < RETRY_MS) return;
    entry.pending ??= this.#fetchInto(entry, source).finally(() => {
      entry.pending = undefined;
    });
    await entry.pending;
  }

  async #fetchInto(entry: Entry, source: KeySource): Promise<void> {
    try {
      const { status, body } = await this.#fetch(source);
      const keys = status === 200 ? parseKeySet(body) : undefined;
      if (keys !== undefined) {
        entry.keys = keys;
        entry.fetchedAt = this.#now();
      }
    } catch {
      // The last ones count.
    } finally {
      entry.triedAt = this.#now();
    }
  }
}

/** @returns undefined for what is no JSON Web Key Set */
export function parseKeySet(text: string): readonly JWK[] | undefined {
  try {
    const { keys } = JSON.parse(text) as { readonly keys?: unknown };
    if (!Array.isArray(keys)) return undefined;
    return keys.filter((key): key is JWK => typeof key === 'object' && key !== null).slice(0, MOST_KEYS);
  } catch {
    return undefined;
  }
}
