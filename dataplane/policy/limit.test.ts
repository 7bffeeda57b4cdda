import { describe, expect, test } from 'vitest';
import { isOverRate, type RequestRate, retryAfterSeconds } from './limit.ts';

/** How many of `count` requests at these times pass a bucket that was empty. */
function passed(rate: RequestRate, times: readonly number[]): number {
  let emptyMs = 0;
  let count = 0;
  for (const nowMs of times) {
    const next = Math.max(emptyMs, nowMs) + rate.intervalMs;
    if (isOverRate(rate, next, nowMs)) continue;
    emptyMs = next;
    count += 1;
  }
  return count;
}

const at = (ms: number, count: number): number[] => new Array<number>(count).fill(ms);

describe('a rate of 5 a second with 25 at once', () => {
  const rate = { intervalMs: 200, burst: 25 };
  test.each([
    ['60 at once: the one that is always allowed, and the burst', at(1000, 60), 26],
    ['5 more a second later', [...at(1000, 60), ...at(2000, 60)], 31],
    ['as slow as the rate: all', Array.from({ length: 100 }, (_, index) => 1000 + index * 200), 100],
    ['after a long pause not more than at first', [...at(1000, 60), ...at(100_000, 60)], 52],
  ])('%s', (_, times, want) => {
    expect(passed(rate, times)).toBe(want);
  });
});

test.each([
  [{ intervalMs: 200, burst: 0 }, 1],
  [{ intervalMs: 10_000, burst: 0 }, 10],
])('when to try again: %o', (rate, want) => {
  expect(retryAfterSeconds(rate)).toBe(want);
});
