/**
 * From before the write to the API until every worker serves it, how long does
 * one change take, with 10,000 rules, 100 changes a second and traffic at half
 * of what the data plane can take? Does a request fail, a WebSocket drop or
 * nginx reload?
 *
 * Each change concerns another object. Whether a worker serves it is asked on a
 * connection to that very worker, again and again. Changes begin on schedule,
 * whatever became of those before (open loop), so slow ones are not hidden.
 * This program comes before the load when the processor is wanted by both, or
 * it would measure how long it waits itself.
 *
 * Kinds of changes alternate for some rounds, and the medians of the rounds
 * count: a host that takes the processors away for a moment spoils one round of
 * one kind. How much it took is told.
 */
import { setPriority } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { KIND_REFS, type KindMap } from '@causeway/resources/kinds';
import { type Benchmark, type BenchmarkOptions, isWanted } from '../benchmark.ts';
import { hostTicks, stolenShare } from '../measure/cpu.ts';
import { median, quantile, table } from '../measure/statistics.ts';
import { type CertificateChange, certificateChanges } from './certificate-change.ts';
import { type DataPlane, instanceStatus, probeWorkers, startDataPlane, untilAllAnswer } from './data-plane.ts';
import { capacityOf, HalfLoad } from './half-load.ts';
import { BenchHome } from './home.ts';
import { ALB, benchIngress, benchRule, benchService, createAll, ingressName, ruleName, siteOf } from './objects.ts';
import type { ServedAt } from './served-at.ts';
import { OpenWebSockets } from './web-sockets.ts';
import type { WorkerProbe } from './worker-probe.ts';

/** Ingresses of this many, at the start of the list, have a Service of their own for endpoint changes. */
const OWN_SERVICES = 200;
const WEB_SOCKETS = 20;
const TIMEOUT_MS = 10_000;

export const change: Benchmark = {
  name: 'change',
  question: 'How long until every worker serves a change, under load; and what does it cost those who are connected?',
  run: async (options) => {
    const sizes = sizesOf(options);
    const directory = path.join(options.workDirectory, 'change');
    const home = await BenchHome.start(options, path.join(directory, 'data'));
    try {
      const plane = await startDataPlane(home.api, options.nginx, path.join(directory, 'backends'));
      try {
        return await measure(home, plane, sizes, options);
      } finally {
        await plane.backends.stop();
      }
    } finally {
      await home.stop();
    }
  },
};

interface Sizes {
  readonly rules: number;
  /** Of each kind in a round. */
  readonly changes: number;
  readonly perSecond: number;
  readonly rounds: number;
}

function sizesOf({ quick, rules, seconds, rounds }: BenchmarkOptions): Sizes {
  // So many rules that none is changed back before everybody has seen the change, however slow the machine.
  if (quick) return { rules: 40, changes: 10, perSecond: 20, rounds: 1 };
  return { rules: rules?.[0] ?? 10_000, changes: 100 * (seconds ?? 10), perSecond: 100, rounds: rounds ?? 5 };
}

async function measure(home: BenchHome, plane: DataPlane, sizes: Sizes, options: BenchmarkOptions): Promise<string> {
  const { api } = home;
  const { rules } = sizes;
  const own = Math.min(OWN_SERVICES, Math.floor(rules / 4));
  const services = Array.from({ length: own }, (_, index) => benchService(`own${index}`, plane.backends.ports.a));
  await createAll(api, services.flat());
  const certificates = await certificateChanges(api, plane.ports.https, options.quick ? 2 : 100);
  await createAll(
    api,
    Array.from({ length: rules }, (_, index) => benchIngress(index, index < own ? `own${index}` : 'a')),
  );
  const ownRules = own;
  await createAll(
    api,
    Array.from({ length: ownRules }, (_, index) => benchRule(rules + index, 'a', plane.ports.http)),
  );
  // The ports come with the first Ingresses, by reloads: workers are those after the last one.
  await instanceStatus(api, [plane.ports.http, plane.ports.https]);
  const firstProbes = await probeWorkers(api, plane.ports.http);
  for (let index = 0; index < rules + ownRules; index += 1) await untilAllAnswer(firstProbes, siteOf(index), 'a');
  for (const probe of firstProbes) probe.close();
  await certificates.ready();
  await home.untilQuiet(options.quick ? 300 : undefined);
  const before = await instanceStatus(api);

  const url = `http://127.0.0.1:${plane.ports.http}`;
  const load = { ...options.bench, url, rules: Math.max(1, Math.floor(rules / 2)), directory: options.workDirectory };
  const capacity = await capacityOf(load);
  const half = HalfLoad.start({ ...load, requestsPerSecond: capacity / 2 });
  comeBeforeTheLoad(true);
  try {
    const world = { home, ownRules, api, plane, own, rules, certificates };
    return await measureUnderLoad(world, { half, capacity, reloads: before.reloads ?? 0 }, sizes, options);
  } finally {
    comeBeforeTheLoad(false);
    half.end();
  }
}

