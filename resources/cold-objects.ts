import { ColdText, ColdTexts } from '@causeway/apis/meta/cold-text';
import type { KubernetesObject } from '@causeway/apis/meta/object';

/** Objects that are held as they are: those put last. A parsed Rule takes 3 KB, a cold one 250 bytes. */
const MOST_WARM = 4096;
/** The same after {@link ColdObjects.cool}; kinds with less than this are never cold. */
const IDLE_WARM = 256;

/** Objects by key. All but those put last are kept as compressed JSON and parsed when they are read. */
export class ColdObjects {
  readonly #objects = new Map<string, KubernetesObject | ColdText>();
  /** Keys of the objects held as they are, in the order in which they were put. */
  readonly #warm = new Set<string>();
  readonly #cold = new ColdTexts();

  get hasCold(): boolean {
    return this.#warm.size < this.#objects.size;
  }

  get(key: string): KubernetesObject | undefined {
    const object = this.#objects.get(key);
    return object instanceof ColdText ? parsed(object) : object;
  }

  keys(): Iterable<string> {
    return this.#objects.keys();
  }

  *values(): Generator<KubernetesObject> {
    for (const object of this.#objects.values()) yield object instanceof ColdText ? parsed(object) : object;
  }

  set(key: string, object: KubernetesObject): void {
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

/** The text was made from an object of that kind. */
function parsed(text: ColdText): KubernetesObject {
  return JSON.parse(text.read()) as KubernetesObject;
}
