/** What is under way, counted in memory that all workers have: each counts for itself, so that the count of one that died is left out. */
import { liveWorkers } from './live-workers.ts';

/**
 * Counts one more.
 *
 * @param prefix begins the keys
 * @returns the key for {@link countOut}; undefined: it would be one too many, and is not counted
 */
export function countIn(counters: SharedDictionary, prefix: string, most: number): string | undefined {
  const pid = ngx.worker.pid();
  const own = prefix + pid;
  const [counted] = counters.incr(own, 1, 0);
  let total = counted ?? 1;
  for (const other of liveWorkers()) {
    if (other !== pid) {
      const [count] = counters.get(prefix + other);
      if (typeof count === 'number') total += count;
    }
  }
  if (total <= most) return own;
  countOut(counters, own);
  return undefined;
}

export function countOut(counters: SharedDictionary, key: string, by = 1): void {
  const [left] = counters.incr(key, -by);
  if (left !== undefined && left <= 0) counters.delete(key);
}
