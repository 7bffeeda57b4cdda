import { createClient, type KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { loadKubeconfig } from '@causeway/protocols/kubernetes/kubeconfig';
import { goProgram } from '../go-program.ts';
import { type Images, TestAgent } from './agent/agent.ts';
import { LoadBalancer } from './agent/load-balancer.ts';
import { PodNetwork } from './agent/pod-network.ts';
import type { Pod } from './agent/pod-template.ts';
import { startHome } from './home.ts';
import { IMAGE, type RealHome, startRealHome } from './real-home.ts';

interface TestBedOptions {
  /** For data and logs. */
  readonly directory: string;
  /** With the programs that the launcher built. */
  readonly runtime: string;
  /** On a real kube-apiserver; else a `causeway up`. */
  readonly real: boolean;
  readonly images?: Images;
}

/** What a suite runs against: an API with our programs, and the agent that runs the suite's Deployments. */
export class TestBed {
  readonly #stops: (() => Promise<void>)[] = [];
  #kubeconfig = '';
  #client: KubernetesClient | undefined;
  #real: RealHome | undefined;

  private constructor() {}

  /** @throws Error when a part does not start; the others are stopped then */
  static async start(options: TestBedOptions): Promise<TestBed> {
    const bed = new TestBed();
    try {
      await bed.#start(options);
    } catch (error) {
      await bed.stop();
      throw error;
    }
    return bed;
  }

  get kubeconfig(): string {
    return this.#kubeconfig;
  }

  /** Of an administrator. */
  get client(): KubernetesClient {
    if (this.#client === undefined) throw new TypeError('it has started');
    return this.#client;
  }

  /** What our programs' logs tell of refused requests; of a `causeway up` nothing. */
  mistakes(): readonly string[] {
    return this.#real?.mistakes() ?? [];
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0).reverse()) await stop();
  }

  async #start({ directory, runtime, real: isReal, images }: TestBedOptions): Promise<void> {
    const stops = this.#stops;
    const say = (line: string): void => console.error(line);
    const network = await PodNetwork.start();
    const real = isReal ? await startRealHome(runtime, directory, network) : undefined;
    const home = real ?? (await startHome(directory));
    this.#real = real;
    this.#kubeconfig = home.kubeconfig;
    stops.push(() => home.stop());
    const client = createClient(await loadKubeconfig(home.kubeconfig));
    this.#client = client;
    stops.push(() => client.close());
    const cluster = real && { isOurs: ({ spec }: Pod) => spec.containers.every(({ image }) => image !== IMAGE) };
    const echoProgram = goProgram(runtime, 'gateway-api-echo');
    const agent = await TestAgent.start({
      client,
      echoProgram,
      directory,
      network,
      say,
      ...(cluster && { cluster }),
      ...(images && { images }),
    });
    stops.push(() => agent.stop());
    if (real !== undefined) {
      const balancer = new LoadBalancer({ client, network, say });
      stops.push(() => balancer.stop());
    }
  }
}
