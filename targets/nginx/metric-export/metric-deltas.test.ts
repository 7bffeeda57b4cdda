import { expect, test } from 'vitest';
import { MetricDeltas } from './metric-deltas.ts';

const LABELS = ['port', '80'];

test('a counter says what came since the last round; all of it when it began anew, or was gone for a round', () => {
  const deltas = new MetricDeltas({ counters: true, histograms: false });
  const rounds = [5, 7, 7, 3, undefined, 4].map((value) => {
    const said = value === undefined ? undefined : deltas.since('alb_error', { labels: LABELS, value }).value;
    deltas.next();
    return said;
  });
  expect(rounds).toEqual([5, 2, 0, 3, undefined, 4]);
});

test('other labels are another series', () => {
  const deltas = new MetricDeltas({ counters: true, histograms: false });
  deltas.since('alb_error', { labels: LABELS, value: 5 });
  deltas.next();
  expect(deltas.since('alb_error', { labels: ['port', '81'], value: 5 }).value).toBe(5);
});

test('a histogram says it bucket by bucket, and what was told is not changed by what comes', () => {
  const deltas = new MetricDeltas({ counters: false, histograms: true });
  const durations = { counts: [1, 0, 2], sumMs: 40 };
  const round = () => {
    const { value } = deltas.since('causeway_push_duration_seconds', { labels: [], value: durations });
    deltas.next();
    return value;
  };
  expect(round()).toEqual({ counts: [1, 0, 2], sumMs: 40 });
  durations.counts[0] = 4;
  durations.counts.push(1);
  durations.sumMs = 100;
  expect(round()).toEqual({ counts: [3, 0, 0, 1], sumMs: 60 });
  durations.counts = [1];
  durations.sumMs = 3;
  expect(round()).toEqual({ counts: [1], sumMs: 3 });
});

test('gauges never, and only the kinds that are asked for', () => {
  const deltas = new MetricDeltas({ counters: true, histograms: false });
  expect((['gauge', 'counter', 'histogram'] as const).map((type) => deltas.isOf(type))).toEqual([false, true, false]);
});
