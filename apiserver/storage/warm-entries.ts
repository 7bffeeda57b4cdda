import { ColdTexts } from '@causeway/apis/meta/cold-text';
import type { Entry } from './entry.ts';

/** Enough for what clients work on at the moment. */
const MOST = 512;
/** The same while a store is loaded: its clients are about to list everything. */
const MOST_LOADED = 8192;
/** Entries made cold by one write, so that none takes long. */
const AT_ONCE = 8;

/** Which entries of a collection hold their text as it is: those written last. The others are made cold. */
export class WarmEntries {
  readonly #texts = new ColdTexts();
  /** In the order in which they were written. */
  readonly #entries = new Set<Entry>();

  /** @param loading at the start of the server */
  add(entry: Entry, loading = false): void {
    this.#entries.add(entry);
    const most = loading ? MOST_LOADED : MOST;
    let left = AT_ONCE;
    for (const oldest of this.#entries) {
      if (this.#entries.size <= most || left === 0) return;
      left -= 1;
      this.retire(oldest);
    }
  }

  /** Now: the entry was replaced, and only the history needs it. */
  retire(entry: Entry): void {
    this.#entries.delete(entry);
    entry.cool(this.#texts);
  }
}
