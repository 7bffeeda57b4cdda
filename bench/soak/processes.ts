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
    const all = nginxProcessesOf(this.directory);
    const pids = new Set(all.map(({ pid }) => pid));
    // A worker that has just been forked still has its master's title.
    const masters = all.filter(({ pid, parent }) => isTitled(pid, 'master') && !pids.has(parent));
    return masters.map(({ pid }) => pid);
  }

  /** All workers, also those whose master is dead and those that are shutting down. */
  get allWorkers(): readonly number[] {
    return nginxProcessesOf(this.directory)
      .map(({ pid }) => pid)
      .filter((pid) => isTitled(pid, 'worker'));
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
}

function isTitled(pid: number, role: 'master' | 'worker'): boolean {
  return commandLine(pid).startsWith(`nginx: ${role} process`);
}
