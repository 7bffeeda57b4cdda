import { expect, test } from 'vitest';
import { isOutlier, newOutliers, noteAttempt } from './outlier.ts';

function avoided(outliers: ReturnType<typeof newOutliers>, now: number): readonly number[] {
  return outliers.until.flatMap((_, place) => (isOutlier(outliers, place, now) ? [place] : []));
}

test('after so many failures in a row a peer is avoided, each time for longer, but never too many at once', () => {
  const outliers = newOutliers({ failures: 2, baseMs: 10_000, mostPercent: 50, fewestWell: 0 }, 3);
  noteAttempt(outliers, 0, true, 0);
  noteAttempt(outliers, 0, false, 0);
  noteAttempt(outliers, 0, true, 0);
  expect(avoided(outliers, 0)).toEqual([]);
  noteAttempt(outliers, 0, true, 1);
  expect([avoided(outliers, 10), avoided(outliers, 11)]).toEqual([[0], []]);
  for (const place of [1, 1, 2, 2]) noteAttempt(outliers, place, true, 2);
  expect(avoided(outliers, 3)).toEqual([0]);
  for (const now of [20, 20]) noteAttempt(outliers, 0, true, now);
  expect([avoided(outliers, 39), avoided(outliers, 40)]).toEqual([[0], []]);
  noteAttempt(outliers, 0, false, 50);
  for (const now of [60, 60]) noteAttempt(outliers, 0, true, now);
  expect([avoided(outliers, 69), avoided(outliers, 70)]).toEqual([[0], []]);
});

test('one may always be avoided', () => {
  const outliers = newOutliers({ failures: 1, baseMs: 1000, mostPercent: 10, fewestWell: 0 }, 2);
  for (const place of [0, 1]) noteAttempt(outliers, place, true, 0);
  expect(avoided(outliers, 0)).toEqual([0]);
});

test('none is avoided where too few would be left', () => {
  const outliers = newOutliers({ failures: 1, baseMs: 1000, mostPercent: 100, fewestWell: 2 }, 3);
  noteAttempt(outliers, 0, true, 0);
  expect(avoided(outliers, 0)).toEqual([0]);
  noteAttempt(outliers, 1, true, 0);
  expect(avoided(outliers, 0)).toEqual([]);
});
