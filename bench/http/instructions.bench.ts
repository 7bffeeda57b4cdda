/**
 * How many user-space instructions does one proxied request take in Causeway's nginx and in static nginx, and how often do they miss
 * in the caches? A count that other
 * work on the machine cannot spoil: the regression check of the request path.
 *
 * Causeway's own nginx.conf and state file run in a single process without agent, so the metrics that a worker reports once a
 * second are left out.
 */
import type { ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Benchmark, BenchmarkOptions } from '../benchmark.ts';
import { askedHeaders, type BenchFeature } from '../features/feature.ts';
import { countExecution, type ExecutionCount, hasCallgrind, spawnUnderCallgrind } from '../measure/callgrind.ts';
import { freePorts } from '../measure/free-ports.ts';
import { table } from '../measure/statistics.ts';
import { runSteadyLoad } from '../measure/steady-load.ts';
import { startCauseway } from './causeway.ts';
import { startBackend, staticNginxConf, stopProcess, untilServing, writeFeatureFiles } from './nginx-peer.ts';
import type { SubjectOptions } from './subject.ts';
import { type WorkloadRule, workloadRequests, workloadRules } from './workload.ts';

/** One: with more, the count depends on how many events nginx finds at once. */
const CONNECTIONS = 1;

/** Requests for each rule before the count begins: LuaJIT's traces, connections to backends, the counters of each route. */
const WARM_UP = 3;

export const instructions: Benchmark = {
  name: 'instructions',
  question: 'How many user-space instructions does one proxied request take, against static nginx with the same rules?',
  run: async (options) =>
    hasCallgrind() ? renderInstructions(await measureInstructions(options)) : 'Skipped: valgrind is not installed.',
};

export interface InstructionCount {
  readonly rules: number;
  readonly proxy: string;
  readonly perRequest: ExecutionCount;
}

export async function measureInstructions(options: BenchmarkOptions): Promise<readonly InstructionCount[]> {
  const root = path.join(options.workDirectory, 'instructions');
  const requests = options.quick ? 500 : 3000;
  const backendPorts = await freePorts(3);
  const backend = await startBackend(options.nginx, path.join(root, 'backend'), backendPorts);
  const counts: InstructionCount[] = [];
  try {
    for (const count of options.rules ?? (options.quick ? [1] : [1, 10_000])) {
      const rules = workloadRules(count);
      counts.push(
        ...(await countProxies(options, { directory: path.join(root, `${count}`), backendPorts, rules, requests })),
      );
    }
  } finally {
    await backend.stop();
  }
  return counts;
}

/** Counts static nginx, or Causeway without the feature where nginx cannot do the same; then Causeway, with the same rules. */
export async function countProxies(
  options: BenchmarkOptions,
  counted: Omit<SubjectOptions, 'port'> & { readonly requests: number },
): Promise<readonly InstructionCount[]> {
  const { directory, backendPorts, rules, feature, requests } = counted;
  const [port = 0, metricsPort = 0] = await freePorts(2);
  const given = { backendPorts, rules, port, feature };
  const staticDirectory = path.join(directory, 'static');
  const ownDirectory = path.join(directory, 'causeway');
  const confs = [
    feature?.againstItself === true
      ? {
          proxy: 'causeway without',
          directory: staticDirectory,
          conf: await causewayConf(options, {
            ...given,
            feature: undefined,
            directory: staticDirectory,
            metricsPort,
          }),
        }
      : {
          proxy: 'static nginx',
          directory: staticDirectory,
          conf: staticNginxConf({ ...given, directory: staticDirectory }),
        },
    {
      proxy: 'causeway',
      directory: ownDirectory,
      conf: await causewayConf(options, { ...given, directory: ownDirectory, metricsPort }),
    },
  ];
  const counts: InstructionCount[] = [];
  writeFeatureFiles({ directory: staticDirectory, feature });
  const asked = feature === undefined ? undefined : askedHeaders(feature, backendPorts[0] ?? 0);
  for (const one of confs) {
    const perRequest = await countRequests(options, { ...one, port, rules, requests, feature, asked });
    counts.push({ rules: rules.length, proxy: one.proxy, perRequest });
  }
  return counts;
}

/** The nginx.conf that Causeway makes for these rules, cut off from its agent; its state file is in the directory. */
export async function causewayConf(
  options: BenchmarkOptions,
  given: SubjectOptions & { readonly metricsPort: number },
): Promise<string> {
  const subject = await startCauseway(options.nginx, options.dataplaneDirectory, {
    ...given,
    directory: path.join(given.directory, 'run'),
  });
  const workerDirectory = readlinkSync(`/proc/${subject.workerPids[0]}/cwd`);
  const conf = readFileSync(path.join(workerDirectory, 'nginx.conf'), 'utf8');
  const stateFile = path.join(given.directory, 'state.jsonl');
  copyFileSync(/stateFile = "([^"]+)"/.exec(conf)?.[1] ?? '', stateFile);
  await subject.stop();
  return conf
    .replace(/stateFile = "[^"]+"/, `stateFile = "${stateFile}"`)
    .replace(/socket = "[^"]+"/, 'socket = "unix:/nonexistent"');
}

export interface CountedNginx {
  /** Prefix of nginx, and where callgrind writes. */
  readonly directory: string;
  readonly conf: string;
  readonly port: number;
  readonly rules: readonly WorkloadRule[];
  readonly requests: number;
  readonly feature?: BenchFeature | undefined;
  /** Headers of each request. */
  readonly asked?: Readonly<Record<string, string>> | undefined;
}

/** @returns means of a request */
export async function countRequests(options: BenchmarkOptions, counted: CountedNginx): Promise<ExecutionCount> {
  const { directory, conf, port, rules, requests, feature } = counted;
  mkdirSync(path.join(directory, 'temp'), { recursive: true });
  const file = path.join(directory, 'counted.conf');
  writeFileSync(file, `user root; master_process off;\n${conf.replaceAll('daemon off;', '')}`);
  const child: ChildProcess = spawnUnderCallgrind(
    directory,
    [options.nginx.nginx, '-p', directory, '-c', file, '-e', path.join(directory, 'error.log'), '-g', 'daemon off;'],
    { LD_LIBRARY_PATH: options.nginx.libraryPath },
  );
  try {
    await untilServing(`http://127.0.0.1:${port}`, child);
    const request = workloadRequests(rules, counted.asked);
    const { status = 200 } = feature ?? {};
    const load = (amount: number): Promise<void> =>
      runSteadyLoad({ port, connections: CONNECTIONS, requests: amount, request, status });
    await load(Math.max(requests, WARM_UP * rules.length));
    const { instructions, misses } = await countExecution(child, directory, () => load(requests));
    return { instructions: instructions / requests, misses: misses / requests };
  } finally {
    await stopProcess(child);
  }
}

function renderInstructions(counts: readonly InstructionCount[]): string {
  const rows = counts.map(({ rules, proxy, perRequest }) => {
    const baseline = counts.find((other) => other.rules === rules)?.perRequest.instructions ?? Number.NaN;
    return [
      rules.toLocaleString('en'),
      proxy,
      Math.round(perRequest.instructions).toLocaleString('en'),
      (perRequest.instructions / baseline).toFixed(2),
      perRequest.misses.toFixed(0),
    ];
  });
  return table(['rules', 'proxy', 'instructions/request', 'ratio', 'cache misses/request'], rows);
}
