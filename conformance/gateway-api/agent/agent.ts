import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type KubernetesObject, keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { builtIn } from './built-in.ts';
import { type Kubelet, startKubelet } from './kubelet.ts';
import type { PodNetwork } from './pod-network.ts';
import { type Command, PodProcess } from './pod-process.ts';
import { argumentsOf, type Deployment, environmentOf, type Pod, podName, podOf, type Volume } from './pod-template.ts';

const NODE_NAME = 'conformance';
const ROUND_MS = 200;

const DEPLOYMENT = builtIn('Deployment');
const POD = builtIn('Pod');
const NODE = builtIn('Node');

/**
 * @param args of the container
 * @returns what a container of the image runs; undefined: upstream's backend
 */
export type Images = (image: string, args: readonly string[]) => Pick<Command, 'program' | 'args'> | undefined;

export interface TestAgentOptions {
  readonly client: KubernetesClient;
  /** Upstream's backend. */
  readonly echoProgram: string;
  /** Programs of images that are neither the backend nor a server of DNS. */
  readonly images?: Images;
  /** For the files of volumes. */
  readonly directory: string;
  readonly say: (line: string) => void;
  /** Where the Pods are; stays when the agent stops. */
  readonly network: PodNetwork;
  /**
   * Absent: nobody else makes Pods of Deployments, nor removes them. A cluster does both; it has Pods, but no scheduler, and Pods with images of others are
   * not for this node.
   */
  readonly cluster?: { readonly isOurs: (pod: Pod) => boolean };
}

/**
 * Runs the Deployments of the suite as processes of this machine: what a controller of Deployments, a scheduler and a kubelet
 * would do for them, and no more. The product has none of this.
 */
export class TestAgent {
  readonly #options: TestAgentOptions;
  readonly #running = new Map<string, PodProcess>();
  readonly #kubelet: Kubelet;
  #stopped = false;
  #rounds: Promise<void> = Promise.resolve();

  private constructor(options: TestAgentOptions, kubelet: Kubelet) {
    this.#options = options;
    this.#kubelet = kubelet;
  }

  static async start(options: TestAgentOptions): Promise<TestAgent> {
    const logs: { of?: TestAgent } = {};
    const kubelet = await startKubelet((namespace, name, since) => logs.of?.log(namespace, name, since));
    const agent = new TestAgent(options, kubelet);
    logs.of = agent;
    await agent.#register();
    agent.#rounds = agent.#loop();
    return agent;
  }

