/** Growing, jittered delays between attempts of something that fails: 100 ms doubling to 10 s, each times 0.5 to 1. */
export class Backoff {
  readonly #random: () => number;
  #failures = 0;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** The delay before the next attempt, in milliseconds. */
  next(): number {
    const longest = Math.min(100 * 2 ** Math.min(this.#failures, 20), 10_000);
    this.#failures += 1;
    return longest * (0.5 + 0.5 * this.#random());
  }

  reset(): void {
    this.#failures = 0;
  }
}
