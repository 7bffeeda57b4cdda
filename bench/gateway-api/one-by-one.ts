import { setTimeout as sleep } from 'node:timers/promises';
import { KIND_REFS } from '@causeway/resources/kinds';
import { untilAllAnswer } from '../control/data-plane.ts';
import { siteOf } from '../control/objects.ts';
import { median, quantile, table } from '../measure/statistics.ts';
import type { GatewayPlane } from './gateway-plane.ts';
import { benchRoute } from './objects.ts';

const POLL_MS = 5;

/** Times of one route, in milliseconds from before it was written. */
interface Attached {
  readonly servedMs: number;
  readonly countedMs: number;
}

/** Each route is made when the one before is served and counted. @returns Markdown */
export async function attachOneByOne(plane: GatewayPlane, count: number): Promise<string> {
  const probes = await plane.probes();
  const times: Attached[] = [];
  let wrong = 0;
  for (let index = 0; index < count; index += 1) {
    const sentAt = performance.now();
    await plane.home.api.create(KIND_REFS.HTTPRoute, benchRoute(index, 'a'));
    const [servedMs, countedMs] = await Promise.all([
      untilAllAnswer(probes, siteOf(index), 'a').then(() => performance.now() - sentAt),
      untilCounted(plane, index + 1, () => {
        wrong += 1;
      }).then(() => performance.now() - sentAt),
    ]);
    times.push({ servedMs, countedMs });
  }
  for (const probe of probes) probe.close();
  const tenth = Math.ceil(count / 10);
  const head = [
    'routes',
    'every worker serves it p50, ms',
    'p99',
    'slowest',
    'attachedRoutes counts it p50, ms',
    'p99',
    'slowest',
  ];
  const rows = [
    rowOf(`1 to ${tenth}`, times.slice(0, tenth)),
    rowOf(`the last ${tenth} of ${count}`, times.slice(-tenth)),
    rowOf('all', times),
  ];
  return `${table(head, rows)}\n\nattachedRoutes was read as another number than that before or that after ${wrong} times.`;
}

/** @param isWrong called when neither the number before nor that one is read */
async function untilCounted(plane: GatewayPlane, wanted: number, isWrong: () => void): Promise<void> {
  for (;;) {
    const counted = await plane.attachedRoutes();
    if (counted === wanted) return;
    if (counted !== wanted - 1) isWrong();
    await sleep(POLL_MS);
  }
}

function rowOf(name: string, times: readonly Attached[]): readonly string[] {
  const numbersOf = (all: readonly number[]): readonly number[] => [median(all), quantile(all, 0.99), Math.max(...all)];
  const numbers = [
    ...numbersOf(times.map(({ servedMs }) => servedMs)),
    ...numbersOf(times.map(({ countedMs }) => countedMs)),
  ];
  return [name, ...numbers.map((ms) => ms.toFixed(1))];
}
