/** How long changes take from the state file until the last worker has them. */
import { DURATION_BUCKETS_MS } from '@causeway/dataplane/policy/record';
import type { Durations } from './metrics.ts';

/** Changes under way that are timed; while workers are stuck further ones are not. */
const UNDER_WAY_MAX = 1_000;

export class PushLatency {
  readonly durations: Durations = { counts: new Array<number>(DURATION_BUCKETS_MS.length + 1).fill(0), sumMs: 0 };
  readonly #underWay: { readonly version: number; readonly since: number }[] = [];

  /** @param now milliseconds, of any clock that does not jump */
  begins(version: number, now: number): void {
    if (this.#underWay.length < UNDER_WAY_MAX) this.#underWay.push({ version, since: now });
  }

  /** Every worker has this version. */
  reached(version: number, now: number): void {
    for (let first = this.#underWay[0]; first !== undefined && first.version <= version; first = this.#underWay[0]) {
      this.#underWay.shift();
      const ms = now - first.since;
      const bound = DURATION_BUCKETS_MS.findIndex((limit) => ms <= limit);
      const bucket = bound < 0 ? DURATION_BUCKETS_MS.length : bound;
      this.durations.counts[bucket] = (this.durations.counts[bucket] ?? 0) + 1;
      this.durations.sumMs += ms;
    }
  }
}
