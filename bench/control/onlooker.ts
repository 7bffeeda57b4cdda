import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { probeWorkers } from './data-plane.ts';

const PAUSE_MS = 5;

/** Somebody who uses a site all the time, on one keepalive connection to each worker, while others change theirs. */
export class Onlooker {
  readonly #running: Promise<unknown>;
  #stopped = false;
  #requests = 0;
  #failed = 0;

  private constructor(running: (onlooker: Onlooker) => Promise<unknown>) {
    this.#running = running(this);
  }

  static async start(
    api: KubernetesClient,
    port: number,
    { host, path }: { readonly host: string; readonly path: string },
  ): Promise<Onlooker> {
    const probes = await probeWorkers(api, port);
    return new Onlooker((onlooker) =>
      Promise.all(
        probes.map(async (probe) => {
          while (!onlooker.#stopped) {
            const status = await probe.get(host, path).then(
              (answer) => answer.status,
              () => 0,
            );
            onlooker.#requests += 1;
            if (status !== 200) onlooker.#failed += 1;
            await sleep(PAUSE_MS);
          }
          probe.close();
        }),
      ),
    );
  }

  async stop(): Promise<{ readonly requests: number; readonly failed: number }> {
    this.#stopped = true;
    await this.#running;
    return { requests: this.#requests, failed: this.#failed };
  }
}
