/**
 * How long until thousands of new rules are served, does a request wait meanwhile, what memory do they take in a worker, and
 * is it given back?
 *
 * One worker, pinned to one processor; the nginx target and a load of one connection share the other, where the load and its
 * backend go first (started as root). "Wait" is the longest answer of that load, with what the machine does anyway beside it.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Benchmark, BenchmarkOptions } from '../benchmark.ts';
import { cpuMicroseconds, memoryMiB } from '../measure/cpu.ts';
import { freePorts } from '../measure/free-ports.ts';
import { table } from '../measure/statistics.ts';
import { type CausewaySubject, startCauseway } from './causeway.ts';
import { statusOf } from './http-status.ts';
import { runLoad } from './load.ts';
import { startBackend } from './nginx-peer.ts';
import { type WorkloadRule, workloadRules, writeWrkScript } from './workload.ts';

const WORKER_CPU = 0;
const LOAD_CPU = 1;
const URGENT = -15;
/** The load lasts this long; a synchronization that takes longer ends without it. */
const LOAD_SECONDS = 8;
const DEADLINE_MS = 120_000;
/** Requests of every rule, so that counters are there as in earnest, and LuaJIT's collector has run, before memory is read. */
const SETTLE_SECONDS = 3;

export const fullSync: Benchmark = {
  name: 'full-sync',
  question: 'How long until thousands of new rules are served, does a request wait, and what memory do they take?',
  run: async (options) => {
    const rows: string[][] = [];
    for (const rules of options.rules ?? (options.quick ? [100] : [5000, 10_000, 100_000])) {
      rows.push(await measure(options, rules));
    }
    const head = [
      'rules',
      'served after ms',
      'worker CPU ms',
      'longest answer ms',
      'the same, no change',
      'MiB added',
      'MiB',
    ];
    return table([...head, 'MiB after deletion'], rows);
  },
};

async function measure(options: BenchmarkOptions, count: number): Promise<string[]> {
  const directory = path.join(options.workDirectory, `full-sync-${count}`);
  mkdirSync(directory, { recursive: true });
  const first = workloadRules(1);
  const all = workloadRules(count);
  const script = path.join(directory, 'first.lua');
  const everyRule = path.join(directory, 'all.lua');
  writeWrkScript(script, first);
  writeWrkScript(everyRule, all);
  const seconds = options.quick ? 1 : LOAD_SECONDS;
  const load = (given: string, connections: number, duration: number): ReturnType<typeof runLoad> =>
    runLoad({
      wrk: options.bench.wrk,
      libraryPath: options.bench.libraryPath,
      script: given,
      url: subject.url,
      connections,
      seconds: duration,
      cpu: LOAD_CPU,
      nice: process.getuid?.() === 0 ? URGENT : 0,
    });

  const backendPorts = await freePorts(3);
  const backend = await startBackend(options.nginx, path.join(directory, 'backend'), backendPorts);
  const [port = 0, metricsPort = 0] = await freePorts(2);
  const subject = await startCauseway(options.nginx, options.dataplaneDirectory, {
    directory: path.join(directory, 'causeway'),
    port,
    metricsPort,
    backendPorts,
    rules: first,
  });
  try {
    const settle = { stdio: 'ignore' } as const;
    for (const pid of subject.workerPids) execFileSync('taskset', ['-acp', String(WORKER_CPU), String(pid)], settle);
    for (const pid of backend.workerPids) {
      execFileSync('taskset', ['-acp', String(LOAD_CPU), String(pid)], settle);
      if (process.getuid?.() === 0) setPriority(pid, URGENT);
    }
    const quiet = await load(script, 1, seconds);
    const before = memoryMiB(subject.workerPids);
    const loaded = load(script, 1, seconds);
    await sleep(200); // the load has begun
    const cpu = cpuMicroseconds(subject.workerPids);
    const servedMs = await replaceAll(subject, all, all.at(-1), 200);
    const spentMs = (cpuMicroseconds(subject.workerPids) - cpu) / 1000;
    const { maxMs, errors } = await loaded;
    if (errors > 0) throw new Error(`${errors} requests failed during the change`);
    await load(everyRule, 16, options.quick ? 1 : SETTLE_SECONDS);
    const full = memoryMiB(subject.workerPids);
    await replaceAll(subject, first, all.at(-1), count === 1 ? 200 : 404);
    await load(script, 16, options.quick ? 1 : SETTLE_SECONDS);
    const after = memoryMiB(subject.workerPids);
    return [
      count.toLocaleString('en'),
      servedMs.toFixed(0),
      spentMs.toFixed(0),
      maxMs.toFixed(1),
      quiet.maxMs.toFixed(1),
      (full - before).toFixed(1),
      full.toFixed(1),
      after.toFixed(1),
    ];
  } finally {
    await subject.stop();
    await backend.stop();
  }
}

/** @returns milliseconds until a request for `shown` is answered with `status` */
async function replaceAll(
  subject: CausewaySubject,
  rules: readonly WorkloadRule[],
  shown: WorkloadRule | undefined,
  status: number,
): Promise<number> {
  const start = performance.now();
  subject.replaceRules(rules);
  while ((await statusOf(`${subject.url}${shown?.path}/item`, shown?.host ?? '')) !== status) {
    if (performance.now() - start > DEADLINE_MS) throw new Error(`no ${status} within ${DEADLINE_MS} ms`);
    await sleep(5);
  }
  return performance.now() - start;
}
