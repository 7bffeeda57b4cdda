import { expect, test } from 'vitest';
import { evenNumbers } from './even-share.ts';

test.each([0, 0.3, 0.999])('of any run of 1,000 the share is right to within four, beginning at %d', (start) => {
  const next = evenNumbers(start);
  const numbers = Array.from({ length: 5_000 }, next);
  for (const share of [0.01, 0.2, 0.5, 0.97]) {
    for (let from = 0; from <= 4_000; from += 250) {
      const below = numbers.slice(from, from + 1_000).filter((number) => number < share).length;
      expect(Math.abs(below - share * 1_000)).toBeLessThanOrEqual(4);
    }
  }
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
});
