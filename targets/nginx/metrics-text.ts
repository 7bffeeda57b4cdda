/** The metrics of an instance as Prometheus text, format 0.0.4. */
import { DURATION_BUCKETS_MS } from '@causeway/dataplane/policy/record';
import { METRIC_FAMILIES, type MetricName } from './metric-family.ts';
import type { MetricPoints } from './metric-points.ts';
import type { Durations } from './metrics.ts';

const LINES_PER_CHUNK = 500;

/** In chunks, so that a long text does not hold up anything else. */
export function* metricsText(metrics: Iterable<MetricPoints>): Generator<string> {
  let lines: string[] = [];
  for (const line of linesOf(metrics)) {
    lines.push(line);
    if (lines.length < LINES_PER_CHUNK) continue;
    yield `${lines.join('\n')}\n`;
    lines = [];
  }
  yield `${lines.join('\n')}\n`;
}

function* linesOf(metrics: Iterable<MetricPoints>): Generator<string> {
  for (const { name, points } of metrics) {
    const { help, type } = METRIC_FAMILIES[name];
    yield `# HELP ${name} ${help}`;
    yield `# TYPE ${name} ${type}`;
    for (const { labels, value } of points) {
      const text = labelText(labels);
      if (typeof value === 'number') yield text === '' ? `${name} ${value}` : `${name}{${text}} ${value}`;
      else yield* histogram(name, text, value);
    }
  }
}

function* histogram(name: MetricName, labels: string, { counts, sumMs }: Durations): Generator<string> {
  const start = labels === '' ? '' : `${labels},`;
  let sum = 0;
  for (let i = 0; i <= DURATION_BUCKETS_MS.length; i += 1) {
    sum += counts[i] ?? 0;
    const bound = DURATION_BUCKETS_MS[i];
    yield `${name}_bucket{${start}le="${bound === undefined ? '+Inf' : bound / 1_000}"} ${sum}`;
  }
  const braced = labels === '' ? '' : `{${labels}}`;
  yield `${name}_sum${braced} ${sumMs / 1_000}`;
  yield `${name}_count${braced} ${sum}`;
}

function labelText(labels: readonly string[]): string {
  let text = '';
  for (let i = 0; i < labels.length; i += 2) {
    text += `${i === 0 ? '' : ','}${labels[i] ?? ''}="${escaped(labels[i + 1] ?? '')}"`;
  }
  return text;
}

function escaped(value: string): string {
  if (!/[\\"\n]/.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
