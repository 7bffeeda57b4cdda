import { StatusError } from '../status-error.ts';

/** Requests that are served at a time, watches not counted. */
const AT_A_TIME = 512;
/** Requests of one user that wait; more are refused. */
const WAITING = 16_384;
const RETRY_SECONDS = 1;

interface Line {
  running: number;
  readonly waiting: (() => void)[];
}

/**
 * Lets users take turns when there is more to do than can be done at a time: one who sends thousands of requests at once, or reads
 * answers slowly, has at most half of the places, and holds up only themselves.
 *
 * Source: the aims of Kubernetes, "API Priority and Fairness", with one level and one flow per user.
 */
export class FairQueue {
  readonly #places: number;
  readonly #placesOfOne: number;
  readonly #waitingMost: number;
  #running = 0;
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
    if (this.#running < this.#places && line.running < this.#placesOfOne) this.#begin(line);
    else if (line.waiting.length >= this.#waitingMost) throw tooManyRequests();
    else await new Promise<void>((resolve) => line.waiting.push(resolve));
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#leave(user, line);
    };
  }

  #begin(line: Line): void {
    this.#running++;
    line.running++;
  }

  #leave(user: string, line: Line): void {
    this.#running--;
    line.running--;
    if (line.running === 0 && line.waiting.length === 0) this.#lines.delete(user);
    for (const [next, candidate] of this.#lines) {
      if (candidate.running >= this.#placesOfOne) continue;
      const begin = candidate.waiting.shift();
      if (begin === undefined) continue;
      // Behind all others for the turn after this one.
      this.#lines.delete(next);
      this.#lines.set(next, candidate);
      this.#begin(candidate);
      begin();
      return;
    }
  }
}

/** Source: apiserver pkg/server/filters/maxinflight.go. */
function tooManyRequests(): StatusError {
  return new StatusError(429, 'TooManyRequests', 'Too many requests, please try again later.', {
    details: { retryAfterSeconds: RETRY_SECONDS },
  });
}
