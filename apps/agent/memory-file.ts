import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/**
 * A few values that outlive the process: what was served last of things that are bad now. Written as a whole at every change, for
 * the owner's eyes only. A file that cannot be read is an empty one; one that cannot be written costs the memory, nothing else.
 */
export class MemoryFile<T> {
  readonly #path: string;
  readonly #onError: (error: unknown) => void;
  readonly #values: Map<string, T>;

  /** @param path its folder must exist */
  constructor(path: string, onError: (error: unknown) => void) {
    this.#path = path;
    this.#onError = onError;
    this.#values = load(path);
  }

  get(key: string): T | undefined {
    return this.#values.get(key);
  }

  /** @param value undefined: forgotten */
  set(key: string, value: T | undefined): void {
    const text = JSON.stringify(value);
    if (JSON.stringify(this.#values.get(key)) === text) return;
    if (value === undefined) this.#values.delete(key);
    else this.#values.set(key, value);
    try {
      writeFileSync(`${this.#path}.next`, JSON.stringify(Object.fromEntries(this.#values)), { mode: 0o600 });
      renameSync(`${this.#path}.next`, this.#path);
    } catch (error) {
      this.#onError(error);
    }
  }
}

function load<T>(path: string): Map<string, T> {
  try {
    return new Map(Object.entries(JSON.parse(readFileSync(path, 'utf8')) as Record<string, T>));
  } catch {
    return new Map();
  }
}
