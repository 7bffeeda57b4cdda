/** Tells the status of an instance: when it changed, and at most once a second. */
import type { InstanceStatus } from './status.ts';

const SPACING_MS = 1_000;

export class StatusReport {
  readonly #onStatus: (status: InstanceStatus) => void;
  #told = '';
  #toldAt = 0;
  #comparedAt = 0;

  constructor(onStatus: (status: InstanceStatus) => void) {
    this.#onStatus = onStatus;
  }

  /** Nobody has compared for a while: what changed when it could not be told is told now. */
  isDue(now: number): boolean {
    return now - this.#comparedAt >= SPACING_MS;
  }

  /** @param status asked only when it may be told */
  tell(status: () => InstanceStatus): void {
    const now = Date.now();
    if (now - this.#toldAt < SPACING_MS) return;
    this.#comparedAt = now;
    const current = status();
    const text = JSON.stringify(current);
    if (text === this.#told) return;
    this.#told = text;
    this.#toldAt = now;
    this.#onStatus(current);
  }
}
