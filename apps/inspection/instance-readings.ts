import { setTimeout as sleep } from 'node:timers/promises';
import type { InstanceReadings } from '@causeway/explain/alb/traffic';
import type { Instance } from '@causeway/resources/kinds';
import { readMetricsPage } from './metrics-page.ts';

export interface ReadingOptions {
  readonly token: string | undefined;
  /** Between the two readings. */
  readonly seconds: number;
}

/**
 * Reads the metrics of instances twice.
 *
 * @returns of those that answered, and why the others did not
 */
export async function readInstances(
  instances: readonly Instance[],
  options: ReadingOptions,
): Promise<{ readonly readings: readonly InstanceReadings[]; readonly failures: readonly string[] }> {
  const results = await Promise.allSettled(instances.map((instance) => readTwice(instance, options)));
  return {
    readings: results.flatMap((result) => (result.status === 'fulfilled' ? result.value : [])),
    failures: results.flatMap((result) => (result.status === 'rejected' ? (result.reason as Error).message : [])),
  };
}

async function readTwice(instance: Instance, { token, seconds }: ReadingOptions): Promise<InstanceReadings> {
  const before = await readMetricsPage(instance, token);
  const readAt = performance.now();
  await sleep(seconds * 1000);
  const after = await readMetricsPage(instance, token);
  return { before, after, seconds: (performance.now() - readAt) / 1000 };
}
