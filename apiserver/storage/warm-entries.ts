import { ColdTexts } from '@causeway/apis/meta/cold-text';
import type { Entry } from './entry.ts';

/** Enough for what clients work on at the moment. */
const MOST = 4096;
/** The same for a server that has become idle. */
const MOST_IDLE = 512;

/** Which entries of a collection hold their text as it is: those written last. The others are made cold. */
export class WarmEntries {
  readonly #texts = new ColdTexts();
  /** In the order in which they were written. */
  readonly #entries = new Set<Entry>();

  add(entry: Entry): void {
    this.#entries.add(entry);
    this.#coolTo(MOST);
  }

  /** Now: the entry was replaced, and only the history needs it. */
  retire(entry: Entry): void {
    this.#entries.delete(entry);
    entry.cool(this.#texts);
  }

  cool(): void {
    this.#coolTo(MOST_IDLE);
  }

  #coolTo(most: number): void {
    for (const entry of this.#entries) {
      if (this.#entries.size <= most) return;
      this.#entries.delete(entry);
      entry.cool(this.#texts);
    }
  }
}
