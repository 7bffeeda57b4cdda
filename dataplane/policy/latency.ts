/**
 * Choice by latency: of two peers taken at random the one where less waiting is to be
 * expected, from an exponentially weighted moving average of its answer times and
 * the requests it has under way (spec ALB-55; "power of two choices", "peak EWMA").
 *
 * One that nobody asks is forgotten bit by bit, so that a slow peer gets a
 * request now and then and is found out when it has become quick.
 */

/** After this many seconds an answer counts a third of what it did (1/e). */
const MEMORY_SECONDS = 5;
/** Expectations within this factor are equal: otherwise the quicker of two good peers would get everything. */
const ALIKE = 0.75;

/** What is known of a peer; changed in place. */
export interface PeerLatency {
  /** Weighted mean of the answer times, in milliseconds, at {@link at}. */
  meanMs: number;
  /** Seconds of the clock that is given to the functions here; 0 when nothing is known yet. */
  at: number;
  underWay: number;
}

export function newPeerLatency(): PeerLatency {
  return { meanMs: 0, at: 0, underWay: 0 };
}

/**
 * Index of the peer to take. The list must not be empty.
 *
 * @param seconds now
 * @param first, second two random numbers in [0, 1)
 */
export function quickerPeer(list: readonly PeerLatency[], seconds: number, first: number, second: number): number {
  const count = list.length;
  const one = Math.floor(first * count);
  if (count === 1) return one;
  const other = (one + 1 + Math.floor(second * (count - 1))) % count;
  const costOfOne = expectedMs(list[one], seconds);
  const costOfOther = expectedMs(list[other], seconds);
  return costOfOther < costOfOne * ALIKE ? other : one;
}

/** Counts an answer, or a failure as one that took long. */
export function noteLatency(latency: PeerLatency, ms: number, seconds: number): void {
  const kept = latency.at === 0 ? 0 : keptAfter(seconds - latency.at);
  latency.meanMs = latency.meanMs * kept + ms * (1 - kept);
  latency.at = seconds;
}

/** New peers begin at the mean of those that are known. */
export function startAtMean(list: readonly PeerLatency[], seconds: number): void {
  let sum = 0;
  let known = 0;
  for (const latency of list) {
    if (latency.at === 0) continue;
    sum += latency.meanMs * keptAfter(seconds - latency.at);
    known++;
  }
  if (known === 0) return;
  for (const latency of list) {
    if (latency.at !== 0) continue;
    latency.meanMs = sum / known;
    latency.at = seconds;
  }
}

function expectedMs(latency: PeerLatency | undefined, seconds: number): number {
  if (latency === undefined) return 0;
  return (latency.meanMs * keptAfter(seconds - latency.at) + 1) * (latency.underWay + 1);
}

function keptAfter(seconds: number): number {
  return Math.exp(-seconds / MEMORY_SECONDS);
}
