import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { probeWorkers } from './data-plane.ts';

const PAUSE_MS = 5;

/**
 * Somebody who uses a site all the time, on one keepalive connection to each worker, while others change theirs. One that is closed
 * between two requests, as by a reload for a new address of the machine, is opened again and told of.
 */
export class Onlooker {
  readonly #running: Promise<unknown>;
  #stopped = false;
  #requests = 0;
  #reopened = 0;
  /** By what was said instead of 200. */
  readonly #failures = new Map<string, number>();

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
        probes.map(async (first, index) => {
          let probe = first;
          while (!onlooker.#stopped) {
            if (!probe.isOpen) {
              const others = await probeWorkers(api, port);
              probe = others[index] ?? probe;
              for (const other of others) if (other !== probe) other.close();
              onlooker.#reopened += 1;
            }
            const said = await probe.get(host, path).then(
              ({ status }) => String(status),
              (error: Error) => error.message,
            );
            onlooker.#requests += 1;
            if (said !== '200') onlooker.#failures.set(said, (onlooker.#failures.get(said) ?? 0) + 1);
            await sleep(PAUSE_MS);
          }
          probe.close();
        }),
      ),
    );
  }

  /** @returns a sentence: how many requests there were, how many failed, and how */
  async stop(): Promise<string> {
    this.#stopped = true;
    await this.#running;
    const failed = [...this.#failures.values()].reduce((sum, count) => sum + count, 0);
    const how = [...this.#failures].map(([said, count]) => `${said}: ${count}`).join(', ');
    const reopened = this.#reopened === 0 ? '' : ` ${this.#reopened} idle connections were closed.`;
    return `Of ${this.#requests} requests to a host that was served before, ${failed} failed${how && ` (${how})`}.${reopened}`;
  }
}
