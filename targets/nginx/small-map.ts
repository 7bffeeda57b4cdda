/**
 * A map of which there are very many, mostly with one entry: that one is held without a Map around it, which would cost
 * 180 bytes.
 */
export class SmallMap<Value> {
  #key: string | undefined;
  #value: Value | undefined;
  /** All entries, once there were two. */
  #entries: Map<string, Value> | undefined;

  get size(): number {
    return this.#entries?.size ?? (this.#key === undefined ? 0 : 1);
  }

  get(key: string): Value | undefined {
    if (this.#entries !== undefined) return this.#entries.get(key);
    return key === this.#key ? this.#value : undefined;
  }

  set(key: string, value: Value): void {
    if (this.#entries === undefined && this.#key !== undefined && this.#key !== key) {
      this.#entries = new Map(this);
      this.#key = undefined;
      this.#value = undefined;
    }
    if (this.#entries !== undefined) {
      this.#entries.set(key, value);
      return;
    }
    this.#key = key;
    this.#value = value;
  }

  delete(key: string): void {
    if (this.#entries !== undefined) this.#entries.delete(key);
    else if (key === this.#key) {
      this.#key = undefined;
      this.#value = undefined;
    }
  }

  /** In the order in which they were added; the entry at hand may be deleted meanwhile. */
  *[Symbol.iterator](): Generator<readonly [string, Value]> {
    if (this.#entries !== undefined) yield* this.#entries;
    else if (this.#key !== undefined && this.#value !== undefined) yield [this.#key, this.#value];
  }
}
