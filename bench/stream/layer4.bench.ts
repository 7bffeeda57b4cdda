/**
 * What does a connection through a tcp port cost the proxy's processor, and what a MiB? One worker of each proxy pinned to one
 * processor, load and backends on the other; proxies take turns, medians count, ratios are taken round by round.
 *
 * connections: a request and 1 KiB on each, then it is closed. bytes: 256 KiB answers on connections that stay.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Benchmark, BenchmarkOptions } from '../benchmark.ts';
import { type LoadResult, runLoad } from '../http/load.ts';
import type { Subject } from '../http/subject.ts';
import { cpuMicroseconds } from '../measure/cpu.ts';
import { freePorts } from '../measure/free-ports.ts';
import { median, table } from '../measure/statistics.ts';
import { startCausewayTcp } from './causeway.ts';
import { startHaproxyTcp, startNginxStream, startStreamBackend } from './peers.ts';

const PROXY_CPU = 0;
const LOAD_CPU = 1;
const BIG_BYTES = 262_144;

interface Case {
  readonly name: 'connections' | 'bytes';
  readonly request: string;
  readonly connections: number;
  /** How many of the table's units a request is. */
  readonly units: number;
  readonly unit: string;
}

const CASES: readonly Case[] = [
  {
    name: 'connections',
    request: 'GET / HTTP/1.1\\r\\nHost: bench.test\\r\\nConnection: close\\r\\n\\r\\n',
    connections: 32,
    units: 1,
    unit: 'connection',
  },
  {
    name: 'bytes',
    request: 'GET /big HTTP/1.1\\r\\nHost: bench.test\\r\\n\\r\\n',
    connections: 8,
    units: BIG_BYTES / 1_048_576,
    unit: 'MiB',
  },
];

export const layer4: Benchmark = {
  name: 'layer4',
  question:
    'What does a connection through a tcp port cost the processor, and what a MiB, compared with nginx stream (static endpoints) and haproxy tcp?',
  run: async (options) => {
    const root = path.join(options.workDirectory, 'layer4');
    mkdirSync(root, { recursive: true });
    const ports = await freePorts(3);
    const backend = await startStreamBackend(options.nginx, path.join(root, 'backend'), { ports, bigBytes: BIG_BYTES });
    const subjects: Subject[] = [];
    try {
      pin(backend.workerPids, LOAD_CPU);
      const [nginxPort = 0, haproxyPort = 0, port = 0, metricsPort = 0] = await freePorts(4);
      const given = (name: string) => ({ directory: path.join(root, name), backendPorts: ports });
      subjects.push(
        await startNginxStream(options.nginx, { ...given('nginx'), port: nginxPort }),
        await startHaproxyTcp(options.bench, { ...given('haproxy'), port: haproxyPort }),
        await startCausewayTcp(options.nginx, options, { ...given('causeway'), port, metricsPort }),
      );
      for (const subject of subjects) pin(subject.workerPids, PROXY_CPU);
      const rows: (readonly string[])[] = [];
      for (const each of CASES) rows.push(...(await measure(options, each, subjects, root)));
      return table(['case', 'proxy', 'CPU us', 'ratio', 'per second', 'p99 ms', 'errors'], rows);
    } finally {
      for (const subject of subjects) await subject.stop();
      await backend.stop();
    }
  },
};

interface Sample extends LoadResult {
  readonly microseconds: number;
}

async function measure(
  options: BenchmarkOptions,
  one: Case,
  subjects: readonly Subject[],
  root: string,
): Promise<readonly (readonly string[])[]> {
  const script = path.join(root, `${one.name}.lua`);
  writeFileSync(script, wrkScript(one.request));
  const rounds = options.rounds ?? (options.quick ? 1 : 7);
  const seconds = options.seconds ?? (options.quick ? 1 : 4);
  const take = async (subject: Subject): Promise<Sample> => {
    const { wrk, libraryPath } = options.bench;
    const before = cpuMicroseconds(subject.workerPids);
    const load = await runLoad({
      ...{ wrk, libraryPath, script, url: subject.url, connections: one.connections, seconds, cpu: LOAD_CPU },
    });
    const spent = cpuMicroseconds(subject.workerPids) - before;
    return { ...load, microseconds: spent / (load.requests * one.units) };
  };
  const samples = subjects.map((): Sample[] => []);
  for (const subject of subjects) await take(subject);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, subject] of subjects.entries()) samples[index]?.push(await take(subject));
  }
  return subjects.map(({ name }, index) => {
    const own = samples[index] ?? [];
    const ratios = own.map(
      ({ microseconds }, round) => microseconds / (samples[0]?.[round]?.microseconds ?? Number.NaN),
    );
    return [
      `${one.name} (${one.unit})`,
      name,
      median(own.map(({ microseconds }) => microseconds)).toFixed(1),
      median(ratios).toFixed(2),
      Math.round(median(own.map(({ requestsPerSecond }) => requestsPerSecond * one.units))).toLocaleString('en'),
      median(own.map(({ p99Ms }) => p99Ms ?? Number.NaN)).toFixed(2),
      String(own.reduce((sum, { errors }) => sum + errors, 0)),
    ];
  });
}

/** Sends one request over and over, and prints what `runLoad` reads. */
function wrkScript(request: string): string {
  return `local text = "${request}"
function request() return text end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d\\n", summary.requests, summary.duration,
    e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(99), latency.max))
end
`;
}

function pin(pids: readonly number[], cpu: number): void {
  for (const pid of pids) execFileSync('taskset', ['-acp', String(cpu), String(pid)], { stdio: 'ignore' });
}
