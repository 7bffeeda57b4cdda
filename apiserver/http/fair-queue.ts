import { StatusError } from '../status-error.ts';

/** Requests that are served at a time, watches not counted. */
const AT_A_TIME = 512;
/** Requests of one user that wait; more are refused. */
const WAITING = 16_384;
const RETRY_SECONDS = 1;
/** Requests that come in one turn of the event loop begin at once for this long. */
const TURN_MS = 2;
/** Those that wait then begin so many a turn: with fewer, writes share less of what a turn and a commit cost. */
const BEGUN_A_TURN = 8;

interface Line {
  running: number;
  readonly waiting: (() => void)[];
}

/**
 * Lets users take turns when there is more to do than can be done at a time: one who sends thousands of requests at once, or reads
 * answers slowly, has at most half of the places, and holds up only themselves. When many requests have come at the same moment, a few
 * begin, one user after the other, and what came meanwhile is read in between: a write of somebody else waits for some of them, not for
 * all.
 *
 * Source: the aims of Kubernetes, "API Priority and Fairness", with one level and one flow per user.
 */
export class FairQueue {
  readonly #places: number;
  readonly #placesOfOne: number;
  readonly #waitingMost: number;
  #running = 0;
  #waiting = 0;
  /** When requests of this turn of the event loop no longer begin at once; 0: none has begun. */
  #until = 0;
  #scheduled = false;
  /** Users with requests, in the order of their next turn. */
  readonly #lines = new Map<string, Line>();

  constructor(limits: { readonly atATime?: number; readonly waiting?: number } = {}) {
    this.#places = limits.atATime ?? AT_A_TIME;
    this.#placesOfOne = Math.ceil(this.#places / 2);
    this.#waitingMost = limits.waiting ?? WAITING;
  }

  /** Waits for the turn; what it returns ends it. @throws StatusError 429 */
  async enter(user: string): Promise<() => void> {
    const line = this.#lines.get(user) ?? { running: 0, waiting: [] };
    this.#lines.set(user, line);
    if (this.#waiting === 0 && this.#hasPlace(line) && !this.#turnIsOver()) this.#begin(line);
    else if (line.waiting.length >= this.#waitingMost) throw tooManyRequests();
    else await this.#turnOf(line);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#leave(user, line);
    };
  }

  #hasPlace({ running }: Line): boolean {
    return this.#running < this.#places && running < this.#placesOfOne;
  }

  #turnIsOver(): boolean {
    const now = performance.now();
    if (this.#until !== 0) return now >= this.#until;
    this.#until = now + TURN_MS;
    this.#schedule();
    return false;
  }

  #turnOf(line: Line): Promise<void> {
    this.#waiting++;
    this.#schedule();
    return new Promise((resolve) => line.waiting.push(resolve));
  }

  /** When what came has been read, a new turn begins. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#until = 0;
      let begun = 0;
      while (begun < BEGUN_A_TURN && this.#waiting > 0 && this.#beginNext()) begun++;
      if (this.#waiting > 0 && begun > 0) this.#schedule();
    });
  }

  #begin(line: Line): void {
    this.#running++;
    line.running++;
  }

  #leave(user: string, line: Line): void {
    this.#running--;
    line.running--;
    if (line.running === 0 && line.waiting.length === 0) this.#lines.delete(user);
    if (this.#waiting > 0) this.#schedule();
  }

  /** @returns false when nobody has a place */
  #beginNext(): boolean {
    for (const [user, line] of this.#lines) {
      if (!this.#hasPlace(line)) continue;
      const begin = line.waiting.shift();
      if (begin === undefined) continue;
      this.#waiting--;
      // Behind all others for the turn after this one.
      this.#lines.delete(user);
      this.#lines.set(user, line);
      this.#begin(line);
      begin();
      return true;
    }
    return false;
  }
}

/** Source: apiserver pkg/server/filters/maxinflight.go. */
function tooManyRequests(): StatusError {
  return new StatusError(429, 'TooManyRequests', 'Too many requests, please try again later.', {
    details: { retryAfterSeconds: RETRY_SECONDS },
  });
}
