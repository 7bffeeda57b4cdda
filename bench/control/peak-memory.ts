import type { BenchHome } from './home.ts';

const LOOK_MS = 250;

/** Looks at the memory of a control plane again and again, and keeps the look with the greatest total. */
export class PeakMemory {
  readonly #home: BenchHome;
  readonly #timer: NodeJS.Timeout;
  #most: Readonly<Record<string, number>>;

  constructor(home: BenchHome) {
    this.#home = home;
    this.#most = home.memory();
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  stop(): Readonly<Record<string, number>> {
    clearInterval(this.#timer);
    this.#look();
    return this.#most;
  }

  #look(): void {
    const now = this.#home.memory();
    if ((now['total'] ?? 0) > (this.#most['total'] ?? 0)) this.#most = now;
  }
}
