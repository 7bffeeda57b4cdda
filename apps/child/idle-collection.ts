import { setFlagsFromString } from 'node:v8';

/** How often a program looks whether it is idle. */
const LOOK_MS = 5_000;
/** Processor time in that period below which it is: renewals and heartbeats. */
const IDLE_CPU_MS = 100;
/**
 * Above this it was a burst, after which less than {@link CALM_CPU_MS} is idle enough: traffic is counted all the time. A hundred
 * changes a second take more, and must not wait for a collection.
 */
const BURST_CPU_MS = 1_500;
const CALM_CPU_MS = 150;
/** Work since the last collection that is worth another. */
const WORTH_CPU_MS = 1_000;
/** Room between objects that is worth moving them for: it takes as long again as the collection. */
const WORTH_BYTES = 6 << 20;
/** More room than this is not only that of young objects and of garbage until the next collection: pages are mostly empty. */
const SCATTERED_BYTES = 20 << 20;

/**
 * Collects garbage once after a burst of work, when the program has become idle. V8 collects while a program
 * allocates; one that stops after 10,000 deletions would keep what they left behind. While a burst goes on, its collections move more
 * objects together as long as those are scattered, which costs up to a twentieth of the processor time.
 *
 * Takes some 50 ms with 10,000 Ingresses, twice that when objects are moved together: what a burst leaves is scattered over
 * pages that are mostly empty (a third of the API server's heap). Without `--expose-gc`, which `up` sets, nothing happens.
 */
export function collectWhenIdle(): void {
  const { gc } = globalThis;
  if (gc === undefined) return;
  let before = cpuMs();
  let collected = before;
  let burst = false;
  const look = (): void => {
    const now = cpuMs();
    const used = now - before;
    before = now;
    burst ||= used > BURST_CPU_MS;
    if (burst) setFlagsFromString(isScattered() ? '--optimize-for-size' : '--no-optimize-for-size');
    if (used > (burst ? CALM_CPU_MS : IDLE_CPU_MS) || now - collected < WORTH_CPU_MS) return;
    collect(gc);
    setFlagsFromString('--no-optimize-for-size');
    burst = false;
    before = cpuMs();
    collected = before;
  };
  setInterval(look, LOOK_MS).unref();
}

function isScattered(): boolean {
  const { heapTotal, heapUsed } = process.memoryUsage();
  return heapTotal - heapUsed > SCATTERED_BYTES;
}

function collect(gc: () => void): void {
  gc();
  const { heapTotal, heapUsed } = process.memoryUsage();
  if (heapTotal - heapUsed < WORTH_BYTES) return;
  // V8 reads the flag at each collection. By itself it moves little, 4 MiB at a time.
  setFlagsFromString('--compact-on-every-full-gc');
  gc();
  setFlagsFromString('--no-compact-on-every-full-gc');
}

/**
 * From now on V8 lets the heap grow by a tenth before it collects, not to the double: less garbage, for some processor time
 * (a fifth of that of a start, which is why it begins after it). V8 reads the flag at each collection.
 */
export function growSlowly(): void {
  setFlagsFromString('--heap-growing-percent=10');
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
