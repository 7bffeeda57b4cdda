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
