/**
 * A day of what controllers and kubelets do to an API server, in minutes: a population of constant size is updated, replaced, listed and
 * watched by clients that come and go. The server's memory and its file must level off.
 */
import { statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, configMap, TestClient } from '@causeway/apiserver/testing/server';
import { memoryMiB } from '../../measure/cpu.ts';
import { median } from '../../measure/statistics.ts';
import { Random } from '../random.ts';
import { Follower } from './follower.ts';
import { ServerProcess } from './server-process.ts';

export interface ChurnOptions {
  /** Of the built programs. */
  readonly programDirectory: string;
  /** Gets the data directory and the server's log. */
  readonly directory: string;
  readonly seed: number;
  readonly minutes: number;
  readonly say: (line: string) => void;
}

/** What the server took at one moment. */
interface Sample {
  readonly memoryMiB: number;
  readonly fileMiB: number;
}

export interface ChurnResult {
  readonly writes: number;
  readonly lists: number;
  readonly watchesResumed: number;
  /** Medians of the second and of the last quarter of the run: the first is how it warms up. */
  readonly early: Sample;
  readonly late: Sample;
  readonly problems: readonly string[];
}

/**
 * Writes of a day, for a cluster of some nodes: a lease of a node or controller every 10 s for ten of them, a status a second, and
 * objects that come and go.
 */
const WRITES = 190_000;
const OBJECTS = 1_000;
const LEASES = 10;
const FOLLOWERS = 20;
const LISTS_PER_SECOND = 3;
const SAMPLES = 60;
/** Late against early. The heap of Node breathes by some percent. */
const GROWTH_MAX = 1.1;

const MAPS = '/api/v1/namespaces/default/configmaps';
const LEASE_PATH = '/apis/coordination.k8s.io/v1/namespaces/default/leases';

export async function runChurn(options: ChurnOptions): Promise<ChurnResult> {
  const server = await ServerProcess.at(options.programDirectory, path.join(options.directory, 'data'));
  await server.start();
  const client = new TestClient(server.kubeconfig);
  const random = new Random(options.seed, 'churn');
  const followers = Array.from({ length: FOLLOWERS }, (_, index) => {
    const cuts = new Random(options.seed, `cuts ${index}`);
    return new Follower(
      server.kubeconfig,
      index % 4 === 0 ? LEASE_PATH : MAPS,
      String(index),
      () => 50 + cuts.below(4_000),
    );
  });
  try {
    return await churn(options, { server, client, random, followers });
  } finally {
    await Promise.all(followers.map((follower) => follower.stop()));
    await client.close();
    await server.end('SIGTERM');
  }
}

interface Parts {
  readonly server: ServerProcess;
  readonly client: TestClient;
  readonly random: Random;
  readonly followers: readonly Follower[];
}

async function churn({ minutes, say }: ChurnOptions, parts: Parts): Promise<ChurnResult> {
  const { server, client, random, followers } = parts;
  await populate(client, random);
  const durationMs = minutes * 60_000;
  const begun = performance.now();
  const elapsed = (): number => performance.now() - begun;
  const samples: Sample[] = [];
  const problems = new Set<string>();
  const done = { writes: 0, lists: 0 };
  const until = async (total: number, one: () => Promise<Answer>, count: () => void): Promise<void> => {
    for (let index = 0; elapsed() < durationMs; index += 1) {
      const ahead = (index / total) * durationMs - elapsed();
      if (ahead > 0) await sleep(ahead);
      const { code, text } = await one();
      if (code >= 300 && code !== 404 && code !== 409 && code !== 410) problems.add(`${code}: ${text.slice(0, 200)}`);
      count();
    }
  };
  const writers = 16;
  const write = (): Promise<void> =>
    until(
      WRITES / writers,
      () => writeOne(client, random),
      () => (done.writes += 1),
    );
  const list = (): Promise<void> =>
    until(
      LISTS_PER_SECOND * minutes * 60,
      () => client.get(`${MAPS}?limit=${random.pick([0, 100, 500])}`),
      () => (done.lists += 1),
    );
  const sample = async (): Promise<void> => {
    while (elapsed() < durationMs) {
      await sleep(durationMs / SAMPLES);
      samples.push(sampleOf(server));
      const { memoryMiB: memory, fileMiB } = samples.at(-1) as Sample;
      say(
        `${(elapsed() / 1_000).toFixed(0)} s: ${memory.toFixed(0)} MiB, file ${fileMiB.toFixed(1)} MiB, ${done.writes} writes`,
      );
    }
  };
  await Promise.all([...Array.from({ length: writers }, write), list(), sample()]);
  const early = medianOf(samples.slice(SAMPLES / 4, SAMPLES / 2));
  const late = medianOf(samples.slice(-SAMPLES / 4));
  for (const what of ['memoryMiB', 'fileMiB'] as const) {
    if (late[what] > early[what] * GROWTH_MAX) {
      problems.add(`${what} grows: ${early[what].toFixed(1)}, then ${late[what].toFixed(1)}`);
    }
  }
  const watchesResumed = followers.reduce((sum, { resumed }) => sum + resumed, 0);
  const told = followers.flatMap((follower) => follower.problems);
  return { ...done, watchesResumed, early, late, problems: [...problems, ...told] };
}

async function populate(client: TestClient, random: Random): Promise<void> {
  for (let index = 0; index < OBJECTS; index += 1) await client.post(MAPS, mapOf(`m${index}`, random));
  for (let index = 0; index < LEASES; index += 1) await writeLease(client, index);
}

function mapOf(name: string, random: Random): ReturnType<typeof configMap> {
  return configMap(name, { text: 'x'.repeat(random.below(1_500)), at: String(random.next()) });
}

async function writeOne(client: TestClient, random: Random): Promise<Answer> {
  const name = `m${random.below(OBJECTS)}`;
  const way = random.next();
  if (way < 0.45) return writeLease(client, random.below(LEASES));
  if (way < 0.8) return client.patch(`${MAPS}/${name}`, { data: { at: String(random.next()) } });
  if (way < 0.9) {
    return client.call('PATCH', `${MAPS}/${name}?fieldManager=soak&force=true`, mapOf(name, random), {
      contentType: 'application/apply-patch+yaml',
    });
  }
  await client.delete(`${MAPS}/${name}`);
  return client.post(MAPS, mapOf(name, random));
}

function writeLease(client: TestClient, index: number): Promise<Answer> {
  const lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: `lease-${index}` },
    spec: { holderIdentity: 'soak', renewTime: new Date().toISOString().replace('Z', '000Z') },
  };
  return client.call('PATCH', `${LEASE_PATH}/lease-${index}?fieldManager=soak&force=true`, lease, {
    contentType: 'application/apply-patch+yaml',
  });
}

function sampleOf(server: ServerProcess): Sample {
  const { size } = statSync(path.join(server.directory, 'store/data.mdb'));
  return { memoryMiB: memoryMiB([server.pid]), fileMiB: size / 2 ** 20 };
}

function medianOf(samples: readonly Sample[]): Sample {
  return {
    memoryMiB: median(samples.map((each) => each.memoryMiB)),
    fileMiB: median(samples.map((each) => each.fileMiB)),
  };
}
