import type { MetricSinkIR } from '@causeway/ir/gateway';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import type { MetricPoints } from '../metric-points.ts';
import { MetricExport } from './metric-export.ts';

const SINKS: readonly MetricSinkIR[] = [
  {
    collector: { services: [{ host: 'otel.example', port: 4317 }] },
    resource: {},
    deltas: { counters: false, histograms: false },
  },
];

/** Whose collector is found only when that is told. */
function exportOf(series: number) {
  let rounds = 0;
  let find: (found: { endpoints: readonly [] }) => void = () => {};
  const found = new Promise<{ endpoints: readonly [] }>((resolve) => {
    find = resolve;
  });
  function* points(): Generator<MetricPoints> {
    rounds += 1;
    const all = Array.from({ length: series }, (_, index) => ({ labels: ['port', String(index)], value: 1 }));
    yield { name: 'alb_error', points: all };
  }
  const metrics = new MetricExport({
    resource: {},
    reach: { locate: () => found, tlsOf: () => undefined },
    log: pino({ enabled: false }),
    points,
  });
  return { metrics, rounds: () => rounds, find };
}

test('beyond a limit points are dropped, and while some wait no more are read', async () => {
  const { metrics, rounds, find } = exportOf(50_010);
  metrics.watch(SINKS, 0);
  await vi.waitFor(() => expect(metrics.counts.dropped).toBe(10), 10_000);
  metrics.watch(SINKS, 5_000);
  metrics.watch(SINKS, 10_000);
  expect(rounds()).toBe(1);
  find({ endpoints: [] });
  await vi.waitFor(() => expect(metrics.counts.failed).toBe(50_000), 10_000);
  metrics.watch(SINKS, 10_000);
  expect(rounds()).toBe(2);
  await metrics.close();
});

test('they are read every five seconds, and anew when somebody else is told', async () => {
  const { metrics, rounds, find } = exportOf(1);
  find({ endpoints: [] });
  const failed = (count: number) => vi.waitFor(() => expect(metrics.counts.failed).toBe(count), 5_000);
  metrics.watch(SINKS, 0);
  await failed(1);
  metrics.watch(SINKS, 4_999);
  expect(rounds()).toBe(1);
  metrics.watch([...SINKS], 4_999);
  expect(rounds()).toBe(1);
  metrics.watch(SINKS, 5_000);
  await failed(2);
  metrics.watch([{ ...(SINKS[0] as MetricSinkIR), resource: { zone: 'a' } }], 5_001);
  await failed(3);
  metrics.watch([], 60_000);
  expect(rounds()).toBe(3);
  await metrics.close();
});
