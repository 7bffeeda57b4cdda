/**
 * What does it cost when endpoints come and go all the time: 1,000 behind one Service, 50 changes a second, traffic at half of
 * what the data plane can take? Does a request fail?
 *
 * Each change takes an endpoint out of its EndpointSlice of 100, or brings it back. All of them are addresses of one backend,
 * which goes on serving: what fails is the change's fault.
 */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KIND_REFS, type KindMap } from '@causeway/resources/kinds';
import type { Benchmark, BenchmarkOptions } from '../benchmark.ts';
import { cpuMicroseconds } from '../measure/cpu.ts';
import { median, quantile, table } from '../measure/statistics.ts';
import { instanceStatus, probeWorkers, startDataPlane, untilAllAnswer } from './data-plane.ts';
import { capacityOf, HalfLoad } from './half-load.ts';
import { BenchHome } from './home.ts';
import { benchIngress, benchService, createAll, siteOf } from './objects.ts';

const SLICE_SIZE = 100;

export const churn: Benchmark = {
  name: 'churn',
  question: 'What does it cost when endpoints come and go all the time, and does a request fail?',
  run: async (options) => {
    const slices = options.quick ? 2 : 10;
    const addresses = Array.from({ length: slices * SLICE_SIZE }, (_, index) => addressOf(index));
    const directory = path.join(options.workDirectory, 'churn');
    const home = await BenchHome.start(options, path.join(directory, 'data'));
    const backends = path.join(directory, 'backends');
    const plane = await startDataPlane(home.api, options.nginx, backends, ['127.0.0.1', ...addresses]);
    try {
      return await measure(options, { home, port: plane.backends.ports.a, http: plane.ports.http, slices });
    } finally {
      await home.stop();
      await plane.backends.stop();
    }
  },
};

interface Churn {
  readonly home: BenchHome;
  /** Of the backend. */
  readonly port: number;
  /** Of the data plane. */
  readonly http: number;
  readonly slices: number;
}

async function measure(options: BenchmarkOptions, world: Churn): Promise<string> {
  const { home, http, slices } = world;
  const { api } = home;
  const perSecond = options.quick ? 20 : 50;
  const changes = perSecond * (options.quick ? 1 : (options.seconds ?? 30));
  const [service] = benchService('many', world.port);
  await createAll(api, [service, ...Array.from({ length: slices }, (_, index) => sliceOf(world, index, -1))]);
  await createAll(api, [benchIngress(0, 'many')]);
  const probes = await probeWorkers(api, http);
  await untilAllAnswer(probes, siteOf(0), 'a');
  for (const probe of probes) probe.close();
  await home.untilQuiet(options.quick ? 300 : undefined);
  const before = await instanceStatus(api);
  const workers = (before.workers ?? []).map(({ pid }) => pid);

  const target = { ...options.bench, url: `http://127.0.0.1:${http}`, rules: 1, directory: options.workDirectory };
  const capacity = await capacityOf(target);
  const half = HalfLoad.start({ ...target, requestsPerSecond: capacity / 2 });
  const quietUs = await workerTime(workers, options.quick ? 300 : 5_000);
  const cpuBefore = home.cpuMs();
  const apiMs: number[] = [];
  const written: Promise<void>[] = [];
  const busyUs = workerTime(workers, (changes / perSecond) * 1_000);
  const startedAt = performance.now();
  for (let number = 0; number < changes; number += 1) {
    const dueMs = startedAt + (number * 1_000) / perSecond - performance.now();
    if (dueMs > 0) await sleep(dueMs);
    const slice = number % slices;
    const turn = Math.floor(number / slices);
    // Out in one turn, back in the next.
    const { endpoints } = sliceOf(world, slice, turn % 2 === 0 ? Math.floor(turn / 2) % SLICE_SIZE : -1);
    const key = { namespace: 'default', name: `many-${slice}` };
    const sentAt = performance.now();
    const patched = api.patch(KIND_REFS.EndpointSlice, key, { endpoints }, { type: 'merge' });
    written.push(patched.then(() => void apiMs.push(performance.now() - sentAt)));
  }
  await Promise.all(written);
  const workersMs = ((await busyUs) - quietUs) / perSecond / 1_000;
  const loaded = await half.stop();
  const after = await instanceStatus(api);

  const cpuAfter = home.cpuMs();
  const programs = ['apiserver', 'controllers', 'agent'];
  const cpu = programs.map((name) => ((cpuAfter[name] ?? 0) - (cpuBefore[name] ?? 0)) / changes);
  const numbers = [median(apiMs), quantile(apiMs, 0.99), ...cpu, workersMs].map((value) => value.toFixed(2));
  const head = ['endpoints', 'changes', 'API answered p50, ms', 'p99', ...programs.map(inHead), inHead('workers')];
  const row = [slices * SLICE_SIZE, changes, ...numbers].map(String);
  return `${table(head, [row])}\n\nLoad: ${loaded.requestsPerSecond.toFixed(0)} of ${capacity.toFixed(0)} requests a second, ${loaded.requests} in all, ${loaded.failed} failed. Reloads: ${(after.reloads ?? 0) - (before.reloads ?? 0)}.`;
}

function inHead(program: string): string {
  return `${program}, ms of a processor each`;
}

/** Processor time that the workers take in a second, in microseconds, seen over so long. */
async function workerTime(workers: readonly number[], ms: number): Promise<number> {
  const before = cpuMicroseconds(workers);
  const begun = performance.now();
  await sleep(ms);
  return ((cpuMicroseconds(workers) - before) / (performance.now() - begun)) * 1_000;
}

/** @param without number of the endpoint in the slice that is left out; -1: none */
function sliceOf({ port }: Churn, slice: number, without: number): KindMap['EndpointSlice'] {
  const endpoints = Array.from({ length: SLICE_SIZE }, (_, index) => ({
    addresses: [addressOf(slice * SLICE_SIZE + index)],
    conditions: { ready: true },
  }));
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `many-${slice}`,
      namespace: 'default',
      labels: { 'kubernetes.io/service-name': 'many' },
    },
    addressType: 'IPv4',
    ports: [{ name: 'http', port, protocol: 'TCP' }],
    endpoints: endpoints.filter((_, index) => index !== without),
  };
}

/** Of loopback, but not 127.0.0.1. */
function addressOf(index: number): string {
  return `127.1.${Math.floor(index / 250)}.${1 + (index % 250)}`;
}
