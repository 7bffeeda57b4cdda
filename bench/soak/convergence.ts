/** Whether everything has become what it must be after all that was done to it. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { KIND_NAMES, KIND_REFS } from '@causeway/resources/kinds';
import { connectTo } from '../control/worker-connection.ts';
import { WorkerProbe } from '../control/worker-probe.ts';
import { recordDifferences } from './from-scratch.ts';
import { handshake, numberOf } from './load.ts';
import type { DataPlaneProcesses } from './processes.ts';
import { backendsOf, type Setting, type SiteModel, type World } from './world.ts';

const DEADLINE_MS = 60_000;
const PAUSE_MS = 50;
/** An installation at rest writes nothing for this long. */
const QUIET_MS = 2_000;

export interface Checked {
  readonly api: KubernetesClient;
  readonly world: World;
  readonly setting: Setting;
  readonly processes: DataPlaneProcesses;
  /** Told what is not right yet, whenever that changes. */
  readonly say: (line: string) => void;
}

/**
 * Waits until every worker answers for every site as the model says, and the records of the data plane are those of a
 * translation from scratch.
 *
 * @returns what is still wrong after a minute
 */
export async function converged(checked: Checked): Promise<readonly string[]> {
  const deadline = performance.now() + DEADLINE_MS;
  let said = '';
  for (;;) {
    const problems = await differences(checked).catch((error: unknown) => [String(error)]);
    if (problems.length === 0 || performance.now() > deadline) return problems;
    const text = problems.slice(0, 3).join('; ');
    if (text !== said) checked.say(`not yet: ${problems.length} differences: ${text}`);
    said = text;
    await sleep(PAUSE_MS);
  }
}

async function differences(checked: Checked): Promise<readonly string[]> {
  const { processes, api } = checked;
  const { workers, allWorkers, masters } = processes;
  const running = { masters: masters.length, workers: workers.length, others: allWorkers.length - workers.length };
  if (running.masters !== 1 || running.workers !== 2 || running.others !== 0) {
    return [`one nginx with two workers shall run, there are ${JSON.stringify(running)}`];
  }
  const records = (await recordDifferences(api, processes.directory)).map((key) => `the record of ${key}`);
  const answers = await Promise.all(workers.map((worker) => wrongAnswers(worker, checked)));
  return [...records, ...answers.flat(), ...(await wrongTcp(checked))];
}

async function wrongAnswers(worker: number, { world, setting }: Checked): Promise<readonly string[]> {
  const wrong: string[] = [];
  const sites = world.sites.filter(({ secret }) => secret === undefined);
  const client = await WorkerProbe.open(worker, setting.ports.http);
  try {
    for (const site of sites) wrong.push(...(await wrongSite(client, site)));
  } finally {
    client.close();
  }
  for (const site of world.sites) {
    const secret = world.secrets.find(({ name }) => name === site.secret);
    if (secret === undefined) continue;
    const secure = await handshake(await connectTo(worker, setting.ports.https), site.host);
    const secureClient = new WorkerProbe(secure);
    const shown = numberOf(secure, setting);
    if (shown !== secret.certificate) wrong.push(`${site.host} shows certificate ${shown}, not ${secret.certificate}`);
    wrong.push(...(await wrongSite(secureClient, site)));
    secureClient.close();
  }
  return wrong.map((text) => `worker ${worker}: ${text}`);
}

/** Asks twice as often as there are backends: each must be heard, and no other. */
async function wrongSite(client: WorkerProbe, site: SiteModel): Promise<readonly string[]> {
  if (!site.present) {
    const { status } = await client.get(site.host, '/');
    return status === 404 ? [] : [`${site.host} answers ${status}, and is gone`];
  }
  const wanted = backendsOf(site).map((backend) => `200 ${backend} ${site.host}`);
  const heard = new Set<string>();
  for (let asked = 0; asked < 2 * wanted.length; asked += 1) {
    const { status, body } = await client.get(site.host, '/');
    heard.add(`${status} ${body.trim()}`);
  }
  const right = heard.size === wanted.length && wanted.every((answer) => heard.has(answer));
  return right ? [] : [`${site.host} answers ${[...heard].join(', ')}, not ${wanted.join(', ')}`];
}

async function wrongTcp({ world, setting }: Checked): Promise<readonly string[]> {
  const socket = connect({ host: '127.0.0.1', port: setting.ports.tcp });
  const [first] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  const heard = Number(first.toString('latin1'));
  return heard === world.tcp.backend ? [] : [`the TCP port leads to ${heard}, not ${world.tcp.backend}`];
}

/** @returns objects that were written again although nothing happened */
export async function unquiet(api: KubernetesClient): Promise<readonly string[]> {
  await sleep(QUIET_MS);
  const before = await versions(api);
  await sleep(QUIET_MS);
  const after = await versions(api);
  return [...after].filter(([name, version]) => before.get(name) !== version).map(([name]) => name);
}

async function versions(api: KubernetesClient): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const kind of KIND_NAMES) {
    const { items } = await api.list(KIND_REFS[kind]);
    for (const { metadata } of items) {
      found.set(`${kind} ${metadata.namespace ?? ''}/${metadata.name}`, metadata.resourceVersion ?? '');
    }
  }
  return found;
}
