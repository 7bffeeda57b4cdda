/**
 * How long from the start of `up` until it says that it is ready, i.e. until
 * everything stored serves: empty, with the quick start's size stored, and with
 * thousands of routes stored?
 *
 * Each start is a new process on a data directory that was filled and stopped
 * before. Processor time is reported besides wall time: on a busy machine it is
 * the number that means something.
 */
import { get } from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Benchmark, BenchmarkOptions } from '../benchmark.ts';
import { median, table } from '../measure/statistics.ts';
import { instanceStatus, probeWorkers, startDataPlane, untilAllAnswer } from './data-plane.ts';
import { BenchHome } from './home.ts';
import { benchIngress, createAll, siteOf } from './objects.ts';

export const start: Benchmark = {
  name: 'start',
  question: 'How long from the start of `up` until everything stored serves?',
  run: async (options) => {
    const rounds = options.rounds ?? (options.quick ? 1 : 5);
    const sizes = options.quick ? [3] : [0, 1, ...(options.rules ?? [5000])];
    const rows: string[][] = [];
    for (const routes of sizes) rows.push(await measure(options, routes, rounds));
    return table(
      [
        'routes stored',
        'ready, ms (median)',
        'slowest, ms',
        'last route answers, ms (median)',
        'processor time, ms (median)',
        'starts',
      ],
      rows,
    );
  },
};

async function measure(options: BenchmarkOptions, routes: number, rounds: number): Promise<string[]> {
  const directory = path.join(options.workDirectory, `start-${routes}`);
  const data = path.join(directory, 'data');
  const filled = await fill(options, directory, data, routes);
  try {
    const readyMs: number[] = [];
    const servedMs: number[] = [];
    const cpuMs: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const served = untilServed(filled, routes);
      const home = await BenchHome.start(options, data);
      readyMs.push(home.readyMs);
      servedMs.push(await served);
      cpuMs.push(home.readyCpuMs);
      await assertServes(home, routes);
      await home.stop();
    }
    const numbers = [median(readyMs), Math.max(...readyMs), median(servedMs), median(cpuMs)].map((value) =>
      value.toFixed(0),
    );
    return [String(routes), ...numbers, String(rounds)];
  } finally {
    await filled.stop();
  }
}

interface Filled {
  /** Where the routes are served. */
  readonly port: number;
  /** Ends the backends. */
  stop(): Promise<void>;
}

/** Milliseconds from now until the last route answers; 0 when there is none. */
async function untilServed({ port }: Filled, routes: number): Promise<number> {
  if (routes === 0) return 0;
  const startedAt = performance.now();
  const { host, path: url } = siteOf(routes - 1);
  for (;;) {
    const status = await new Promise<number>((resolve) => {
      const call = get({ host: '127.0.0.1', port, path: url, headers: { host }, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      call.on('error', () => resolve(0)); // not listening yet
    });
    if (status === 200) return performance.now() - startedAt;
    await sleep(5);
  }
}

/** Makes a data directory with that many Ingresses. */
async function fill(options: BenchmarkOptions, directory: string, data: string, routes: number): Promise<Filled> {
  const home = await BenchHome.start(options, data);
  try {
    if (routes === 0) return { port: 0, stop: () => Promise.resolve() };
    const { backends } = await startDataPlane(home.api, options.nginx, path.join(directory, 'backends'));
    await createAll(
      home.api,
      Array.from({ length: routes }, (_, index) => benchIngress(index, 'a')),
    );
    const http = await httpPort(home);
    const probes = await probeWorkers(home.api, http);
    for (let index = 0; index < routes; index += 1) await untilAllAnswer(probes, siteOf(index), 'a');
    for (const probe of probes) probe.close();
    return { port: http, stop: backends.stop };
  } finally {
    await home.stop();
  }
}

/** What `ready` promised: the last route answers at once. */
async function assertServes(home: BenchHome, routes: number): Promise<void> {
  if (routes === 0) return;
  const probes = await probeWorkers(home.api, await httpPort(home));
  for (const probe of probes) {
    const { host, path: url } = siteOf(routes - 1);
    const { status } = await probe.get(host, url);
    if (status !== 200) throw new Error(`ready, but the last route answers ${status}`);
    probe.close();
  }
}

/** The data plane's port for routes is the first that is neither its metrics nor TLS. */
async function httpPort(home: BenchHome): Promise<number> {
  for (;;) {
    const { ports = [] } = await instanceStatus(home.api);
    const port = ports.find(({ protocol }) => protocol === 'http')?.port;
    if (port !== undefined) return port;
  }
}
