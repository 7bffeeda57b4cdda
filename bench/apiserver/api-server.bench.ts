/**
 * What does the API server alone manage: durable creates a second of one and of many clients, ten thousand Ingresses applied, a long
 * list, a change that a thousand watchers are told, a change beside long lists and beside another user who asks for more than there is;
 * and what memory does it take? The peer is kube-apiserver with etcd, both with fsync, where `causeway conformance apiserver` has built
 * them.
 *
 * The load comes over TLS from this process, and watchers and the other user from one of their own. It takes about as much processor
 * time as the server; the server's own time is reported beside.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Kubeconfig, loadKubeconfig } from '@causeway/protocols/kubernetes/kubeconfig';
import { type Benchmark, type BenchmarkOptions, isWanted } from '../benchmark.ts';
import { benchIngress } from '../control/objects.ts';
import { cpuMicroseconds, hostTicks, memoryMiB, stolenShare } from '../measure/cpu.ts';
import { median, quantile, table } from '../measure/statistics.ts';
import { Http2Load, RawConnection } from './api-load.ts';
import type { AskForMuch } from './ask-for-much.ts';
import { type Server, startCauseway, startKubernetes } from './servers.ts';
import type { TellWatchers } from './tell-watchers.ts';

const INGRESSES = '/apis/networking.k8s.io/v1/namespaces/default/ingresses';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const APPLY = 'application/apply-patch+yaml';
const CLIENTS = [1, 16, 128] as const;
const LISTERS = 4;
/** Of the other user. */
const CONNECTIONS = 64;
/** What is very slow is measured less often. */
const TIMED_MS = 20_000;
const ROLE_BINDINGS = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';

export const apiServer: Benchmark = {
  name: 'api-server',
  question:
    'What does the API server manage: durable creates, long lists, a thousand watchers, changes beside lists and beside a user who asks for too much, and memory?',
  run: async (options) => {
    const directory = path.join(options.workDirectory, 'api-server');
    const results: Result[] = [];
    for (const start of [startCauseway, startKubernetes]) {
      const server = await start(options, directory);
      if (server === undefined) continue;
      try {
        results.push(await measure(server, options));
      } finally {
        await server.stop();
      }
    }
    return reportOf(results, sizesOf(options));
  },
};

interface Sizes {
  readonly objects: number;
  readonly watchers: number;
  readonly rounds: number;
}

function sizesOf({ quick }: BenchmarkOptions): Sizes {
  return quick ? { objects: 200, watchers: 20, rounds: 3 } : { objects: 10_000, watchers: 1_000, rounds: 100 };
}

interface Writes {
  readonly what: string;
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
  readonly latencies: readonly number[];
}

interface Result {
  readonly name: string;
  readonly writes: readonly Writes[];
  readonly latencies: readonly Latencies[];
  readonly memoryMiB: readonly number[];
  /** What the host took of the processors meanwhile, 0 to 1. */
  readonly stolen: number;
}

type Latencies = readonly [what: string, milliseconds: readonly number[]];

async function measure(server: Server, options: BenchmarkOptions): Promise<Result> {
  const { objects, watchers, rounds } = sizesOf(options);
  const kubeconfig = await loadKubeconfig(server.kubeconfigFile);
  const most = Math.max(...CLIENTS);
  const clients = await Promise.all(Array.from({ length: most }, () => RawConnection.open(kubeconfig)));
  const empty = memoryMiB(server.pids);
  const hostBefore = hostTicks();

  const writes: Writes[] = [];
  let next = 0;
  for (const count of CLIENTS) {
    // One client waits for the disk each time.
    const share = count === most ? objects - next : Math.ceil((objects * count) / 200);
    const create = (client: RawConnection): Promise<number> => client.send('POST', CONFIG_MAPS, configMap(next++));
    const what = `${share} ConfigMaps created, ${count} ${count === 1 ? 'client' : 'clients'}`;
    writes.push({ what, ...(await written(server, clients.slice(0, count), create, share)) });
  }
  if (options.only === undefined) {
    let replaced = 0;
    const replace = (client: RawConnection): Promise<number> => {
      const index = replaced++;
      return client.send('PUT', `${CONFIG_MAPS}/c${index}`, configMap(index, 'y'));
    };
    const what = `${objects} ConfigMaps replaced, ${most} clients`;
    writes.push({ what, ...(await written(server, clients, replace, objects, 200)) });
  }
  let applied = 0;
  const apply = (client: RawConnection): Promise<number> => {
    const ingress = benchIngress(applied++, 'a');
    return client.send('PATCH', `${INGRESSES}/${ingress.metadata.name}?fieldManager=bench&force=true`, ingress, APPLY);
  };
  const what = `${objects} Ingresses applied, ${most} clients`;
  writes.push({ what, ...(await written(server, clients, apply, objects)) });
  const created = memoryMiB(server.pids);
  const latencies: Latencies[] = [];
  if (isWanted(options, 'lists')) latencies.push(...(await besideLists(kubeconfig, clients, options)));
  if (isWanted(options, 'watchers')) {
    const told = await tellWatchers(server, { watchers, firstRounds: options.quick ? 1 : 20, rounds: rounds * 2 });
    latencies.push([`change until each of ${watchers} watchers was told`, told]);
  }
  if (isWanted(options, 'another user')) latencies.push(...(await besideAnotherUser(server, kubeconfig, options)));
  const stolen = stolenShare(hostBefore, hostTicks());
  if (!options.quick && options.only === undefined) await sleep(60_000);
  const later = memoryMiB(server.pids);
  for (const client of clients) client.close();
  return { name: server.name, writes, latencies, memoryMiB: [empty, created, later], stolen };
}

