/** The place of a duration in the histograms of spec ALB-133. */
import { DURATION_BUCKETS_MS } from '../policy/record.ts';

/** The last one is for everything that is longer than all bounds. */
export const BUCKETS = DURATION_BUCKETS_MS.length + 1;

/** Up to here buckets are looked up: a loop that ends on its first turn is what LuaJIT compiles worst. */
const TABLE_MS = 1000;
const bucketByMs = bucketTable();

/** @param ms whole */
export function bucketOf(ms: number): number {
  return bucketByMs[ms] ?? searchBucket(ms);
}

/** Counts per bucket without the zeros at the end: nearly always there is one number, and it is written every second. */
export function shortHistogram(counts: Readonly<Record<number, number>>): number[] {
  let length = BUCKETS;
  while (length > 1 && counts[length - 1] === 0) length--;
  const short: number[] = [];
  for (let bucket = 0; bucket < length; bucket++) short.push(counts[bucket] ?? 0);
  return short;
}

/** Place of the first bound that is not exceeded. */
function searchBucket(ms: number): number {
  let bucket = 0;
  while ((DURATION_BUCKETS_MS[bucket] ?? Number.POSITIVE_INFINITY) < ms) bucket++;
  return bucket;
}

function bucketTable(): number[] {
  const buckets: number[] = [];
  for (let ms = 0; ms <= TABLE_MS; ms++) buckets.push(searchBucket(ms));
  return buckets;
}