async function measureUnderLoad(
  quiet: Omit<World, 'probes'>,
  { half, capacity, reloads }: { readonly half: HalfLoad; readonly capacity: number; readonly reloads: number },
  sizes: Sizes,
  options: BenchmarkOptions,
): Promise<string> {
  const { api, plane, rules } = quiet;
  // Connections of their own: nginx may have closed those that were idle while it became quiet.
  const probes = await probeWorkers(api, plane.ports.http);
  const sockets = await OpenWebSockets.open(api, plane.ports.http, WEB_SOCKETS);
  const world: World = { ...quiet, probes };
  const kinds = CHANGES.filter((row) => isWanted(options, row.name)).map((row) => ({ ...row, rounds: [] as Series[] }));
  const hostBefore = hostTicks();
  for (let round = 0; round < sizes.rounds; round += 1) {
    for (const { apply, share, rounds } of kinds) {
      const changes = sizes.changes * share;
      rounds.push(await series(world, { first: round * changes, changes, perSecond: sizes.perSecond * share }, apply));
    }
  }
  const stolen = stolenShare(hostBefore, hostTicks());
  comeBeforeTheLoad(false);
  const dropped = await sockets.close();
  const loaded = await half.stop();
  const after = await instanceStatus(api);
  for (const probe of probes) probe.close();

  const facts = [
    `Load: ${loaded.requestsPerSecond.toFixed(0)} of ${capacity.toFixed(0)} requests a second, ${loaded.requests} in all, ` +
      `${loaded.failed} failed.`,
    `Of ${WEB_SOCKETS} WebSockets ${dropped} were dropped.`,
    `Reloads: ${(after.reloads ?? 0) - reloads}.`,
    `The host took ${(stolen * 100).toFixed(1)} % of the processors' time.`,
  ];
  const head = [
    'change',
    'number',
    'API answered p50, ms',
    'p99',
    'all workers serve it p50, ms',
    'p99',
    'p99 of the rounds',
    'slowest',
    'processor time each, ms: apiserver',
    'controllers',
    'agent',
    'failed',
  ];
  const rows = kinds.map(({ name, rounds }) => [name, ...cells(rounds)]);
  const what = `${rules} rules, ${sizes.perSecond} changes a second (certificates: a tenth of that); medians of ${sizes.rounds} alternating rounds.`;
  return `${what}\n\n${table(head, rows)}\n\n${facts.join(' ')}`;
}

/** What a row says of a kind of change; `slowest` is that of all rounds. */
function cells(rounds: readonly Series[]): readonly string[] {
  const medianOf = (value: (round: Series) => number): string => median(rounds.map(value)).toFixed(1);
  const served99 = rounds.map(({ servedMs }) => quantile(servedMs, 0.99));
  return [
    String(rounds.reduce((sum, { servedMs }) => sum + servedMs.length, 0)),
    medianOf(({ apiMs }) => median(apiMs)),
    medianOf(({ apiMs }) => quantile(apiMs, 0.99)),
    medianOf(({ servedMs }) => median(servedMs)),
    median(served99).toFixed(1),
    served99.map((value) => value.toFixed(0)).join(' '),
    Math.max(...rounds.flatMap(({ servedMs }) => servedMs)).toFixed(1),
    ...PROGRAMS.map((program) => medianOf(({ cpuMs }) => cpuMs[program])),
    String(rounds.reduce((sum, { failed }) => sum + failed, 0)),
  ];
}

/** Who is not root may not, and measures with what he has. */
function comeBeforeTheLoad(wanted: boolean): void {
  try {
    setPriority(wanted ? -10 : 0);
  } catch {}
}

interface World {
  readonly home: BenchHome;
  readonly api: KubernetesClient;
  readonly plane: DataPlane;
  readonly probes: readonly WorkerProbe[];
  /** How many Rules come from no Ingress; their sites are those after the Ingresses'. */
  readonly ownRules: number;
  /** How many Ingresses have a Service of their own. */
  readonly own: number;
  readonly rules: number;
  readonly certificates: CertificateChange;
}

/** Starts a change: `written` resolves with the API's answer, `served` when every worker has it. */
type Apply = (
  world: World,
  number: number,
) => { readonly written: Promise<unknown>; readonly served: Promise<ServedAt> };