async function besideLists(
  kubeconfig: Kubeconfig,
  [client]: readonly RawConnection[],
  options: BenchmarkOptions,
): Promise<readonly Latencies[]> {
  const { objects, rounds } = sizesOf(options);
  // Not before: sessions that nobody uses are closed.
  const load = await Http2Load.open(kubeconfig);
  const lists = await timed(options.quick ? 3 : 20, () => load.read(INGRESSES));
  const quiet = await changes(client, rounds);
  const listing = new AbortController();
  const listers = Array.from({ length: LISTERS }, () => listUntil(load, listing.signal));
  const busy = await changes(client, rounds);
  listing.abort();
  await Promise.all(listers);
  load.close();
  return [
    [`list of ${objects} Ingresses`, lists],
    ['change, alone', quiet],
    [`change, beside ${LISTERS} clients that list ${objects} Ingresses without pause`, busy],
  ];
}

/** Two users with the same rights: one changes an object now and then, the other asks for as much as there is. */
async function besideAnotherUser(
  server: Server,
  kubeconfig: Kubeconfig,
  options: BenchmarkOptions,
): Promise<readonly Latencies[]> {
  const { objects, rounds } = sizesOf(options);
  const administrator = await RawConnection.open(kubeconfig);
  const granted = await administrator.send('POST', ROLE_BINDINGS, {
    metadata: { name: 'bench' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: ['modest', 'greedy'].map((name) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name })),
  });
  administrator.close();
  if (granted !== 201) throw new Error(`${server.name}: ${granted}`);
  const modest = await RawConnection.open(kubeconfig, 'modest');
  const asking: readonly (readonly [what: string, Pick<AskForMuch, 'read' | 'written'>])[] = [
    [`lists ${objects} Ingresses`, { read: INGRESSES }],
    [`begins watches of ${objects} Ingresses`, { read: `${INGRESSES}?watch=true&resourceVersion=0&timeoutSeconds=1` }],
    ['changes ConfigMaps', { written: { collection: CONFIG_MAPS, number: objects } }],
  ];
  const latencies: Latencies[] = [];
  for (const [what, request] of options.quick ? asking.slice(0, 1) : asking) {
    const child = forked('ask-for-much.ts');
    const question: AskForMuch = {
      kubeconfigFile: server.kubeconfigFile,
      user: 'greedy',
      connections: CONNECTIONS,
      ...request,
    };
    child.send(question);
    await once(child, 'message');
    await sleep(options.quick ? 0 : 3_000);
    latencies.push([`change, while another user ${what} on ${CONNECTIONS} connections`, await changes(modest, rounds)]);
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
    await sleep(options.quick ? 0 : 3_000);
  }
  modest.close();
  return latencies;
}

