import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { KIND_REFS, type KindMap } from '@causeway/resources/kinds';
import type { NginxManifest } from '@causeway/tools/runtime/manifest';
import { freePorts } from '../measure/free-ports.ts';
import { type Backends, startBackends } from './backends.ts';
import { type AlbPorts, benchAlb, benchService, createAll } from './objects.ts';
import { WorkerProbe } from './worker-probe.ts';

/** Often enough to be precise, seldom enough not to become the load. */
const POLL_MS = 5;

type Status = NonNullable<KindMap['Instance']['status']>;

/** The ALB under test with two Services, `a` and `b`, behind which backends answer `a` and `b`. */
export interface DataPlane {
  readonly ports: AlbPorts;
  readonly backends: Backends;
}

/** @param addresses of the backends; 127.0.0.1 must be the first */
export async function startDataPlane(
  api: KubernetesClient,
  nginx: NginxManifest,
  directory: string,
  addresses?: readonly string[],
): Promise<DataPlane> {
  const backends = await startBackends(nginx, directory, addresses);
  try {
    const [http = 0, https = 0, metrics = 0] = await freePorts(3);
    const ports = { http, https, metrics };
    await createAll(api, [
      ...benchService('a', backends.ports.a),
      ...benchService('b', backends.ports.b),
      benchAlb(ports),
    ]);
    return { ports, backends };
  } catch (error) {
    await backends.stop();
    throw error;
  }
}

/** What the data plane reports, as soon as it is ready and listens on these ports. */
export async function instanceStatus(api: KubernetesClient, ports: readonly number[] = []): Promise<Status> {
  for (;;) {
    const { items } = await api.list(KIND_REFS.Instance);
    const status = (items[0] as KindMap['Instance'] | undefined)?.status;
    const listening = new Set(status?.ports?.filter(({ state }) => state === 'listening').map(({ port }) => port));
    if (status?.ready === true && ports.every((port) => listening.has(port))) return status;
    await sleep(100);
  }
}

/** A probe for each worker. @param address where it listens, unless it is 127.0.0.1 */
export async function probeWorkers(
  api: KubernetesClient,
  port: number,
  address?: string,
): Promise<readonly WorkerProbe[]> {
  const { workers = [] } = await instanceStatus(api, [port]);
  return Promise.all(workers.map(({ pid }) => WorkerProbe.open(pid, port, address)));
}

/**
 * Asks every worker until all have given the wanted answer once.
 *
 * @returns the number of answers that were neither 200 nor expected to fail
 */
export async function untilAllAnswer(
  probes: readonly WorkerProbe[],
  { host, path }: { readonly host: string; readonly path: string },
  body: string,
): Promise<number> {
  const failures = await Promise.all(
    probes.map(async (probe) => {
      let failed = 0;
      for (;;) {
        const answer = await probe.get(host, path);
        if (answer.body === body) return failed;
        if (answer.status !== 200) failed += 1;
        await sleep(POLL_MS);
      }
    }),
  );
  return failures.reduce((sum, count) => sum + count, 0);
}
