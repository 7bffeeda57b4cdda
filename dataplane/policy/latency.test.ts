import { describe, expect, test } from 'vitest';
import { newPeerLatency, noteLatency, type PeerLatency, quickerPeer, startAtMean } from './latency.ts';

/** Repeatable pseudo-random numbers in [0, 1). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** Requests at a fixed concurrency against peers that take `ms`; returns how many each got. */
function simulate(
  list: readonly PeerLatency[],
  ms: readonly number[],
  options: { readonly requests: number; readonly concurrency: number; readonly from: number },
): { readonly counts: readonly number[]; readonly end: number } {
  const random = randomNumbers(7);
  const counts = ms.map(() => 0);
  const busy: { at: number; peer: number }[] = [];
  let now = options.from;
  const end = (): void => {
    busy.sort((a, b) => a.at - b.at);
    const ended = busy.shift();
    if (ended === undefined) return;
    now = ended.at;
    const latency = list[ended.peer];
    if (latency === undefined) return;
    latency.underWay--;
    noteLatency(latency, ms[ended.peer] ?? 0, now);
  };
  for (let i = 0; i < options.requests; i++) {
    if (busy.length >= options.concurrency) end();
    const peer = quickerPeer(list, now, random(), random());
    const latency = list[peer];
    if (latency !== undefined) latency.underWay++;
    counts[peer] = (counts[peer] ?? 0) + 1;
    busy.push({ at: now + (ms[peer] ?? 0) / 1000, peer });
  }
  while (busy.length > 0) end();
  return { counts, end: now };
}

describe('ALB-55: two pods, 1,000 requests at concurrency 10', () => {
  test('5 ms and 100 ms: the quick one gets more than 80 percent', () => {
    const { counts } = simulate([newPeerLatency(), newPeerLatency()], [5, 100], {
      requests: 1000,
      concurrency: 10,
      from: 100,
    });
    expect(counts[0]).toBeGreaterThan(800);
  });

  test('within 30 s after the slow one became quick, both get 35 to 65 percent', () => {
    const list = [newPeerLatency(), newPeerLatency()];
    const first = simulate(list, [5, 100], { requests: 1000, concurrency: 10, from: 100 });
    // 30 s at concurrency 10 and 5 ms are 60,000 requests; the last 1,000 count.
    const change = simulate(list, [5, 5], { requests: 59_000, concurrency: 10, from: first.end });
    expect(change.end - first.end).toBeLessThan(30);
    const { counts } = simulate(list, [5, 5], { requests: 1000, concurrency: 10, from: change.end });
    for (const count of counts) {
      expect(count).toBeGreaterThan(350);
      expect(count).toBeLessThan(650);
    }
  });
});

test('peers that are equally quick share, one request at a time too', () => {
  const list = [newPeerLatency(), newPeerLatency(), newPeerLatency()];
  const { counts } = simulate(list, [10, 11, 12], { requests: 3000, concurrency: 1, from: 50 });
  for (const count of counts) expect(count).toBeGreaterThan(700);
});

test('a new peer begins at the mean of the others', () => {
  const list = [newPeerLatency(), newPeerLatency(), newPeerLatency()];
  noteLatency(list[0] ?? newPeerLatency(), 10, 100);
  noteLatency(list[1] ?? newPeerLatency(), 30, 100);
  startAtMean(list, 100);
  expect(list[2]).toEqual({ meanMs: 20, at: 100, underWay: 0 });
});

test('one peer is taken always', () => {
  expect(quickerPeer([newPeerLatency()], 1, 0.99, 0.5)).toBe(0);
});
