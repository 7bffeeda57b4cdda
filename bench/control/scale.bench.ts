/**
 * How long until thousands of Ingresses, created as fast as the API takes them,
 * are all served; what memory does the control plane take then, and does it give
 * it back when they are deleted?
 */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KIND_REFS } from '@causeway/resources/kinds';
import type { Benchmark, BenchmarkOptions } from '../benchmark.ts';
import { table } from '../measure/statistics.ts';
import { probeWorkers, startDataPlane, untilAllAnswer } from './data-plane.ts';
import { BenchHome } from './home.ts';
import { benchIngress, createAll, deleteAll, ingressName, siteOf } from './objects.ts';

const COLLECTED_MS = 60_000;

export const scale: Benchmark = {
  name: 'scale',
  question:
    'How long until thousands of Ingresses are served, and what memory does the control plane take for them and give back?',
  run: async (options) => {
    const { rules = [options.quick ? 50 : 10_000] } = options;
    const reports: string[] = [];
    for (const ingresses of rules) reports.push(await measure(options, ingresses));
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
    const first = benchIngress(ingresses, 'a');
    await createAll(home.api, [first]);
    const probes = await probeServing(home, plane.ports.http, ingresses);
    memory.push(['1 Ingress', home.memory()]);

    const cpuBefore = home.cpuMs();
    const startedAt = performance.now();
    await createAll(
      home.api,
      indexes.map((index) => benchIngress(index, 'a')),
    );
    const createdMs = performance.now() - startedAt;
    for (const index of indexes) await untilAllAnswer(probes, siteOf(index), 'a');
    const servedMs = performance.now() - startedAt;
    await home.untilQuiet(quietMs);
    const allWrittenMs = performance.now() - startedAt - quietMs;
    const cpuAfter = home.cpuMs();
    memory.push([`${ingresses} Ingresses, at once after that`, home.memory()]);
    if (!options.quick) await sleep(COLLECTED_MS);
    memory.push([`${ingresses} Ingresses, a minute later`, home.memory()]);

    await deleteAll(home.api, 'Ingress', indexes.map(ingressName));
    await untilRulesAre(home, 1);
    await home.untilQuiet(quietMs);
    if (!options.quick) await sleep(COLLECTED_MS);
    memory.push(['after their deletion, a minute later', home.memory()]);
    for (const probe of probes) probe.close();

    const cpu = Object.entries(cpuAfter).map(([name, ms]) => `${name} ${(ms - (cpuBefore[name] ?? 0)).toFixed(0)}`);
    const times = table(
      ['Ingresses', 'created after, s', 'all served by every worker after, s', 'all status written after, s'],
      [[String(ingresses), ...[createdMs, servedMs, allWrittenMs].map((ms) => (ms / 1000).toFixed(1))]],
    );
    return `${times}\n\nProcessor time for that, ms: ${cpu.join(', ')}.\n\n${memoryTable(memory)}`;
  } finally {
    await home.stop();
    await plane.backends.stop();
  }
}

async function probeServing(home: BenchHome, port: number, index: number) {
  const probes = await probeWorkers(home.api, port);
  await untilAllAnswer(probes, siteOf(index), 'a');
  return probes;
}

async function untilRulesAre(home: BenchHome, count: number): Promise<void> {
  while ((await home.api.list(KIND_REFS.Rule)).items.length > count) await sleep(500);
}

function memoryTable(memory: readonly (readonly [string, Readonly<Record<string, number>>])[]): string {
  const programs = Object.keys(memory[0]?.[1] ?? {});
  const rows = memory.map(([when, mib]) => [when, ...programs.map((name) => (mib[name] ?? 0).toFixed(0))]);
  return table(['MiB (Pss)', ...programs], rows);
}
