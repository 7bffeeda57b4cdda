import { ColdText, ColdTexts } from './cold-text.ts';

/** Objects that are held as they are: those put last. A parsed Rule takes 3 KB, a cold one 250 bytes. */
const MOST_WARM = 512;
/** The same while many are loaded at once: all of them are about to be read. */
const MOST_LOADED = 8192;
/** Objects made cold by one change, so that none takes long. */
const AT_ONCE = 8;

/** JSON objects by key. All but those put last are kept as compressed text and parsed when they are read. */
export class ColdObjects<T extends object> {
  readonly #objects = new Map<string, T | ColdText>();
  /** Keys of the objects held as they are, in the order in which they were put. */
  readonly #warm = new Set<string>();
  readonly #cold = new ColdTexts();
  /** The cold object that was read last, as it was parsed: one that changes is read several times in a row. */
  #lastText: ColdText | undefined;
  #lastObject: T | undefined;

  get size(): number {
    return this.#objects.size;
  }

  get hasCold(): boolean {
    return this.#warm.size < this.#objects.size;
  }

  get(key: string): T | undefined {
    const object = this.#objects.get(key);
    if (!(object instanceof ColdText)) return object;
    if (this.#lastText !== object) {
      this.#lastObject = parsed<T>(object);
      this.#lastText = object;
    }
    return this.#lastObject;
  }

  has(key: string): boolean {
    return this.#objects.has(key);
  }

  keys(): Iterable<string> {
    return this.#objects.keys();
  }

  *values(): Generator<T> {
    for (const object of this.#objects.values()) yield object instanceof ColdText ? parsed<T>(object) : object;
  }

  /** @param loading one of many that come at once */
  set(key: string, object: T, loading = false): void {
    this.#objects.set(key, object);
    this.#warm.delete(key);
    this.#warm.add(key);
    this.#cool(loading ? MOST_LOADED : MOST_WARM);
  }

  delete(key: string): void {
    this.#objects.delete(key);
    this.#warm.delete(key);
  }

  #cool(most: number): void {
    let left = AT_ONCE;
    for (const key of this.#warm) {
      if (this.#warm.size <= most || left === 0) return;
      left -= 1;
      this.#warm.delete(key);
      const object = this.#objects.get(key);
      if (object !== undefined && !(object instanceof ColdText)) {
        this.#objects.set(key, this.#cold.add(JSON.stringify(object)));
      }
    }
  }
}

/** The text was made from such an object. */
function parsed<T>(text: ColdText): T {
  return JSON.parse(text.read()) as T;
}
