import { expect, test } from 'vitest';
import { type Ejection, isOutlier, newOutliers, noteAttempt, UNANSWERED } from './outlier.ts';

function outliersOf(ejection: Partial<Ejection>, peers: number): ReturnType<typeof newOutliers> {
  return newOutliers({ serverErrors: 0, baseMs: 10_000, mostPercent: 100, fewestWell: 0, ...ejection }, peers, 50);
}

function avoided(outliers: ReturnType<typeof newOutliers>, now: number): readonly number[] {
  return outliers.until.flatMap((_, place) => (isOutlier(outliers, place, now) ? [place] : []));
}

test('after so many failures in a row a peer is avoided, each time for longer, but never too many at once', () => {
  const outliers = outliersOf({ serverErrors: 2, mostPercent: 50 }, 3);
  noteAttempt(outliers, 0, 500, 0);
  noteAttempt(outliers, 0, 200, 0);
  noteAttempt(outliers, 0, 599, 0);
  expect(avoided(outliers, 0)).toEqual([]);
  expect(noteAttempt(outliers, 0, UNANSWERED, 1)).toBe(true);
  expect([avoided(outliers, 10), avoided(outliers, 11)]).toEqual([[0], []]);
  for (const place of [1, 1, 2, 2]) expect(noteAttempt(outliers, place, 500, 2)).toBe(false);
  expect(avoided(outliers, 3)).toEqual([0]);
  for (const now of [20, 20]) noteAttempt(outliers, 0, 500, now);
  expect([avoided(outliers, 39), avoided(outliers, 40)]).toEqual([[0], []]);
  noteAttempt(outliers, 0, 200, 50);
  for (const now of [60, 60]) noteAttempt(outliers, 0, 500, now);
  expect([avoided(outliers, 69), avoided(outliers, 70)]).toEqual([[0], []]);
});

test('one may always be avoided', () => {
  const outliers = outliersOf({ serverErrors: 1, mostPercent: 10 }, 2);
  for (const place of [0, 1]) noteAttempt(outliers, place, 500, 0);
  expect(avoided(outliers, 0)).toEqual([0]);
});

test('none is avoided where too few would be left', () => {
  const outliers = outliersOf({ serverErrors: 1, fewestWell: 2 }, 3);
  noteAttempt(outliers, 0, 500, 0);
  expect(avoided(outliers, 0)).toEqual([0]);
  noteAttempt(outliers, 1, 500, 0);
  expect(avoided(outliers, 0)).toEqual([]);
});

const rows = [
  { name: 'errors of gateways', ejection: { serverErrors: 5, gatewayErrors: 2 }, results: [502, 504], want: true },
  { name: 'another error between them', ejection: { gatewayErrors: 2 }, results: [502, 500, 503], want: false },
  { name: 'no answer is one of them', ejection: { gatewayErrors: 2 }, results: [503, UNANSWERED], want: true },
  { name: 'no answers apart', ejection: { serverErrors: 1, unanswered: 2 }, results: [0, 0], want: true },
  { name: 'which are no errors then', ejection: { serverErrors: 2, unanswered: 9 }, results: [0, 0], want: false },
  {
    name: 'and do not end a row of them',
    ejection: { serverErrors: 2, unanswered: 9 },
    results: [500, 0, 500],
    want: true,
  },
  { name: 'an error is an answer', ejection: { unanswered: 2 }, results: [0, 500, 0], want: false },
  { name: 'none that matters', ejection: { unanswered: 0 }, results: [0, 500, 0, 503], want: false },
] as const;
for (const { name, ejection, results, want } of rows) {
  test(`in a row: ${name}`, () => {
    const outliers = outliersOf(ejection, 2);
    for (const status of results) noteAttempt(outliers, 1, status, 0);
    expect(avoided(outliers, 0)).toEqual(want ? [1] : []);
  });
}

test('a share of the attempts of an interval, where enough peers have enough of them', () => {
  const failures = { percent: 60, intervalMs: 3000 };
  const run = (peers: number, attempts: number, failed: number): readonly number[] => {
    const outliers = outliersOf({ failures }, peers);
    for (let index = 0; index < attempts; index += 1) {
      for (let place = 0; place < peers; place += 1)
        noteAttempt(outliers, place, place === 1 && index < failed ? 500 : 200, 1);
    }
    expect(avoided(outliers, 4)).toEqual([]);
    noteAttempt(outliers, 0, 200, 4);
    return avoided(outliers, 4);
  };
  expect(run(5, 50, 30)).toEqual([1]);
  expect(run(5, 50, 29)).toEqual([]);
  expect(run(5, 49, 49)).toEqual([]);
  expect(run(4, 50, 50)).toEqual([]);
});
