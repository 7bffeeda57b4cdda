/**
 * What does one proxied request cost the proxy's processor, with routing,
 * balancing, metrics and access log on, compared with static nginx and haproxy
 * that send the same headers, write an equal log and know the same rules?
 *
 * Each proxy has one worker pinned to one processor; load and backend share the
 * other. Per number of rules the proxies take turns for several rounds; medians
 * count, and the ratio is taken round by round.
 */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { Benchmark, BenchmarkOptions } from '../benchmark.ts';
import { cpuMicroseconds, memoryMiB } from '../measure/cpu.ts';
import { freePorts } from '../measure/free-ports.ts';
import { median, table } from '../measure/statistics.ts';
import { startCauseway } from './causeway.ts';
import { startHaproxy } from './haproxy-peer.ts';
import { runLoad } from './load.ts';
import { startBackend, startStaticNginx } from './nginx-peer.ts';
import type { Subject } from './subject.ts';
import { workloadRules, writeWrkScript } from './workload.ts';

export const proxyCost: Benchmark = {
  name: 'proxy-cost',
  question:
    'What does one proxied request cost the processor, with routing, balancing, metrics and access log on, compared with ' +
    'static nginx and haproxy that send the same headers, write an equal log and know the same rules?',
  run: async (options) => renderProxyCost(await measureProxyCost(options)),
};

interface ProxyCost {
  readonly rules: number;
  readonly proxy: string;
  readonly microsecondsPerRequest: number;
  /** Against static nginx with the same rules, in the same round. */
  readonly ratio: number;
  readonly requestsPerSecond: number;
  readonly p99Ms: number;
  readonly memoryMiB: number;
  readonly errors: number;
}

const PROXY_CPU = 0;
const LOAD_CPU = 1;
const CONNECTIONS = 64;

/** How much each subject is measured. */
interface Sizes {
  readonly rounds: number;
  readonly seconds: number;
}

async function measureProxyCost(options: BenchmarkOptions): Promise<readonly ProxyCost[]> {
  const root = path.join(options.workDirectory, 'proxy-cost');
  const { rules = options.quick ? [1, 100] : [1, 1000, 10_000, 100_000] } = options;
  const sizes = {
    rounds: options.rounds ?? (options.quick ? 1 : 7),
    seconds: options.seconds ?? (options.quick ? 1 : 5),
  };
  const backendPorts = await freePorts(3);
  const backend = await startBackend(options.nginx, path.join(root, 'backend'), backendPorts);
  try {
    pin(backend.workerPids, LOAD_CPU);
    const results: ProxyCost[] = [];
    for (const count of rules) results.push(...(await measureCount({ root, backendPorts, options, sizes, count })));
    return results;
  } finally {
    await backend.stop();
  }
}

function renderProxyCost(results: readonly ProxyCost[]): string {
  const head = ['rules', 'proxy', 'CPU us/request', 'ratio', 'requests/s', 'p99 ms', 'MiB', 'errors'];
  const rows = results.map((result) => [
    result.rules.toLocaleString('en'),
    result.proxy,
    result.microsecondsPerRequest.toFixed(2),
    result.ratio.toFixed(2),
    Math.round(result.requestsPerSecond).toLocaleString('en'),
    result.p99Ms.toFixed(2),
    result.memoryMiB.toFixed(0),
    String(result.errors),
  ]);
  return table(head, rows);
}

interface Sample {
  readonly microseconds: number;
  readonly requestsPerSecond: number;
  readonly p99Ms: number;
  readonly errors: number;
}

interface Case {
  readonly root: string;
  readonly backendPorts: readonly number[];
  readonly options: BenchmarkOptions;
  readonly sizes: Sizes;
  readonly count: number;
}

async function measureCount({ root, backendPorts, options, sizes, count }: Case): Promise<ProxyCost[]> {
  const rules = workloadRules(count);
  const script = path.join(root, `rules-${count}.lua`);
  writeWrkScript(script, rules);
  const directory = (name: string): string => path.join(root, `${name}-${count}`);
  const [nginxPort = 0, haproxyPort = 0, port = 0, metricsPort = 0] = await freePorts(4);
  const given = { backendPorts, rules };
  const subjects: Subject[] = [];
  try {
    subjects.push(await startStaticNginx(options.nginx, { ...given, directory: directory('nginx'), port: nginxPort }));
    subjects.push(await startHaproxy(options.bench, { ...given, directory: directory('haproxy'), port: haproxyPort }));
    subjects.push(
      await startCauseway(options.nginx, options.dataplaneDirectory, {
        ...given,
        directory: directory('causeway'),
        port,
        metricsPort,
      }),
    );
    for (const subject of subjects) pin(subject.workerPids, PROXY_CPU);
    for (const subject of subjects) await sample(subject, script, options, 2); // warm-up
    const samples = subjects.map((): Sample[] => []);
    for (let round = 0; round < sizes.rounds; round += 1) {
      for (const [index, subject] of subjects.entries()) {
        samples[index]?.push(await sample(subject, script, options, sizes.seconds));
      }
    }
    const baseline = samples[0] ?? [];
    return subjects.map((subject, index) => summarize(count, subject, samples[index] ?? [], baseline));
  } finally {
    for (const subject of subjects) await subject.stop();
  }
}

async function sample(subject: Subject, script: string, options: BenchmarkOptions, seconds: number): Promise<Sample> {
  const before = cpuMicroseconds(subject.workerPids);
  const load = await runLoad({
    wrk: options.bench.wrk,
    libraryPath: options.bench.libraryPath,
    script,
    url: subject.url,
    connections: CONNECTIONS,
    seconds,
    cpu: LOAD_CPU,
  });
  const spent = cpuMicroseconds(subject.workerPids) - before;
  return { ...load, microseconds: spent / load.requests };
}

function summarize(
  rules: number,
  subject: Subject,
  samples: readonly Sample[],
  baseline: readonly Sample[],
): ProxyCost {
  const ratios = samples.map(({ microseconds }, round) => microseconds / (baseline[round]?.microseconds ?? Number.NaN));
  return {
    rules,
    proxy: subject.name,
    microsecondsPerRequest: median(samples.map((one) => one.microseconds)),
    ratio: median(ratios),
    requestsPerSecond: median(samples.map((one) => one.requestsPerSecond)),
    p99Ms: median(samples.map((one) => one.p99Ms)),
    memoryMiB: memoryMiB(subject.workerPids),
    errors: samples.reduce((sum, one) => sum + one.errors, 0),
  };
}

function pin(pids: readonly number[], cpu: number): void {
  for (const pid of pids) execFileSync('taskset', ['-acp', String(cpu), String(pid)], { stdio: 'ignore' });
}
