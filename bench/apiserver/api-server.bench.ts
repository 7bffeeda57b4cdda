/**
 * What does the API server alone manage: durable creates a second of one and of many clients, ten thousand Ingresses applied, a long
 * list, a change that a thousand watchers are told, a change beside long lists; and what memory does it take? The peer is
 * kube-apiserver with etcd, both with fsync, where `causeway conformance apiserver` has built them.
 *
 * The load comes from this process, over TLS, and takes about as much processor
 * time as the server; the server's own time is reported beside.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, openSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Kubeconfig, loadKubeconfig } from '@causeway/protocols/kubernetes/kubeconfig';
import { kubernetesPrograms, startKubeApiServer } from '../../conformance/apiserver/kube-apiserver.ts';
import type { Benchmark, BenchmarkOptions } from '../benchmark.ts';
import { benchIngress } from '../control/objects.ts';
import { cpuMicroseconds, hostTicks, memoryMiB, stolenShare } from '../measure/cpu.ts';
import { median, quantile, table } from '../measure/statistics.ts';
import { ANSWER_MS, Http2Load, RawConnection } from './api-load.ts';

const INGRESSES = '/apis/networking.k8s.io/v1/namespaces/default/ingresses';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const APPLY = 'application/apply-patch+yaml';
const CLIENTS = [1, 16, 128] as const;
const LISTERS = 4;
const SESSIONS = 10;

export const apiServer: Benchmark = {
  name: 'api-server',
  question:
    'What does the API server manage: durable creates, long lists, a thousand watchers, changes beside lists, and memory?',
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

interface Server {
  readonly name: string;
  readonly pids: readonly number[];
  readonly kubeconfigFile: string;
  stop(): Promise<void>;
}

async function startCauseway({ dataplaneDirectory }: BenchmarkOptions, within: string): Promise<Server> {
  const directory = path.join(within, 'causeway');
  mkdirSync(directory, { recursive: true });
  const program = path.join(path.dirname(dataplaneDirectory), 'apiserver.js');
  const log = openSync(path.join(directory, 'apiserver.log'), 'a');
  const child = fork(program, ['--data-dir', directory, '--port', '0'], { stdio: ['ignore', log, log, 'ipc'] });
  await once(child, 'message');
  return {
    name: 'causeway',
    pids: [child.pid ?? 0],
    kubeconfigFile: path.join(directory, 'kubeconfig'),
    async stop() {
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
    },
  };
}

/** Slow to start, and not needed to see that the benchmark works. */
async function startKubernetes({ quick }: BenchmarkOptions, within: string): Promise<Server | undefined> {
  const runtime = process.env['CAUSEWAY_RUNTIME'] ?? path.join(homedir(), '.causeway/runtime');
  if (quick || !['etcd.json', 'kube-apiserver.json'].every((name) => existsSync(path.join(runtime, name)))) {
    return undefined;
  }
  const directory = path.join(within, 'kubernetes');
  const { kubeconfig, pids, stop } = await startKubeApiServer(kubernetesPrograms(runtime), directory, {
    durable: true,
  });
  return { name: 'kube-apiserver, etcd', pids, kubeconfigFile: kubeconfig, stop };
}

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
  readonly latencies: readonly (readonly [what: string, milliseconds: readonly number[]])[];
  readonly memoryMiB: readonly number[];
  /** What the host took of the processors meanwhile, 0 to 1. */
  readonly stolen: number;
}

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
  let replaced = 0;
  const replace = (client: RawConnection): Promise<number> => {
    const index = replaced++;
    return client.send('PUT', `${CONFIG_MAPS}/c${index}`, configMap(index, 'y'));
  };
  const put = `${objects} ConfigMaps replaced, ${most} clients`;
  writes.push({ what: put, ...(await written(server, clients, replace, objects, 200)) });
  let applied = 0;
  const apply = (client: RawConnection): Promise<number> => {
    const ingress = benchIngress(applied++, 'a');
    return client.send('PATCH', `${INGRESSES}/${ingress.metadata.name}?fieldManager=bench&force=true`, ingress, APPLY);
  };
  const what = `${objects} Ingresses applied, ${most} clients`;
  writes.push({ what, ...(await written(server, clients, apply, objects)) });
  const created = memoryMiB(server.pids);
  // Not before: sessions that nobody uses are closed.
  const load = await Http2Load.open(kubeconfig, 1);
  const lists = await timed(options.quick ? 3 : 20, () => load.read(INGRESSES));
  const quietChanges = await changes(clients, rounds);
  const listing = new AbortController();
  const listers = Array.from({ length: LISTERS }, () => listUntil(load, listing.signal));
  const busyChanges = await changes(clients, rounds);
  listing.abort();
  await Promise.all(listers);
  load.close();
  const told = await tellWatchers(kubeconfig, clients, watchers, rounds * 2);
  const stolen = stolenShare(hostBefore, hostTicks());
  if (!options.quick) await sleep(60_000);
  const later = memoryMiB(server.pids);
  for (const client of clients) client.close();
  return {
    name: server.name,
    writes,
    latencies: [
      [`list of ${objects} Ingresses`, lists],
      ['change, alone', quietChanges],
      [`change, beside ${LISTERS} clients that list ${objects} Ingresses without pause`, busyChanges],
      [`change until each of ${watchers} watchers was told`, told],
    ],
    memoryMiB: [empty, created, later],
    stolen,
  };
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
function changes([client]: readonly RawConnection[], rounds: number): Promise<readonly number[]> {
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

/**
 * From the request for a change until each watcher has its event: one number a watcher and change.
 *
 * @throws Error when a watch ends, or a watcher is told nothing for {@link ANSWER_MS}
 */
async function tellWatchers(
  kubeconfig: Kubeconfig,
  [client]: readonly RawConnection[],
  watchers: number,
  rounds: number,
): Promise<readonly number[]> {
  const load = await Http2Load.open(kubeconfig, SESSIONS);
  const latencies: number[] = [];
  let sentAt = 0;
  let waiting = 0;
  let allTold: () => void = () => {};
  let fail: (error: Error) => void = () => {};
  const broken = new Promise<never>((_resolve, reject) => (fail = reject));
  broken.catch(() => {}); // each round waits for it too
  const watch = `${CONFIG_MAPS}?watch=true&resourceVersion=0&fieldSelector=metadata.name%3Dc0`;
  const onEvent = (line: string): void => {
    if (!line.startsWith('{"type":"MODIFIED"')) return;
    latencies.push(performance.now() - sentAt);
    waiting -= 1;
    if (waiting === 0) allTold();
  };
  try {
    for (let index = 0; index < watchers; index += 1) await load.watch(watch, index, { onEvent, onEnd: fail });
    await sleep(200);
    for (let round = 0; round < rounds; round += 1) {
      waiting = watchers;
      const told = new Promise<void>((resolve) => (allTold = resolve));
      const late = setTimeout(() => fail(new Error(`${waiting} of ${watchers} watchers were told nothing`)), ANSWER_MS);
      sentAt = performance.now();
      await client?.send('PATCH', `${CONFIG_MAPS}/c0`, { data: { round: String(round) } });
      await Promise.race([told, broken]).finally(() => clearTimeout(late));
      await sleep(50);
    }
  } finally {
    load.close();
  }
  return latencies;
}

async function timed(rounds: number, work: () => Promise<unknown>): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now();
    await work();
    times.push(performance.now() - startedAt);
  }
  return times;
}

function twoQuantiles(values: readonly number[]): readonly [string, string] {
  return [median(values).toFixed(1), quantile(values, 0.99).toFixed(1)];
}
