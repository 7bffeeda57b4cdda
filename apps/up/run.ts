import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@causeway/protocols/kubernetes/client';
import { loadKubeconfig } from '@causeway/protocols/kubernetes/kubeconfig';
import type { Logger } from 'pino';
import { followManifests, type ManifestFolders } from '../manifest/watch.ts';
import type { DataDirectory } from './data-directory.ts';
import { relayAsText } from './log-text.ts';
import { outliveOrphans } from './orphans.ts';
import { type ProgramOptions, SupervisedProgram } from './supervised-program.ts';

export interface UpOptions {
  readonly dataDirectory: DataDirectory;
  /** Where the programs' JavaScript files are. */
  readonly programDirectory: string;
  /** `runtime.json` of the private runtime. */
  readonly runtimeFile: string;
  readonly apiPort: number;
  readonly manifests: readonly string[];
  /** Servers that resolve names of Services; empty: those of the machine. */
  readonly dnsServers: readonly string[];
  /** Network of the addresses that instances get for themselves; absent: the agent's default. */
  readonly instanceAddresses: string | undefined;
  readonly logFormat: 'json' | 'text';
  readonly log: Logger;
}

/** nginx lets requests in progress finish. */
const agentStopMs = 20_000;
const otherStopMs = 8_000;
/** Some thousand objects: an agent needs a second for them. */
const MUCH_BYTES = 4 << 20;
/** Controllers do not wait for an agent longer. */
const longestWaitMs = 3_000;

/**
 * The API server first; controllers and agent load meanwhile, and begin when it
 * serves, since they need its kubeconfig; with much stored, the controllers when the
 * agent has made it serve. Ended in the opposite order.
 */
export class Up {
  readonly #options: UpOptions;
  readonly #programs: SupervisedProgram[] = [];
  #manifests: ManifestFolders | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: UpOptions) {
    this.#options = options;
  }

  get kubeconfigFile(): string {
    return path.join(this.#options.dataDirectory.path, 'kubeconfig');
  }

  /**
   * @returns the API server's URL when everything that is stored serves
   * @throws ProgramUnstartable
   */
  async start(): Promise<string> {
    const { dataDirectory, apiPort, runtimeFile, manifests, dnsServers, instanceAddresses, log } = this.#options;
    await outliveOrphans(dataDirectory.orphans, log);
    let port = String(apiPort);
    const apiServer = this.#run('apiserver', {
      stopTimeoutMs: otherStopMs,
      args: () => ['--data-dir', dataDirectory.path, '--port', port],
    });
    const kubeconfig = ['--kubeconfig', this.kubeconfigFile];
    const dns = dnsServers.flatMap((server) => ['--dns-server', server]);
    const hasMuch = storedBytes(dataDirectory.path) > MUCH_BYTES;
    const controllers = this.#run('controllers', {
      // What is stored serves without them: with little processor time for all, it goes to the agent first.
      heldUntil: apiServer.ready.then(() => (hasMuch ? soon(agent.ready) : undefined)),
      stopTimeoutMs: otherStopMs,
      args: () => [...kubeconfig, ...dns],
    });
    const runDirectory = path.join(dataDirectory.path, 'run');
    const agent = this.#run('agent', {
      heldUntil: apiServer.ready,
      stopTimeoutMs: agentStopMs,
      args: () => [
        ...[...kubeconfig, '--run-dir', runDirectory, '--runtime', runtimeFile, '--all', ...dns],
        ...(instanceAddresses === undefined ? [] : ['--instance-addresses', instanceAddresses]),
      ],
    });
    await apiServer.ready;
    const access = await loadKubeconfig(this.kubeconfigFile);
    // Any free port was asked for? Started again it must serve on this one, where its clients look for it.
    if (apiPort === 0) port = new URL(access.server).port;
    if (manifests.length > 0) {
      this.#manifests = await followManifests(createClient(access), manifests, log);
    }
    await Promise.all([controllers.ready, agent.ready]);
    return access.server;
  }

  /** Resolves when every process is gone. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopInOrder();
    return this.#stopped;
  }

  /** Ends every process at once; {@link stop} then resolves. */
  kill(): void {
    for (const program of this.#programs) program.kill();
  }

  async #stopInOrder(): Promise<void> {
    this.#manifests?.stop();
    for (const program of this.#programs.toReversed()) await program.stop();
    this.#options.dataDirectory.release();
  }

  #run(name: string, how: Pick<ProgramOptions, 'args' | 'stopTimeoutMs' | 'heldUntil'>): SupervisedProgram {
    const { programDirectory, logFormat, log } = this.#options;
    const options: ProgramOptions = {
      name,
      file: path.join(programDirectory, `${name}.js`),
      log,
      ...how,
      onPid: () => this.#recordChildren(),
      ...(logFormat === 'text' && { onOutput: (output) => relayAsText(output, name) }),
    };
    const program = new SupervisedProgram(options);
    this.#programs.push(program);
    // The first process was forked while the program was not in the list yet.
    this.#recordChildren();
    return program;
  }

  #recordChildren(): void {
    const pids = this.#programs.map((program) => program.pid).filter((pid) => pid !== undefined);
    if (this.#stopped === undefined) this.#options.dataDirectory.recordChildren(pids);
  }
}

/** Resolves when `ready` does, at the latest after {@link longestWaitMs}; never rejects. */
async function soon(ready: Promise<void>): Promise<void> {
  const waited = new AbortController();
  const late = sleep(longestWaitMs, undefined, { signal: waited.signal });
  await Promise.race([ready, late]).catch(() => {});
  waited.abort();
  await late.catch(() => {});
}

/** Size of the API server's store; 0 before its first start. */
function storedBytes(dataDirectory: string): number {
  const store = path.join(dataDirectory, 'store');
  if (!existsSync(store)) return 0;
  return readdirSync(store).reduce((sum, name) => sum + statSync(path.join(store, name)).size, 0);
}
