import { setTimeout as sleep } from 'node:timers/promises';
import { untilAllAnswer } from '../control/data-plane.ts';
import { createAll, siteOf } from '../control/objects.ts';
import { table } from '../measure/statistics.ts';
import type { GatewayPlane } from './gateway-plane.ts';
import { benchRoute } from './objects.ts';

const COLLECTED_MS = 60_000;
const POLL_MS = 100;

type Memory = Readonly<Record<string, number>>;

/** As fast as the API takes them. @returns Markdown */
export async function attachAtOnce(plane: GatewayPlane, count: number, quick: boolean): Promise<string> {
  const { home } = plane;
  // What one route brings is there before.
  await createAll(home.api, [benchRoute(count, 'a')]);
  const probes = await plane.probes();
  await untilAllAnswer(probes, siteOf(count), 'a');
  const before = await plane.memory();

  const indexes = Array.from({ length: count }, (_, index) => index);
  const startedAt = performance.now();
  const seconds = (): string => ((performance.now() - startedAt) / 1000).toFixed(1);
  await createAll(
    home.api,
    indexes.map((index) => benchRoute(index, 'a')),
  );
  const created = seconds();
  const counted = untilAttached(plane, count + 1).then(seconds);
  for (const index of indexes) await untilAllAnswer(probes, siteOf(index), 'a');
  const served = seconds();
  const times = table(
    ['routes', 'created after, s', 'all served by every worker after, s', 'attachedRoutes right after, s'],
    [[String(count), created, served, await counted]],
  );
  for (const probe of probes) probe.close();
  await home.untilQuiet(quick ? 300 : undefined);
  if (!quick) await sleep(COLLECTED_MS);
  return `${times}\n\n${memoryTable(before, await plane.memory(), count)}`;
}

async function untilAttached(plane: GatewayPlane, count: number): Promise<void> {
  while ((await plane.attachedRoutes()) !== count) await sleep(POLL_MS);
}

function memoryTable(before: Memory, after: Memory, count: number): string {
  const programs = Object.keys(before);
  const rowOf = (name: string, value: (program: string) => number): readonly string[] => [
    name,
    ...programs.map((program) => value(program).toFixed(1)),
  ];
  const grown = (program: string): number => (after[program] ?? 0) - (before[program] ?? 0);
  return table(
    ['MiB (Pss)', ...programs],
    [
      rowOf('1 route', (program) => before[program] ?? 0),
      rowOf(`${count} more, a minute later`, (program) => after[program] ?? 0),
      rowOf('per 1,000 routes', (program) => (grown(program) * 1000) / count),
    ],
  );
}
