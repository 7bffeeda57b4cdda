import { setTimeout as sleep } from 'node:timers/promises';
import { type KubernetesObject, keyOf } from '@causeway/apis/meta/object';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { applyObject } from '../manifest/apply.ts';
import { createKindLookup } from '../manifest/kind-lookup.ts';
import { type Answer, ask } from './ask.ts';
import { quickStart } from './quick-start.ts';
import { startSampleBackends } from './sample-backends.ts';

export interface DemoPlace {
  readonly client: KubernetesClient;
  /** Shows one line to the user. */
  readonly say: (line: string) => void;
}

export interface DemoOptions extends DemoPlace {
  readonly kubeconfigFile: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly metricsPort: number;
  /** Whether it stays until {@link untilDone}, or says good-bye at once. */
  readonly keepOpen: boolean;
  readonly untilDone: Promise<void>;
}

const backendCount = 3;
const patienceMs = 15_000;
const pollMs = 50;
const requestCount = 2 * backendCount;

/**
 * Backends, objects, requests. At the end the backends stop and the objects stay.
 *
 * @throws Error that tells what the ALB says about itself, when nothing answers
 */
export async function showDemo(options: DemoOptions): Promise<void> {
  const { client, say, httpPort, httpsPort, metricsPort, kubeconfigFile } = options;
  const samples = await startSampleBackends(backendCount);
  try {
    say(`started ${backendCount} sample backends: ${samples.backends.map((b) => `${b.address}:${b.port}`).join(', ')}`);
    const objects = quickStart({ httpPort, httpsPort, metricsPort, backends: samples.backends });
    const lookup = createKindLookup(client);
    const appliedAt = performance.now();
    for (const object of objects) say(`applied ${(await applyObject(client, lookup, object)).title}`);

    const url = `http://127.0.0.1:${httpPort}/`;
    await firstAnswer(url, () => albMessage(client));
    say(`${url} answers ${Math.round(performance.now() - appliedAt)} ms after the first object was applied`);
    for (let count = 1; count <= requestCount; count++) {
      const { status, body } = await ask(url, patienceMs);
      say(`  GET / -> ${status} ${body.trim()}`);
    }
    say(
      'what happened: the Ingress became a Frontend (the port) and a Rule (the path); nginx opened the port and was sent the rule',
    );
    if (options.keepOpen) {
      say(`look around:   kubectl --kubeconfig ${kubeconfigFile} get alb2,ft,rule,ingress -A`);
      say('Ctrl-C stops the backends');
    }
    await options.untilDone;
  } finally {
    await samples.stop();
    say('stopped the backends; the objects stay until `./causeway demo --delete`');
  }
}

/** In the opposite order; what is absent is fine. */
export async function deleteDemo({ client, say }: DemoPlace): Promise<void> {
  const lookup = createKindLookup(client);
  const objects = quickStart({ httpPort: 80, httpsPort: 443, metricsPort: 1936, backends: [] });
  for (const object of objects.toReversed()) {
    const kind = await lookup(object);
    if (kind !== undefined) await client.delete(kind, keyOf(object));
  }
  say('deleted the objects of the demo');
}

async function firstAnswer(url: string, explain: () => Promise<string>): Promise<Answer> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask(url, patienceMs).catch(() => undefined);
    if (answer?.status === 200) return answer;
    if (performance.now() > deadline) {
      const seen = answer === undefined ? 'nothing listens there' : `it answers ${answer.status}`;
      throw new Error(`${url} does not serve the demo (${seen}); ${await explain()}`);
    }
    await sleep(pollMs);
  }
}

/** State and reason of the ALB, in a sentence. */
async function albMessage(client: KubernetesClient): Promise<string> {
  const [alb] = quickStart({ httpPort: 80, httpsPort: 443, metricsPort: 1936, backends: [] });
  const kind = alb && (await createKindLookup(client)(alb));
  const object = kind && (await client.get(kind, keyOf(alb)));
  const status = (object as (KubernetesObject & { status?: { state?: string; reason?: string } }) | undefined)?.status;
  return `alb-demo is ${status?.state ?? 'without status'}: ${status?.reason || 'no reason given'} (another port: --port)`;
}
