import { ColdText, ColdTexts } from './cold-text.ts';

/** Objects that are held as they are: those put last. A parsed Rule takes 3 KB, a cold one 250 bytes. */
const MOST_WARM = 4096;
/** The same after {@link ColdObjects.cool}; kinds with less than this are never cold. */
const IDLE_WARM = 256;

/** JSON objects by key. All but those put last are kept as compressed JSON and parsed when they are read. */
export class ColdObjects<T extends object> {
  readonly #objects = new Map<string, T | ColdText>();
  /** Keys of the objects held as they are, in the order in which they were put. */
  readonly #warm = new Set<string>();
  readonly #cold = new ColdTexts();

  get hasCold(): boolean {
    return this.#warm.size < this.#objects.size;
  }

  get(key: string): T | undefined {
    const object = this.#objects.get(key);
    return object instanceof ColdText ? parsed<T>(object) : object;
  }

  get size(): number {
    return this.#objects.size;
  }

  keys(): Iterable<string> {
    return this.#objects.keys();
  }

  *values(): Generator<T> {
    for (const object of this.#objects.values()) yield object instanceof ColdText ? parsed<T>(object) : object;
  }

  set(key: string, object: T): void {
    this.#objects.set(key, object);
    this.#warm.delete(key);
    this.#warm.add(key);
    this.#coolTo(MOST_WARM);
  }

  delete(key: string): void {
    this.#objects.delete(key);
    this.#warm.delete(key);
  }

  /** Holds only a few objects as they are. */
  cool(): void {
    this.#coolTo(IDLE_WARM);
  }

  #coolTo(most: number): void {
    for (const key of this.#warm) {
      if (this.#warm.size <= most) return;
      this.#warm.delete(key);
      const object = this.#objects.get(key);
      if (object === undefined || object instanceof ColdText) continue;
      this.#objects.set(key, this.#cold.add(JSON.stringify(object)));
    }
  }
}

/** The text was made from such an object. */
function parsed<T>(text: ColdText): T {
  return JSON.parse(text.read()) as T;
}
