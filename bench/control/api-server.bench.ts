/**
 * What does the API server alone manage: durable creates a second of concurrent
 * clients, a long list, a change that a thousand watchers are told, a change
 * beside long lists; and what memory does it take for 10,000 objects?
 *
 * The load comes from this process, over TLS, and takes about as much processor
 * time as the server; the server's own time is reported beside.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Kubeconfig, loadKubeconfig } from '@causeway/protocols/kubernetes/kubeconfig';
import type { Benchmark, BenchmarkOptions } from '../benchmark.ts';
import { cpuMicroseconds, memoryMiB } from '../measure/cpu.ts';
import { median, quantile, table } from '../measure/statistics.ts';
import { Http2Load, RawConnection } from './api-load.ts';
import { benchIngress } from './objects.ts';

const INGRESSES = '/apis/networking.k8s.io/v1/namespaces/default/ingresses';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const CLIENTS = 64;
const LISTERS = 4;

export const apiServer: Benchmark = {
  name: 'api-server',
  question:
    'What does the API server manage: durable creates, long lists, a thousand watchers, changes beside lists, and memory?',
  run: async (options) => {
    const directory = path.join(options.workDirectory, 'api-server');
    const server = await startServer(options, directory);
    try {
      return await measure(server, options);
    } finally {
      const exit = once(server.child, 'exit');
      server.child.kill('SIGTERM');
      await exit;
    }
  },
};

interface Server {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly kubeconfig: Kubeconfig;
}

async function startServer({ dataplaneDirectory }: BenchmarkOptions, directory: string): Promise<Server> {
  mkdirSync(directory, { recursive: true });
  const program = path.join(path.dirname(dataplaneDirectory), 'apiserver.js');
  const log = openSync(path.join(directory, 'apiserver.log'), 'a');
  const child = fork(program, ['--data-dir', directory, '--port', '0'], { stdio: ['ignore', log, log, 'ipc'] });
  await once(child, 'message');
  return { child, pid: child.pid ?? 0, kubeconfig: await loadKubeconfig(path.join(directory, 'kubeconfig')) };
}

async function measure(server: Server, options: BenchmarkOptions): Promise<string> {
  const objects = options.quick ? 200 : 10_000;
  const watchers = options.quick ? 20 : 1000;
  const rounds = options.quick ? 3 : 100;
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => RawConnection.open(server.kubeconfig)));
  const load = await Http2Load.open(server.kubeconfig, 10);
  const emptyMiB = memoryMiB([server.pid]);

  const ingresses = await creates(server, clients, INGRESSES, (index) => benchIngress(index, 'a'), objects);
  const configMaps = await creates(server, clients, CONFIG_MAPS, configMap, objects);
  const createdMiB = memoryMiB([server.pid]);
  const lists = await timed(options.quick ? 3 : 20, () => load.read(INGRESSES));
  const quietChanges = await changes(clients, rounds);
  const listing = new AbortController();
  const listers = Array.from({ length: LISTERS }, () => listUntil(load, listing.signal));
  const busyChanges = await changes(clients, rounds);
  listing.abort();
  await Promise.all(listers);
  const told = await tellWatchers(load, clients, watchers, Math.ceil(rounds / 5));
  if (!options.quick) await sleep(60_000);
  const laterMiB = memoryMiB([server.pid]);
  for (const client of clients) client.close();
  load.close();

  return [
    table(
      ['durable creates', 'a second', 'server processor time each, µs', 'p50, ms', 'p99, ms'],
      [
        [`${objects} Ingresses, ${CLIENTS} clients`, ...ingresses],
        [`${objects} ConfigMaps, ${CLIENTS} clients`, ...configMaps],
      ],
    ),
    table(
      ['latency', 'p50, ms', 'p99, ms'],
      [
        [`list of ${objects} Ingresses`, ...twoQuantiles(lists)],
        ['change, alone', ...twoQuantiles(quietChanges)],
        [
          `change, beside ${LISTERS} clients that list ${objects} Ingresses without pause`,
          ...twoQuantiles(busyChanges),
        ],
        [`change until each of ${watchers} watchers was told`, ...twoQuantiles(told)],
      ],
    ),
    table(
      ['memory (Pss), MiB', `empty`, `${2 * objects} objects, just created`, 'a minute later'],
      [['API server', ...[emptyMiB, createdMiB, laterMiB].map((mib) => mib.toFixed(0))]],
    ),
  ].join('\n\n');
}

async function creates(
  server: Server,
  clients: readonly RawConnection[],
  url: string,
  object: (index: number) => object,
  count: number,
): Promise<readonly string[]> {
  const cpuBefore = cpuMicroseconds([server.pid]);
  const startedAt = performance.now();
  const latencies: number[] = [];
  let next = 0;
  const run = async (client: RawConnection): Promise<void> => {
    while (next < count) {
      const index = next++;
      const sentAt = performance.now();
      const status = await client.send('POST', url, object(index));
      if (status !== 201) throw new Error(`create: ${status}`);
      latencies.push(performance.now() - sentAt);
    }
  };
  await Promise.all(clients.map(run));
  const seconds = (performance.now() - startedAt) / 1000;
  const cpuUs = (cpuMicroseconds([server.pid]) - cpuBefore) / count;
  return [(count / seconds).toFixed(0), cpuUs.toFixed(0), ...twoQuantiles(latencies)];
}

function configMap(index: number): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `c${index}`, namespace: 'default' },
    data: { text: 'x'.repeat(100) },
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

/** From the request for a change until each watcher has its event: one number a watcher and change. */
async function tellWatchers(
  load: Http2Load,
  [client]: readonly RawConnection[],
  watchers: number,
  rounds: number,
): Promise<readonly number[]> {
  const latencies: number[] = [];
  let sentAt = 0;
  let waiting = 0;
  let allTold: () => void = () => {};
  const watch = `${CONFIG_MAPS}?watch=true&resourceVersion=0&fieldSelector=metadata.name%3Dc0`;
  let begun = false;
  const onText = (text: string): void => {
    if (!begun || !text.includes('"MODIFIED"')) return;
    latencies.push(performance.now() - sentAt);
    waiting -= 1;
    if (waiting === 0) allTold();
  };
  for (let index = 0; index < watchers; index += 1) await load.watch(watch, index, onText);
  await sleep(200);
  begun = true;
  for (let round = 0; round < rounds; round += 1) {
    waiting = watchers;
    const told = new Promise<void>((resolve) => (allTold = resolve));
    sentAt = performance.now();
    await client?.send('PATCH', `${CONFIG_MAPS}/c0`, { data: { round: String(round) } });
    await told;
    await sleep(50);
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
