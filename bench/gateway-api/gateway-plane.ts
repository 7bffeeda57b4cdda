import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KIND_REFS, type KindMap } from '@causeway/resources/kinds';
import type { BenchmarkOptions } from '../benchmark.ts';
import { type Backends, startBackends } from '../control/backends.ts';
import { instanceStatus, probeWorkers } from '../control/data-plane.ts';
import { BenchHome } from '../control/home.ts';
import { benchService, createAll } from '../control/objects.ts';
import type { WorkerProbe } from '../control/worker-probe.ts';
import { memoryMiB } from '../measure/cpu.ts';
import { benchGateway, GATEWAY } from './objects.ts';

/** Of loopback, so that nobody needs to be root. */
const OWN_NETWORK = '127.82.0.0/16';
const PORT = 8080;

/** A `causeway up` of its own with one Gateway, and two Services, `a` and `b`, behind which backends answer `a` and `b`. */
export class GatewayPlane {
  readonly home: BenchHome;
  readonly backends: Backends;
  /** Of the Gateway. */
  readonly address: string;

  private constructor(home: BenchHome, backends: Backends, address: string) {
    this.home = home;
    this.backends = backends;
    this.address = address;
  }

  /** @param addresses of the backends; 127.0.0.1 must be the first */
  static async start(
    options: BenchmarkOptions,
    directory: string,
    addresses?: readonly string[],
  ): Promise<GatewayPlane> {
    const flags = ['--instance-addresses', OWN_NETWORK];
    const home = await BenchHome.start(options, path.join(directory, 'data'), flags);
    const backends = await startBackends(options.nginx, path.join(directory, 'backends'), addresses);
    const { a, b } = backends.ports;
    await createAll(home.api, [...benchService('a', a), ...benchService('b', b), benchGateway(PORT)]);
    return new GatewayPlane(home, backends, await addressOfGateway(home));
  }

  get url(): string {
    return `http://${this.address}:${PORT}`;
  }

  /** One for each worker. */
  probes(): Promise<readonly WorkerProbe[]> {
    return probeWorkers(this.home.api, PORT, this.address);
  }

  /** What the status of the listener says. */
  async attachedRoutes(): Promise<number> {
    return (await readGateway(this.home))?.status?.listeners?.[0]?.attachedRoutes ?? 0;
  }

  /** Resident memory in MiB by program, that of nginx's workers included. */
  async memory(): Promise<Readonly<Record<string, number>>> {
    const { workers = [] } = await instanceStatus(this.home.api);
    return { ...this.home.memory(), 'nginx workers': memoryMiB(workers.map(({ pid }) => pid)) };
  }

  async stop(): Promise<void> {
    await this.home.stop();
    await this.backends.stop();
  }
}

async function addressOfGateway(home: BenchHome): Promise<string> {
  for (;;) {
    const { status } = (await readGateway(home)) ?? {};
    const address = status?.addresses?.[0]?.value;
    const isProgrammed = status?.conditions?.some((each) => each.type === 'Programmed' && each.status === 'True');
    if (address !== undefined && isProgrammed === true) return address;
    await sleep(50);
  }
}

async function readGateway({ api }: BenchHome): Promise<KindMap['Gateway'] | undefined> {
  return (await api.get(KIND_REFS.Gateway, GATEWAY)) as KindMap['Gateway'] | undefined;
}
