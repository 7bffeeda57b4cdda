/**
 * How long until thousands of Ingresses of three paths, created as fast as the API takes them, are all served; does
 * anybody who is served already notice; what memory does the control plane take for them, and does it give it back when
 * they are deleted?
 */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KIND_REFS } from '@causeway/resources/kinds';
import type { Benchmark, BenchmarkOptions } from '../benchmark.ts';
import { table } from '../measure/statistics.ts';
import { probeWorkers, startDataPlane, untilAllAnswer } from './data-plane.ts';
import { BenchHome } from './home.ts';
import { createAll, deleteAll, ingressName, siteOf, teamIngress, teamPaths } from './objects.ts';
import { Onlooker } from './onlooker.ts';
import { PeakMemory } from './peak-memory.ts';

const COLLECTED_MS = 60_000;

export const scale: Benchmark = {
  name: 'scale',
  question:
    'How long until thousands of Ingresses with three paths each are served, does anybody else notice, and what memory does the control plane take for them and give back?',
  run: async (options) => {
    const { rules = [options.quick ? 60 : 30_000] } = options;
    const reports: string[] = [];
    for (const count of rules) reports.push(await measure(options, Math.ceil(count / 3)));
    return reports.join('\n\n');
  },
};

async function measure(options: BenchmarkOptions, ingresses: number): Promise<string> {
  const directory = path.join(options.workDirectory, `scale-${ingresses}`);
  const home = await BenchHome.start(options, path.join(directory, 'data'));
  const plane = await startDataPlane(home.api, options.nginx, path.join(directory, 'backends'));
  const quietMs = options.quick ? 300 : 2_000;
  try {
    const memory: (readonly [string, Readonly<Record<string, number>>])[] = [];
    const indexes = Array.from({ length: ingresses }, (_, index) => index);
    const before = siteOf(ingresses);
    await createAll(home.api, [teamIngress(ingresses, 'a')]);
    const probes = await probeWorkers(home.api, plane.ports.http);
    await untilAllAnswer(probes, before, 'a');
    memory.push(['1 Ingress', home.memory()]);
    const onlooker = await Onlooker.start(home.api, plane.ports.http, before);
    const peak = new PeakMemory(home);

    const cpuBefore = home.cpuMs();
    const startedAt = performance.now();
    await createAll(
      home.api,
      indexes.map((index) => teamIngress(index, 'a')),
    );
    const createdMs = performance.now() - startedAt;
    for (const index of indexes) {
      const { host } = siteOf(index);
      for (const sub of teamPaths(index)) await untilAllAnswer(probes, { host, path: sub }, 'a');
    }
    const servedMs = performance.now() - startedAt;
    await home.untilQuiet(quietMs);
    const allWrittenMs = performance.now() - startedAt - quietMs;
    const cpuAfter = home.cpuMs();
    memory.push(['the most until all was written', peak.stop()]);
    if (!options.quick) await sleep(COLLECTED_MS);
    memory.push(['a minute later', home.memory()]);

    await deleteAll(home.api, 'Ingress', indexes.map(ingressName));
    await untilRulesAre(home, 3);
    await home.untilQuiet(quietMs);
    if (!options.quick) await sleep(COLLECTED_MS);
    memory.push(['after their deletion, a minute later', home.memory()]);
    const seen = await onlooker.stop();
    for (const probe of probes) probe.close();

    const cpu = Object.entries(cpuAfter).map(([name, ms]) => `${name} ${(ms - (cpuBefore[name] ?? 0)).toFixed(0)}`);
    const times = table(
      ['Ingresses', 'Rules', 'created after, s', 'all served by every worker after, s', 'all status written after, s'],
      [
        [
          String(ingresses),
          String(3 * ingresses),
          ...[createdMs, servedMs, allWrittenMs].map((ms) => (ms / 1000).toFixed(1)),
        ],
      ],
    );
    return `${times}\n\n${seen} Processor time, ms: ${cpu.join(', ')}.\n\n${memoryTable(memory)}`;
  } finally {
    await home.stop();
    await plane.backends.stop();
  }
}

async function untilRulesAre(home: BenchHome, count: number): Promise<void> {
  while ((await home.api.list(KIND_REFS.Rule)).items.length > count) await sleep(500);
}

function memoryTable(memory: readonly (readonly [string, Readonly<Record<string, number>>])[]): string {
  const programs = Object.keys(memory[0]?.[1] ?? {});
  const rows = memory.map(([when, mib]) => [when, ...programs.map((name) => (mib[name] ?? 0).toFixed(0))]);
  return table(['MiB (Pss)', ...programs], rows);
}