  log(namespace: string, name: string, since: number): string | undefined {
    return this.#running.get(objectKeyText({ namespace, name }))?.log(since);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#rounds;
    for (const process of this.#running.values()) await process.stop();
    this.#kubelet.close();
  }

  /** A node, so that an API server knows whom to ask for logs. */
  async #register(): Promise<void> {
    const { client } = this.#options;
    const metadata = { name: NODE_NAME, namespace: '' };
    await client.create(NODE, { apiVersion: 'v1', kind: 'Node', metadata: { name: NODE_NAME } } as KubernetesObject);
    const status = {
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      daemonEndpoints: { kubeletEndpoint: { Port: this.#kubelet.port } },
    };
    await client.patch(NODE, metadata, { status }, { type: 'merge', subresource: 'status' });
  }

  async #loop(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#round();
      } catch (error) {
        this.#options.say(`test agent: ${error instanceof Error ? error.message : String(error)}`);
      }
      await sleep(ROUND_MS);
    }
  }

  /** Makes what runs be what Deployments want. */
  async #round(): Promise<void> {
    const { client, cluster } = this.#options;
    const pods = (await client.list(POD)).items as unknown as readonly Pod[];
    const present = new Set(pods.map((pod) => objectKeyText(keyOf(pod))));
    if (cluster === undefined) await this.#makePods(present);
    else for (const pod of pods) if (pod.spec.nodeName === undefined && cluster.isOurs(pod)) await this.#bind(pod);
    for (const [key, process] of this.#running) {
      if (present.has(key)) continue;
      this.#running.delete(key);
      await process.stop();
    }
    const waiting = pods.filter(
      (pod) => pod.spec.nodeName === NODE_NAME && !this.#running.has(objectKeyText(keyOf(pod))),
    );
    await Promise.all(waiting.map((pod) => this.#start(pod)));
  }

  /** What the controllers of a cluster would do. */
  async #makePods(present: ReadonlySet<string>): Promise<void> {
    const { client } = this.#options;
    const deployments = (await client.list(DEPLOYMENT)).items as unknown as readonly Deployment[];
    for (const deployment of deployments) {
      const { namespace = '' } = deployment.metadata;
      for (let index = 0; index < (deployment.spec.replicas ?? 1); index++) {
        const key = objectKeyText({ namespace, name: podName(deployment, index) });
        if (!present.has(key)) await client.create(POD, podOf(deployment, index, NODE_NAME));
      }
    }
  }

  /** What a scheduler would do. */
  async #bind({ metadata }: Pod): Promise<void> {
    const { namespace = '', name } = metadata;
    await this.#options.client.post(`/api/v1/namespaces/${namespace}/pods/${name}/binding`, {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { namespace, name },
      target: { apiVersion: 'v1', kind: 'Node', name: NODE_NAME },
    });
  }

  async #start(pod: Pod): Promise<void> {
    const [container] = pod.spec.containers;
    const folders = await this.#volumes(pod);
    if (container === undefined || folders === undefined) return;
    const args = argumentsOf(container, folders);
    const command = this.#command(container.image, args, environmentOf(pod, container, folders));
    const process = await PodProcess.start(await this.#options.network.add(), command);
    this.#running.set(objectKeyText(keyOf(pod)), process);
    const { address } = process.namespace;
    const ready = (type: string): object => ({ type, status: 'True', lastTransitionTime: new Date().toISOString() });
    const status = {
      phase: 'Running',
      podIP: address,
      podIPs: [{ ip: address }],
      hostIP: '127.0.0.1',
      conditions: ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map(ready),
    };
    await this.#options.client.patch(POD, keyOf(pod), { status }, { type: 'merge', subresource: 'status' });
  }

  #command(image: string, given: readonly string[], environment: Readonly<Record<string, string>>): Command {
    if (image.includes('coredns')) {
      const program = fileURLToPath(import.meta.resolve('./dns-answer.ts'));
      return { program: process.execPath, args: ['--import', import.meta.resolve('tsx'), program], environment };
    }
    const own = this.#options.images?.(image, given);
    return { ...(own ?? { program: this.#options.echoProgram, args: [] }), environment };
  }

  /** @returns a folder for each volume; undefined: what one is made of is not there yet */
  async #volumes(pod: Pod): Promise<ReadonlyMap<string, string> | undefined> {
    const folders = new Map<string, string>();
    for (const volume of pod.spec.volumes ?? []) {
      const files = await this.#filesOf(pod.metadata.namespace ?? '', volume);
      if (files === undefined) return undefined;
      const folder = path.join(
        this.#options.directory,
        'volumes',
        pod.metadata.namespace ?? '',
        pod.metadata.name,
        volume.name,
      );
      mkdirSync(folder, { recursive: true });
      for (const [name, content] of files) writeFileSync(path.join(folder, name), content);
      folders.set(volume.name, folder);
    }
    return folders;
  }

  async #filesOf(namespace: string, { secret, configMap }: Volume): Promise<ReadonlyMap<string, Buffer> | undefined> {
    const kind = builtIn(secret === undefined ? 'ConfigMap' : 'Secret');
    const name = secret?.secretName ?? configMap?.name;
    if (name === undefined) return new Map();
    const object = await this.#options.client.get(kind, { namespace, name });
    if (object === undefined) return undefined;
    const { data = {} } = object as { readonly data?: Readonly<Record<string, string>> };
    const items = (secret ?? configMap)?.items ?? Object.keys(data).map((key) => ({ key, path: key }));
    const encoding = secret === undefined ? 'utf8' : 'base64';
    return new Map(items.map(({ key, path: file }) => [file, Buffer.from(data[key] ?? '', encoding)]));
  }
}
