/**
 * The chaos run: a `causeway up` with clients that never retry, while its processes are killed and its objects are
 * changed at random. See faults.ts for which failed requests a kill explains, and convergence.ts for what must be true
 * in the end.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { selfSigned } from '@causeway/dataplane/test/certificates';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { KIND_REFS } from '@causeway/resources/kinds';
import { instanceStatus } from '../control/data-plane.ts';
import { BenchHome } from '../control/home.ts';
import { freePorts } from '../measure/free-ports.ts';
import { type SoakBackends, startSoakBackends } from './backends.ts';
import { Changes } from './changes.ts';
import { converged, unquiet } from './convergence.ts';
import { FAULT_KINDS, type Failure, Faults } from './faults.ts';
import { SoakLoad } from './load.ts';
import { DataPlaneProcesses } from './processes.ts';
import { Random } from './random.ts';
import { initialObjects, newWorld, type Setting, TLS_NAMES, type World } from './world.ts';

export interface SoakOptions {
  readonly dataplaneDirectory: string;
  /** Made if absent; holds the data directory, with the log of `up`. */
  readonly directory: string;
  /** How long processes are killed. */
  readonly seconds: number;
  readonly seed: number;
  /** Told about each kill and each failure, as it happens. */
  readonly say: (line: string) => void;
}

export interface SoakResult {
  readonly seed: number;
  readonly faults: Faults;
  readonly changes: Changes;
  readonly requests: SoakLoad['done'];
  readonly failures: readonly Failure[];
  /** From the last kill's recovery or the last change, whichever was later, until all was as it must be. */
  readonly convergedMs: number;
  /** Empty: the run passed. */
  readonly problems: readonly string[];
}

const HTTP_BACKENDS = 5;
const TCP_BACKENDS = 3;
const CERTIFICATES = 4;
const CHANGES_PER_SECOND = 15;
/** Between one kill and the next. */
const GAP_MS = { from: 100, to: 2_500 };
/** Of the kills, how many wait until what the one before did is repaired; the others hit what is already wounded. */
const ORDERLY_SHARE = 0.6;

export async function runSoak(options: SoakOptions): Promise<SoakResult> {
  const { directory, say } = options;
  mkdirSync(directory, { recursive: true });
  const backends = await startSoakBackends(HTTP_BACKENDS, TCP_BACKENDS);
  const home = await BenchHome.start(options, path.join(directory, 'data'));
  try {
    const setting = await newSetting(backends);
    const world = newWorld(HTTP_BACKENDS);
    for (const object of initialObjects(world, setting))
      await home.api.create(KIND_REFS[object.kind as 'Rule'], object);
    const { http, https, tcp } = setting.ports;
    await instanceStatus(home.api, [http, https, tcp]);
    const processes = await DataPlaneProcesses.find(home.api);
    const wrong = await converged({ api: home.api, world, setting, processes, say });
    if (wrong.length > 0) throw new Error(`before any kill: ${wrong.slice(0, 5).join('; ')}`);
    say(`ready on ports ${http}, ${https} (TLS) and ${tcp} (TCP)`);
    return await torment({ ...options, home, api: home.api, setting, world, processes });
  } finally {
    await home.stop();
    await backends.stop();
  }
}

interface Run extends SoakOptions {
  readonly home: BenchHome;
  readonly api: KubernetesClient;
  readonly setting: Setting;
  readonly world: World;
  readonly processes: DataPlaneProcesses;
}

async function newSetting({ http, tcp }: SoakBackends): Promise<Setting> {
  const [first = 0, second = 0, third = 0, fourth = 0] = await freePorts(4);
  const certificates = [];
  for (let index = 0; index < CERTIFICATES; index += 1) certificates.push(await selfSigned(TLS_NAMES));
  return { ports: { http: first, https: second, metrics: third, tcp: fourth }, http, tcp, certificates };
}

async function torment(run: Run): Promise<SoakResult> {
  const { api, home, world, setting, processes, seed, say } = run;
  const random = (purpose: string): Random => new Random(seed, purpose);
  const failures: Failure[] = [];
  const onFailure = (failure: Failure): void => {
    failures.push(failure);
    say(`${failure.load}: ${failure.what}`);
  };
  const faults = new Faults({ home, api, processes, ports: setting.ports, random: random('victims') });
  const load = new SoakLoad({ world, setting, processes, seed, onFailure });
  const changes = new Changes({ api, world, setting, random: random('changes'), perSecond: CHANGES_PER_SECOND });
  try {
    await killAtRandom(run, faults, random('faults'));
    await faults.recovered();
  } finally {
    await changes.stop();
  }
  const calmAt = Math.max(performance.now(), changes.lastAt);
  const wrong = await converged(run);
  const convergedMs = performance.now() - calmAt;
  await load.stop();
  const restless = await unquiet(api);
  const unexplained = failures.filter((failure) => faults.explanationOf(failure) === undefined);
  const problems = [
    ...faults.problems,
    ...changes.problems,
    ...wrong.map((text) => `not converged: ${text}`),
    ...restless.map((name) => `${name} is written again and again`),
    ...unexplained.map((failure) => `no kill explains: ${JSON.stringify(failure)}`),
    ...(home.isRunning ? [] : ['`up` itself ended']),
  ];
  return { seed, faults, changes, requests: load.done, failures, convergedMs, problems };
}

/** Rounds, in each of which every kind has its turn, workers twice. */
async function killAtRandom({ seconds, say }: Run, faults: Faults, random: Random): Promise<void> {
  const end = performance.now() + seconds * 1_000;
  for (;;) {
    for (const kind of random.shuffled([...FAULT_KINDS, 'worker' as const])) {
      await sleep(random.between(GAP_MS.from, GAP_MS.to));
      if (performance.now() > end) return;
      if (random.next() < ORDERLY_SHARE) await faults.recovered();
      if (faults.isRecovering(kind)) continue;
      const pid = faults.kill(kind);
      if (pid !== undefined) say(`killed ${kind} ${pid}`);
    }
  }
}
