/**
 * Static nginx, haproxy, Causeway and, if it is installed, caddy under the same load, in turns. Each proxy has one worker pinned to one processor; load and
 * backend share the other. Medians of the rounds count, and the ratio is taken round by round.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { BenchmarkOptions } from '../benchmark.ts';
import { askedHeaders, type BenchFeature } from '../features/feature.ts';
import { cpuMicroseconds, memoryMiB } from '../measure/cpu.ts';
import { freePorts } from '../measure/free-ports.ts';
import { median, table } from '../measure/statistics.ts';
import { CADDY_RULES_MAX, caddyProgram, startCaddy } from './caddy-peer.ts';
import { startCauseway } from './causeway.ts';
import { startHaproxy } from './haproxy-peer.ts';
import { type LoadResult, runHttp2Load, runLoad } from './load.ts';
import { startBackend, startStaticNginx } from './nginx-peer.ts';
import type { Subject, SubjectTls } from './subject.ts';
import { type WorkloadRule, type WorkloadShape, workloadRules, writeWrkScript } from './workload.ts';

export interface ComparisonCase {
  /** In the table's first column. */
  readonly name: string;
  readonly rules: number;
  readonly endpoints: number;
  readonly protocol: 'http' | 'https' | 'http2';
  /** What the rules ask for; a host and a path prefix each unless given. */
  readonly shape?: WorkloadShape;
  /** Each request on a connection of its own; not with HTTP/2. */
  readonly fresh?: boolean;
  /** Of the answers; 1 KiB unless given. */
  readonly bodyBytes?: number;
  /** Done to every request; only nginx, which does the same natively, is a peer then. */
  readonly feature?: BenchFeature;
  /** Needed unless the protocol is http. */
  readonly tls?: SubjectTls;
}

export interface ProxyCost {
  readonly name: string;
  readonly proxy: string;
  readonly microsecondsPerRequest: number;
  /** Against static nginx in the same case and round. */
  readonly ratio: number;
  readonly requestsPerSecond: number;
  /** Undefined where the load generator does not say. */
  readonly p99Ms: number | undefined;
  readonly memoryMiB: number;
  readonly errors: number;
}

const PROXY_CPU = 0;
const LOAD_CPU = 1;
const CONNECTIONS = 64;
const WARM_UP_SECONDS = 2;
/** A round of a second may pass on a busy machine before the load has its first answer: that round measures nothing. */
const TRIES = 3;

export async function compareProxies(options: BenchmarkOptions, compared: ComparisonCase): Promise<ProxyCost[]> {
  const root = path.join(options.workDirectory, `compare-${compared.name.replaceAll(/\W+/g, '-')}`);
  mkdirSync(root, { recursive: true });
  const rules = workloadRules(compared.rules, compared.shape);
  const backendPorts = await freePorts(compared.endpoints);
  const { feature } = compared;
  const asked = feature === undefined ? undefined : askedHeaders(feature, backendPorts[0] ?? 0);
  const script = path.join(root, 'wrk.lua');
  writeWrkScript(script, rules, { ...compared, headers: asked });
  const backend = await startBackend(options.nginx, path.join(root, 'backend'), backendPorts, compared.bodyBytes);
  const [nginxPort = 0, haproxyPort = 0, port = 0, metricsPort = 0, caddyPort = 0] = await freePorts(5);
  const given = { backendPorts, rules, tls: compared.tls, feature };
  const directory = (name: string): string => path.join(root, name);
  const subjects: Subject[] = [];
  try {
    pin(backend.workerPids, LOAD_CPU);
    if (feature?.againstItself === true) {
      const plain = {
        ...given,
        feature: undefined,
        directory: directory('without'),
        port: nginxPort,
        metricsPort: haproxyPort,
      };
      const without = await startCauseway(options.nginx, options.dataplaneDirectory, plain);
      subjects.push({ ...without, name: 'causeway without', stop: () => without.stop() });
    } else {
      const peer = { ...given, directory: directory('nginx'), port: nginxPort };
      subjects.push(await startStaticNginx(options.nginx, peer));
    }
    if (feature === undefined) {
      subjects.push(
        await startHaproxy(options.bench, { ...given, directory: directory('haproxy'), port: haproxyPort }),
      );
    }
    subjects.push(
      await startCauseway(options.nginx, options.dataplaneDirectory, {
        ...given,
        directory: directory('causeway'),
        port,
        metricsPort,
        firewall: options.firewall,
      }),
    );
    const caddy = feature === undefined ? caddyProgram() : undefined;
    if (caddy !== undefined && compared.protocol === 'http' && rules.length <= CADDY_RULES_MAX) {
      subjects.push(await startCaddy(caddy, { ...given, directory: directory('caddy'), port: caddyPort }));
    }
    for (const subject of subjects) pin(subject.workerPids, PROXY_CPU);
    return await takeTurns(options, compared, subjects, (subject, seconds) =>
      sample(options, compared, { subject, script, seconds, rule: rules[0] }),
    );
  } finally {
    for (const subject of subjects) await subject.stop();
    await backend.stop();
  }
}

