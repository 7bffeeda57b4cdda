import path from 'node:path';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { childrenOf, commandLine, processInfo, workingDirectory } from '@causeway/targets/nginx/proc';
import { nginxProcessesOf } from '@causeway/targets/nginx/process';
import { streamProcessesOf } from '@causeway/targets/nginx/stream-process';
import { instanceStatus } from '../control/data-plane.ts';

/** The processes of one data plane, as /proc shows them now. */
export class DataPlaneProcesses {
  /** Folder of the instance. */
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Finds them by the workers that the only data plane reports. */
  static async find(api: KubernetesClient): Promise<DataPlaneProcesses> {
    const { workers = [] } = await instanceStatus(api);
    const directory = workingDirectory(workers[0]?.pid ?? 0);
    if (directory === undefined) throw new Error('the workers that the data plane reports do not run');
    return new DataPlaneProcesses(path.resolve(directory));
  }

  /** nginx masters, the oldest first; there is one, except while one takes the place of another. */
  get masters(): readonly number[] {
    return this.#split().masters;
  }

  /** All workers, also those whose master is dead, those that are shutting down, and those that have just been forked. */
  get allWorkers(): readonly number[] {
    return this.#split().workers;
  }

  /** Workers of a master that is alive, without those that are shutting down. */
  get workers(): readonly number[] {
    return this.masters
      .flatMap((master) => childrenOf(master))
      .filter((pid) => commandLine(pid) === 'nginx: worker process' && processInfo(pid) !== undefined);
  }

  /** The layer 4 process. */
  get stream(): number | undefined {
    return streamProcessesOf(this.directory).at(-1)?.pid;
  }

  #split(): { readonly masters: readonly number[]; readonly workers: readonly number[] } {
    const all = nginxProcessesOf(this.directory);
    const pids = new Set(all.map(({ pid }) => pid));
    const masters: number[] = [];
    const workers: number[] = [];
    for (const { pid, parent } of all) {
      // A worker that has just been forked still has its master's title.
      const isMaster = commandLine(pid).startsWith('nginx: master process') && !pids.has(parent);
      (isMaster ? masters : workers).push(pid);
    }
    return { masters, workers };
  }
}
