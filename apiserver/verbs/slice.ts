/** Long work ends a turn of the event loop after this long, so that it does not hold up a change. */
const TURN_MS = 2;

/**
 * Who of all that is long goes on in the next turn of the event loop: one, whatever their number, and of users who have long work one
 * after the other. A user with fifty lists takes as much of the processor from others as one with a single list.
 */
class Turns {
  /** Those that wait, by user, in the order of their next turn. */
  readonly #waiting = new Map<string, (() => void)[]>();
  /** When the long work of this turn has to end; 0: none has begun. */
  #until = 0;
  #scheduled = false;

  get isOver(): boolean {
    const now = performance.now();
    if (this.#until !== 0) return now >= this.#until;
    this.#begin(now);
    return false;
  }

  next(user: string): Promise<void> {
    this.#schedule();
    return new Promise((resolve) => {
      const line = this.#waiting.get(user);
      if (line === undefined) this.#waiting.set(user, [resolve]);
      else line.push(resolve);
    });
  }

  #begin(now: number): void {
    this.#until = now + TURN_MS;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#until = 0;
      const resume = this.#take();
      if (resume === undefined) return;
      this.#begin(performance.now());
      resume();
    });
  }

  #take(): (() => void) | undefined {
    for (const [user, line] of this.#waiting) {
      const resume = line.shift();
      // Behind all others for the turn after this one.
      this.#waiting.delete(user);
      if (line.length > 0) this.#waiting.set(user, line);
      return resume;
    }
    return undefined;
  }
}

const turns = new Turns();

/** Work in slices: `await slice.pause()` between items gives others their turn when this one is used up. */
export class Slice {
  readonly #user: string;

  /** @param user for whom it is done; `''`: the server itself */
  constructor(user = '') {
    this.#user = user;
  }

  /** Whether it is time to {@link pause}. Ask first in tight loops: an await costs more than this. */
  get isOver(): boolean {
    return turns.isOver;
  }

  pause(): Promise<void> {
    return turns.next(this.#user);
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