/** @throws Error when that program failed */
async function tellWatchers(
  server: Server,
  sizes: Pick<TellWatchers, 'watchers' | 'firstRounds' | 'rounds'>,
): Promise<readonly number[]> {
  const child = forked('tell-watchers.ts');
  const question: TellWatchers = {
    kubeconfigFile: server.kubeconfigFile,
    watch: `${CONFIG_MAPS}?watch=true&resourceVersion=0&fieldSelector=metadata.name%3Dc0`,
    object: `${CONFIG_MAPS}/c0`,
    ...sizes,
  };
  const told = once(child, 'message') as Promise<[readonly number[]]>;
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${server.name}: watchers were not told`);
  });
  child.send(question);
  const [latencies] = await Promise.race([told, ended]);
  return latencies;
}

function forked(program: string): ChildProcess {
  return fork(path.join(import.meta.dirname, program), [], { execArgv: ['--import', 'tsx'] });
}

function reportOf(results: readonly Result[], { objects }: Sizes): string {
  const writes = results.flatMap(({ name, writes }) =>
    writes.map((each) => [
      each.what,
      name,
      each.perSecond.toFixed(0),
      each.cpuMicroseconds.toFixed(0),
      ...twoQuantiles(each.latencies),
    ]),
  );
  const latencies = results.flatMap(({ name, latencies }) =>
    latencies.map(([what, milliseconds]) => [what, name, ...twoQuantiles(milliseconds)]),
  );
  const memory = results.map(({ name, memoryMiB: [empty = 0, created = 0, later = 0] }) => [
    name,
    ...[empty, created, later, ((later - empty) / (2 * objects)) * 10_000].map((mib) => mib.toFixed(0)),
  ]);
  return [
    table(
      ['durable writes', 'server', 'a second', 'server processor time each, µs', 'p50, ms', 'p99, ms'],
      writes.sort(byFirst),
    ),
    table(['latency', 'server', 'p50, ms', 'p99, ms'], latencies.sort(byFirst)),
    table(
      ['memory (Pss), MiB', 'empty', `${2 * objects} objects, just created`, 'a minute later', 'for 10,000 objects'],
      memory,
    ),
    results.map(({ name, stolen }) => `${name}: the host took ${(stolen * 100).toFixed(1)} % of the time.`).join(' '),
    ...(results.length > 1 ? [] : ['No kube-apiserver and etcd here: `./causeway conformance apiserver` builds them.']),
  ].join('\n\n');
}

/** The servers side by side; what was measured in the order of the first of them. */
function byFirst(a: readonly string[], b: readonly string[]): number {
  return (a[0] ?? '').localeCompare(b[0] ?? '', 'en', { numeric: true });
}

async function written(
  server: Server,
  clients: readonly RawConnection[],
  write: (client: RawConnection) => Promise<number>,
  count: number,
  expected = 201,
): Promise<Omit<Writes, 'what'>> {
  const cpuBefore = cpuMicroseconds(server.pids);
  const startedAt = performance.now();
  const latencies: number[] = [];
  let left = count;
  const run = async (client: RawConnection): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const sentAt = performance.now();
      const status = await write(client);
      if (status !== expected) throw new Error(`${server.name}: ${status}`);
      latencies.push(performance.now() - sentAt);
    }
  };
  await Promise.all(clients.map(run));
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = (cpuMicroseconds(server.pids) - cpuBefore) / count;
  return { perSecond: count / seconds, cpuMicroseconds: cpu, latencies };
}

function configMap(index: number, letter = 'x'): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `c${index}`, namespace: 'default' },
    data: { text: letter.repeat(100) },
  };
}

/** Changes one object after another; how long each takes until it is durable. */
function changes(client: RawConnection | undefined, rounds: number): Promise<readonly number[]> {
  let round = 0;
  return timed(rounds, async () => {
    round += 1;
    const status = await client?.send('PATCH', `${CONFIG_MAPS}/c${round}`, { data: { round: String(Math.random()) } });
    if (status !== 200) throw new Error(`change: ${status}`);
  });
}

async function listUntil(load: Http2Load, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) await load.read(INGRESSES);
}

async function timed(rounds: number, work: () => Promise<unknown>): Promise<readonly number[]> {
  const times: number[] = [];
  const end = performance.now() + TIMED_MS;
  for (let round = 0; round < rounds && performance.now() < end; round += 1) {
    const startedAt = performance.now();
    await work();
    times.push(performance.now() - startedAt);
  }
  return times;
}

function twoQuantiles(values: readonly number[]): readonly [string, string] {
  return [median(values).toFixed(1), quantile(values, 0.99).toFixed(1)];
}