export function renderProxyCosts(first: string, results: readonly ProxyCost[]): string {
  const head = [first, 'proxy', 'CPU us/request', 'ratio', 'requests/s', 'p99 ms', 'MiB', 'errors'];
  const rows = results.map((result) => [
    result.name,
    result.proxy,
    result.microsecondsPerRequest.toFixed(2),
    result.ratio.toFixed(2),
    Math.round(result.requestsPerSecond).toLocaleString('en'),
    result.p99Ms?.toFixed(2) ?? '-',
    result.memoryMiB.toFixed(0),
    String(result.errors),
  ]);
  return table(head, rows);
}

interface Sample extends LoadResult {
  readonly microseconds: number;
}

async function takeTurns(
  options: BenchmarkOptions,
  { name }: ComparisonCase,
  subjects: readonly Subject[],
  take: (subject: Subject, seconds: number) => Promise<Sample>,
): Promise<ProxyCost[]> {
  const rounds = options.rounds ?? (options.quick ? 1 : 7);
  const seconds = options.seconds ?? (options.quick ? 1 : 5);
  const samples = subjects.map((): Sample[] => []);
  if (!options.quick) for (const subject of subjects) await take(subject, Math.min(seconds, WARM_UP_SECONDS));
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, subject] of subjects.entries()) samples[index]?.push(await take(subject, seconds));
  }
  const baseline = samples[0] ?? [];
  return subjects.map((subject, index) => summarize(name, subject, samples[index] ?? [], baseline));
}

interface SampleOptions {
  readonly subject: Subject;
  readonly script: string;
  readonly seconds: number;
  readonly rule: WorkloadRule | undefined;
}

async function sample(
  options: BenchmarkOptions,
  compared: ComparisonCase,
  given: SampleOptions,
  tries = TRIES,
): Promise<Sample> {
  const taken = await sampleOnce(options, compared, given);
  return taken.requests === 0 && taken.errors === 0 && tries > 1 ? sample(options, compared, given, tries - 1) : taken;
}

async function sampleOnce(
  { bench }: BenchmarkOptions,
  { protocol }: ComparisonCase,
  { subject, script, seconds, rule }: SampleOptions,
): Promise<Sample> {
  const given = { libraryPath: bench.libraryPath, connections: CONNECTIONS, seconds, cpu: LOAD_CPU };
  const before = cpuMicroseconds(subject.workerPids);
  const load =
    protocol === 'http2'
      ? await runHttp2Load({
          ...given,
          h2load: bench.h2load,
          url: `${subject.url}${rule?.path}/item`,
          host: rule?.host ?? '',
        })
      : await runLoad({ ...given, wrk: bench.wrk, script, url: subject.url });
  const spent = cpuMicroseconds(subject.workerPids) - before;
  return { ...load, microseconds: spent / load.requests };
}

function summarize(name: string, subject: Subject, samples: readonly Sample[], baseline: readonly Sample[]): ProxyCost {
  const ratios = samples.map(({ microseconds }, round) => microseconds / (baseline[round]?.microseconds ?? Number.NaN));
  const p99s = samples.flatMap(({ p99Ms }) => (p99Ms === undefined ? [] : [p99Ms]));
  return {
    name,
    proxy: subject.name,
    microsecondsPerRequest: median(samples.map((one) => one.microseconds)),
    ratio: median(ratios),
    requestsPerSecond: median(samples.map((one) => one.requestsPerSecond)),
    p99Ms: p99s.length === 0 ? undefined : median(p99s),
    memoryMiB: memoryMiB(subject.workerPids),
    errors: samples.reduce((sum, one) => sum + one.errors, 0),
  };
}

function pin(pids: readonly number[], cpu: number): void {
  for (const pid of pids) execFileSync('taskset', ['-acp', String(cpu), String(pid)], { stdio: 'ignore' });
}
