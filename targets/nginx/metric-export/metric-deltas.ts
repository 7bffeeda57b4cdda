import type { MetricFamily } from '../metric-family.ts';
import type { MetricPoint } from '../metric-points.ts';
import type { Durations } from '../metrics.ts';

/** What came since the last time, of the metrics that are told so. */
export class MetricDeltas {
  readonly #kinds: { readonly counters: boolean; readonly histograms: boolean };
  #before = new Map<string, MetricPoint['value']>();
  #now = new Map<string, MetricPoint['value']>();

  constructor(kinds: { readonly counters: boolean; readonly histograms: boolean }) {
    this.#kinds = kinds;
  }

  /** A round is over: what was not there in it is forgotten. */
  next(): void {
    this.#before = this.#now;
    this.#now = new Map();
  }

  /** Whether a metric is told so. */
  isOf(type: MetricFamily['type']): boolean {
    return type !== 'gauge' && (type === 'counter' ? this.#kinds.counters : this.#kinds.histograms);
  }

  since(name: string, { labels, value }: MetricPoint): MetricPoint {
    const key = `${name}\0${labels.join('\0')}`;
    const before = this.#before.get(key);
    // Its counts go on while this waits to be sent.
    this.#now.set(key, typeof value === 'number' ? value : { counts: [...value.counts], sumMs: value.sumMs });
    if (before === undefined) return { labels, value };
    if (typeof value === 'number') {
      // What is less has begun anew.
      return { labels, value: typeof before === 'number' && before <= value ? value - before : value };
    }
    return { labels, value: typeof before === 'number' ? value : durationsSince(value, before) };
  }
}

function durationsSince(value: Durations, before: Durations): Durations {
  const counts = value.counts.map((count, index) => count - (before.counts[index] ?? 0));
  const hasBegunAnew = value.counts.length < before.counts.length || counts.some((count) => count < 0);
  return hasBegunAnew ? value : { counts, sumMs: value.sumMs - before.sumMs };
}
