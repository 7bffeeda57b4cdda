import type { Entry } from './entry.ts';

const RANGES_MAX = 16;

/** Entries by key, in the order of their keys (that of etcd: the bytes of `namespace/name`). */
export class SortedEntries {
  readonly #byKey = new Map<string, Entry>();
  #keys: string[] = [];
  /** By namespace, until something changes. */
  readonly #ranges = new Map<string, readonly Entry[]>();

  get size(): number {
    return this.#keys.length;
  }

  get(key: string): Entry | undefined {
    return this.#byKey.get(key);
  }

  set(entry: Entry): void {
    this.#ranges.clear();
    if (!this.#byKey.has(entry.key)) {
      const at = this.#position(entry.key);
      if (at === this.#keys.length) this.#keys.push(entry.key);
      else this.#keys.splice(at, 0, entry.key);
    }
    this.#byKey.set(entry.key, entry);
  }

  delete(key: string): void {
    this.#ranges.clear();
    if (this.#byKey.delete(key)) this.#keys.splice(this.#position(key), 1);
  }

  /** The entries of `namespace` (`''`: of all) at this moment: the same array until one changes. */
  range(namespace: string): readonly Entry[] {
    const known = this.#ranges.get(namespace);
    if (known !== undefined) return known;
    const from = namespace === '' ? 0 : this.#position(`${namespace}/`);
    // '0' is the character after '/'.
    const to = namespace === '' ? this.#keys.length : this.#position(`${namespace}0`);
    const entries: Entry[] = [];
    for (let index = from; index < to; index++) {
      const entry = this.#byKey.get(this.#keys[index] ?? '');
      if (entry !== undefined) entries.push(entry);
    }
    if (this.#ranges.size >= RANGES_MAX) this.#ranges.clear();
    this.#ranges.set(namespace, entries);
    return entries;
  }

  /** Index of the first key that is not less than `key`. */
  #position(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    // Objects are mostly created, and always loaded, in ascending order.
    if (high > 0 && (this.#keys[high - 1] ?? '') < key) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] ?? '') < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
