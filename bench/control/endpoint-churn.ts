import { setTimeout as sleep } from 'node:timers/promises';
import { KIND_REFS, type KindMap } from '@causeway/resources/kinds';
import type { BenchmarkOptions } from '../benchmark.ts';
import { cpuMicroseconds } from '../measure/cpu.ts';
import { median, quantile, table } from '../measure/statistics.ts';
import { instanceStatus, untilAllAnswer } from './data-plane.ts';
import { capacityOf, HalfLoad } from './half-load.ts';
import type { BenchHome } from './home.ts';
import { benchService, createAll, siteOf } from './objects.ts';
import type { WorkerProbe } from './worker-probe.ts';

const SLICE_SIZE = 100;

/** Endpoints of the Service `many` come and go, under load. */
export interface EndpointChurn {
  readonly home: BenchHome;
  /** Of the backend `a`, at all {@link churnAddresses}. */
  readonly port: number;
  /** Of the data plane. */
  readonly url: string;
  /** Makes `many` the Service of site 0. */
  readonly attach: () => Promise<void>;
  /** One for each worker. */
  readonly probes: () => Promise<readonly WorkerProbe[]>;
}

function slicesOf({ quick }: Pick<BenchmarkOptions, 'quick'>): number {
  return quick ? 2 : 10;
}

/** Where the backend has to listen. */
export function churnAddresses(options: Pick<BenchmarkOptions, 'quick'>): readonly string[] {
  return Array.from({ length: slicesOf(options) * SLICE_SIZE }, (_, index) => addressOf(index));
}

/** Measures it, and leaves everything as it is. @returns Markdown */
export async function endpointChurn(options: BenchmarkOptions, world: EndpointChurn): Promise<string> {
  const { home, url } = world;
  const { api } = home;
  const slices = slicesOf(options);
  const perSecond = options.quick ? 20 : 50;
  const changes = perSecond * (options.quick ? 1 : (options.seconds ?? 30));
  const [service] = benchService('many', world.port);
  await createAll(api, [service, ...Array.from({ length: slices }, (_, index) => sliceOf(world, index, -1))]);
  await world.attach();
  const probes = await world.probes();
  await untilAllAnswer(probes, siteOf(0), 'a');
  for (const probe of probes) probe.close();
  await home.untilQuiet(options.quick ? 300 : undefined);
  const before = await instanceStatus(api);
  const workers = (before.workers ?? []).map(({ pid }) => pid);

  const target = { ...options.bench, url, rules: 1, directory: options.workDirectory };
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
function sliceOf({ port }: EndpointChurn, slice: number, without: number): KindMap['EndpointSlice'] {
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
