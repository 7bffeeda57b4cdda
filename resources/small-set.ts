/** More are held in a Set: a list is searched from its begin. */
const FEW = 8;

/**
 * A set of strings of which there are very many, mostly with one element or few: one is held without a Set around it, which
 * would cost 200 bytes, and few in a list, which takes a fourth of a Set.
 */
export class SmallSet {
  #elements: string | readonly string[] | Set<string> | undefined;

  /** Returns whether it is new. */
  add(element: string): boolean {
    const elements = this.#elements;
    if (elements === undefined) {
      this.#elements = element;
      return true;
    }
    if (elements instanceof Set) {
      if (elements.has(element)) return false;
      elements.add(element);
      return true;
    }
    const few = typeof elements === 'string' ? [elements] : elements;
    if (few.includes(element)) return false;
    this.#elements = few.length < FEW ? few.concat(element) : new Set([...few, element]);
    return true;
  }

  delete(element: string): void {
    const elements = this.#elements;
    if (elements === element) this.#elements = undefined;
    else if (elements instanceof Set) elements.delete(element);
    else if (Array.isArray(elements)) this.#elements = elements.filter((each) => each !== element);
  }

  get isEmpty(): boolean {
    const elements = this.#elements;
    if (elements === undefined || typeof elements === 'string') return elements === undefined;
    return elements instanceof Set ? elements.size === 0 : elements.length === 0;
  }

  [Symbol.iterator](): Iterator<string> {
    const elements = this.#elements;
    if (elements === undefined || typeof elements === 'string')
      return (elements === undefined ? [] : [elements]).values();
    return elements.values();
  }
}
