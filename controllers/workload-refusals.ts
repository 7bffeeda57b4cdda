import { type ObjectKey, objectKeyText, parseObjectKey } from '@causeway/apis/meta/object';

/** What the API server refuses of the objects of data planes, for the status of those that they are made for. */
export class WorkloadRefusals {
  readonly #messages = new Map<string, string>();
  readonly #onChange: (owner: ObjectKey) => void;

  /** @param onChange called with an owner of whom something else is refused than before */
  constructor(onChange: (owner: ObjectKey) => void) {
    this.#onChange = onChange;
  }

  /** Replaces what is refused of an owner; none: all is there. */
  put(owner: ObjectKey, messages: readonly string[]): void {
    const key = objectKeyText(owner);
    const text = messages.join('; ');
    if ((this.#messages.get(key) ?? '') === text) return;
    if (text === '') this.#messages.delete(key);
    else this.#messages.set(key, text);
    this.#onChange(parseObjectKey(key));
  }

  /** In the words of the API server; undefined: nothing. */
  of(owner: ObjectKey): string | undefined {
    return this.#messages.get(objectKeyText(owner));
  }
}
