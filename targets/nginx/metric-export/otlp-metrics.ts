/**
 * Metrics as collectors get them. What they are called and what they mean is said once, in {@link METRIC_FAMILIES}.
 *
 * Source: OpenTelemetry Protocol 1.3, metrics.proto.
 */
import { DURATION_BUCKETS_MS } from '@causeway/dataplane/policy/record';
import {
  doubleBytes,
  doubleField,
  field,
  fixed64Bytes,
  fixed64Field,
  message,
  numberField,
} from '@causeway/protocols/protobuf/message';
import { attribute } from '../collector/otlp-request.ts';
import { METRIC_FAMILIES, type MetricName } from '../metric-family.ts';
import type { MetricPoint } from '../metric-points.ts';
import type { Durations } from '../metrics.ts';

/** A point of a metric, as it is sent. */
export interface SentPoint {
  readonly name: MetricName;
  readonly bytes: Buffer;
}

/** What a point is about, in milliseconds since 1970. */
export interface PointTime {
  readonly beganMs: number;
  readonly nowMs: number;
}

const DELTA = 1;
const CUMULATIVE = 2;
/** Fields of Metric. */
const KINDS = { gauge: 5, counter: 7, histogram: 9 } as const;
const BOUNDS = field(7, Buffer.concat(DURATION_BUCKETS_MS.map((ms) => doubleBytes(ms / 1_000))));

export function sentPoint(name: MetricName, { labels, value }: MetricPoint, { beganMs, nowMs }: PointTime): SentPoint {
  const times = [time(2, beganMs), time(3, nowMs)];
  return {
    name,
    bytes: Buffer.concat(
      typeof value === 'number'
        ? [...times, doubleField(4, value), ...attributes(7, labels)]
        : [...times, ...durationFields(value), BOUNDS, ...attributes(9, labels)],
    ),
  };
}

/** Metrics with their points, of which those of one metric follow each other. */
export function metricMessages(
  points: readonly SentPoint[],
  deltas: { readonly counters: boolean; readonly histograms: boolean },
): readonly Buffer[] {
  const found: { readonly name: MetricName; readonly points: Buffer[] }[] = [];
  for (const { name, bytes } of points) {
    const last = found.at(-1);
    if (last?.name === name) last.points.push(bytes);
    else found.push({ name, points: [bytes] });
  }
  return found.map(({ name, points: own }) => {
    const { type, help } = METRIC_FAMILIES[name];
    const isDelta = type === 'histogram' ? deltas.histograms : deltas.counters;
    return Buffer.concat([
      field(1, name),
      field(2, help),
      message(
        KINDS[type],
        ...own.map((bytes) => field(1, bytes, true)),
        ...(type === 'gauge' ? [] : [numberField(2, isDelta ? DELTA : CUMULATIVE)]),
        ...(type === 'counter' ? [numberField(3, 1)] : []),
      ),
    ]);
  });
}

function durationFields({ counts, sumMs }: Durations): readonly Buffer[] {
  const buckets = Array.from({ length: DURATION_BUCKETS_MS.length + 1 }, (_, index) => counts[index] ?? 0);
  const all = buckets.reduce((sum, count) => sum + count, 0);
  return [
    fixed64Field(4, BigInt(all)),
    doubleField(5, sumMs / 1_000),
    field(6, Buffer.concat(buckets.map((count) => fixed64Bytes(BigInt(count))))),
  ];
}

function time(number: number, ms: number): Buffer {
  return fixed64Field(number, BigInt(Math.round(ms)) * 1_000_000n);
}

function attributes(number: number, labels: readonly string[]): readonly Buffer[] {
  const found: Buffer[] = [];
  for (let i = 0; i < labels.length; i += 2) found.push(attribute(number, labels[i] ?? '', labels[i + 1] ?? ''));
  return found;
}
