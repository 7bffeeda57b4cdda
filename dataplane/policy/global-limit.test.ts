import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isWithin, waitMs } from './global-limit.ts';

const limit = { requests: 10, windowMs: 1000 };

const cases = [
  { name: 'nothing before: as many as the limit', into: 0, before: 0, count: 10, want: true },
  { name: 'nothing before: one more', into: 999, before: 0, count: 11, want: false },
  { name: 'all of the window before counts at its end', into: 0, before: 10, count: 1, want: false },
  { name: 'half of it in the middle', into: 500, before: 10, count: 5, want: true },
  { name: 'half of it and one more', into: 500, before: 10, count: 6, want: false },
  { name: 'what was refused before does not count', into: 500, before: 1_000_000, count: 5, want: true },
];
describe('isWithin', () => {
  for (const { name, into, before, count, want } of cases)
    test(name, () => expect(isWithin(limit, into, before, count)).toBe(want));
});

const waits = [
  { name: 'until the part of the window before is small enough', into: 0, before: 10, count: 0, want: 100 },
  { name: 'from the middle', into: 500, before: 10, count: 5, want: 100 },
  { name: 'a full window: a tenth of the next one', into: 400, before: 0, count: 10, want: 700 },
  { name: 'there is room', into: 500, before: 0, count: 3, want: 0 },
  { name: 'for one that counts 4', into: 400, before: 0, count: 8, cost: 4, want: 850 },
  { name: 'for one that counts nothing', into: 400, before: 0, count: 12, cost: 0, want: 600 },
  { name: 'more than ever fits: one window', into: 400, before: 0, count: 0, cost: 11, want: 1000 },
];
describe('waitMs', () => {
  for (const { name, into, before, count, want, cost = 1 } of waits)
    test(name, () => expect(waitMs({ ...limit, cost }, into, before, count)).toBeCloseTo(want));

  test('where nothing ever fits: one window', () => {
    expect(waitMs({ requests: 0, windowMs: 1000 }, 300, 0, 0)).toBe(1000);
  });

  test('after it a request fits, and a little before it does not', () => {
    const situation = fc.record({
      requests: fc.integer({ min: 1, max: 50 }),
      before: fc.integer({ min: 0, max: 100 }),
      count: fc.integer({ min: 0, max: 50 }),
      into: fc.integer({ min: 0, max: 999 }),
    });
    fc.assert(
      fc.property(situation, ({ requests, before, count, into }) => {
        const given = { requests, windowMs: 1000 };
        fc.pre(count <= requests && !isWithin(given, into, before, count + 1));
        const at = into + waitMs(given, into, before, count);
        const fits = (ms: number): boolean =>
          ms < 1000 ? isWithin(given, ms, before, count + 1) : isWithin(given, ms - 1000, count, 1);
        expect(fits(at + 0.001)).toBe(true);
        expect(fits(at - 1)).toBe(false);
      }),
      { seed: 4, numRuns: 2000 },
    );
  });
});
