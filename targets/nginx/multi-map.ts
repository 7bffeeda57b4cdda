const NONE: ReadonlySet<string> = new Set();

/** Text -> set of texts, without empty sets. */
export class MultiMap {
  readonly #sets = new Map<string, Set<string>>();

  add(key: string, value: string): void {
    const set = this.#sets.get(key);
    if (set === undefined) this.#sets.set(key, new Set([value]));
    else set.add(value);
  }

  delete(key: string, value: string): void {
    const set = this.#sets.get(key);
    if (set?.delete(value) && set.size === 0) this.#sets.delete(key);
  }

  get(key: string): ReadonlySet<string> {
    return this.#sets.get(key) ?? NONE;
  }

  has(key: string): boolean {
    return this.#sets.has(key);
  }

  keys(): Iterable<string> {
    return this.#sets.keys();
  }
}
