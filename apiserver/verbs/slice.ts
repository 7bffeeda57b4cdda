/** A turn of the event loop is given back after this long, so that a long list does not hold up a change. */
const SLICE_MS = 4;

/** Work in slices: `await slice.pause()` between items gives other requests their turn when the slice is used up. */
export class Slice {
  #until = performance.now() + SLICE_MS;

  /** Whether {@link pause} would yield now. Ask first in tight loops: an await costs more than this. */
  get isOver(): boolean {
    return performance.now() >= this.#until;
  }

  async pause(): Promise<void> {
    await new Promise(setImmediate);
    this.#until = performance.now() + SLICE_MS;
  }
}

/**
 * Begins `work` for every item, in slices, and waits for all of it: writes that are begun together share an fsync.
 *
 * @throws what the first failing work threw, when all has ended or failed
 */
export async function inSlices<Item, Result>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const slice = new Slice();
  const begun: Promise<Result>[] = [];
  for (const item of items) {
    if (slice.isOver) await slice.pause();
    const result = work(item);
    // It may fail before it is waited for below.
    result.catch(() => {});
    begun.push(result);
  }
  await Promise.allSettled(begun);
  return Promise.all(begun);
}