/** Every change flips between two states, so that there is one whatever the number. */
const CHANGES: readonly { readonly name: string; readonly apply: Apply; readonly share: number }[] = [
  { name: 'a Rule gets another Service', apply: changeRule, share: 1 },
  { name: 'an Ingress gets another Service', apply: changeIngress, share: 1 },
  { name: 'an EndpointSlice gets another port', apply: changeEndpoint, share: 1 },
  // Fewer: each handshake that asks for the certificate costs a worker more than the change does.
  {
    name: 'a Secret gets another certificate',
    apply: (world, number) => world.certificates.apply(number),
    share: 0.1,
  },
];

function changeIngress({ api, probes, own, rules }: World, number: number): ReturnType<Apply> {
  const index = own + (number % (rules - own));
  const body = Math.floor(number / (rules - own)) % 2 === 0 ? 'b' : 'a';
  const { spec } = benchIngress(index, body);
  const key = { namespace: 'default', name: ingressName(index) };
  const written = api.patch(KIND_REFS.Ingress, key, { spec }, { type: 'merge' });
  return { written, served: servedAfter(written, probes, index, body) };
}

function changeRule({ api, probes, rules, ownRules }: World, number: number): ReturnType<Apply> {
  const index = number % ownRules;
  const body = Math.floor(number / ownRules) % 2 === 0 ? 'b' : 'a';
  const site = rules + index;
  const { spec } = benchRule(site, body, 0);
  const key = { namespace: ALB.namespace, name: ruleName(site) };
  const written = api.patch(KIND_REFS.Rule, key, { spec }, { type: 'merge' });
  return { written, served: servedAfter(written, probes, site, body) };
}

function changeEndpoint({ api, probes, own, plane }: World, number: number): ReturnType<Apply> {
  const index = number % own;
  const body = Math.floor(number / own) % 2 === 0 ? 'b' : 'a';
  const ports: KindMap['EndpointSlice']['ports'] = [
    { name: 'http', port: plane.backends.ports[body], protocol: 'TCP' },
  ];
  const key = { namespace: 'default', name: `own${index}-1` };
  const written = api.patch(KIND_REFS.EndpointSlice, key, { ports }, { type: 'merge' });
  return { written, served: servedAfter(written, probes, index, body) };
}

/** Nothing can be served before the API has answered, so nobody is asked before. */
async function servedAfter(
  written: Promise<unknown>,
  probes: readonly WorkerProbe[],
  index: number,
  body: string,
): Promise<ServedAt> {
  await written;
  const failed = await untilAllAnswer(probes, siteOf(index), body);
  return { at: performance.now(), failed };
}

const PROGRAMS = ['apiserver', 'controllers', 'agent'] as const;

/** A round of one kind of change. */
interface Series {
  /** From the request to the API's answer. */
  readonly apiMs: readonly number[];
  /** From the request until the last worker serves it. */
  readonly servedMs: readonly number[];
  /** Requests that failed on the way. */
  readonly failed: number;
  /** Processor time of each program for a change. */
  readonly cpuMs: Readonly<Record<(typeof PROGRAMS)[number], number>>;
}

/** @param sizes.first the number of the first change: changes flip, so rounds must go on counting */
async function series(
  world: World,
  sizes: Pick<Sizes, 'changes' | 'perSecond'> & { readonly first: number },
  apply: Apply,
): Promise<Series> {
  const apiMs: number[] = [];
  const servedMs: number[] = [];
  let failed = 0;
  const begun: Promise<void>[] = [];
  const cpuBefore = world.home.cpuMs();
  const startedAt = performance.now();
  for (let number = 0; number < sizes.changes; number += 1) {
    const dueMs = startedAt + (number * 1000) / sizes.perSecond - performance.now();
    if (dueMs > 0) await sleep(dueMs);
    const sentAt = performance.now();
    const { written, served } = apply(world, sizes.first + number);
    // Nobody waits for it when the write failed.
    served.catch(() => undefined);
    const one = async (): Promise<void> => {
      await written;
      apiMs.push(performance.now() - sentAt);
      const late = sleep(TIMEOUT_MS, undefined, { ref: false }).then(() => {
        throw new Error(`change ${number} is not served after ${TIMEOUT_MS} ms`);
      });
      const { at, failed: failures } = await Promise.race([served, late]);
      failed += failures;
      servedMs.push(at - sentAt);
    };
    const running = one();
    // Told below, with those of all: until then nobody would have taken it, and Node ends a program for that, whatever it has started.
    running.catch(() => undefined);
    begun.push(running);
  }
  await Promise.all(begun);
  const cpuAfter = world.home.cpuMs();
  const each = (program: string): number => ((cpuAfter[program] ?? 0) - (cpuBefore[program] ?? 0)) / sizes.changes;
  const cpuMs = { apiserver: each('apiserver'), controllers: each('controllers'), agent: each('agent') };
  return { apiMs, servedMs, failed, cpuMs };
}
