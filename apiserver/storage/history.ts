import type { Entry } from './entry.ts';

/** One committed change. `before` is absent for ADDED; `entry` of DELETED is the last state with the revision of the deletion. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  readonly entry: Entry;
  readonly before: Entry | undefined;
  /** Milliseconds since the epoch: when it was committed. */
  readonly time: number;
}

/**
 * The recent changes of one resource, oldest first, so that a watch can resume and a paged list can go on at the revision
 * it began with. What is older than the horizon is forgotten: such clients get 410 and list again.
 */
export class History {
  readonly #capacity: number;
  #changes: Change[] = [];
  #horizon: number;

  /**
   * @param horizon everything after this revision will be recorded
   * @param capacity most changes kept; up to twice as many for a moment
   */
  constructor(horizon: number, capacity = 4096) {
    this.#horizon = horizon;
    this.#capacity = capacity;
  }

  /** Every change with a greater revision is known. */
  get horizon(): number {
    return this.#horizon;
  }

  append(change: Change): void {
    this.#changes.push(change);
    if (this.#changes.length >= 2 * this.#capacity) this.#drop(this.#changes.length - this.#capacity);
  }

  /** Forgets what was committed before `time` (ms since the epoch), which gives its memory back. */
  forgetBefore(time: number): void {
    const first = this.#changes.findIndex((change) => change.time >= time);
    this.#drop(first < 0 ? this.#changes.length : first);
  }

  /** The changes after `revision`; undefined when some of them are forgotten. */
  since(revision: number): readonly Change[] | undefined {
    if (revision < this.#horizon) return undefined;
    let low = 0;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const change = this.#changes[middle];
      if (change !== undefined && change.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#changes.slice(low);
  }

  #drop(count: number): void {
    const last = this.#changes[count - 1];
    if (last === undefined) return;
    this.#horizon = last.revision;
    this.#changes = this.#changes.slice(count);
  }
}
