/**
 * A set of strings of which there are very many, mostly with one element: that
 * one is held without a Set around it, which would cost 200 bytes.
 */
export class SmallSet {
  #elements: string | Set<string> | undefined;

  /** Returns whether it is new. */
  add(element: string): boolean {
    const elements = this.#elements;
    if (elements === undefined) {
      this.#elements = element;
      return true;
    }
    if (typeof elements === 'string') {
      if (elements === element) return false;
      this.#elements = new Set([elements, element]);
      return true;
    }
    if (elements.has(element)) return false;
    elements.add(element);
    return true;
  }

  delete(element: string): void {
    const elements = this.#elements;
    if (elements === element) this.#elements = undefined;
    else if (typeof elements === 'object') elements.delete(element);
  }

  get isEmpty(): boolean {
    return typeof this.#elements === 'object' ? this.#elements.size === 0 : this.#elements === undefined;
  }

  [Symbol.iterator](): Iterator<string> {
    const elements = this.#elements;
    if (typeof elements === 'object') return elements.values();
    return (elements === undefined ? [] : [elements]).values();
  }
}
