import { type ChildProcess, fork } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { buildDataplane } from '@causeway/dataplane/build';
import { createClient, type KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { loadKubeconfig } from '@causeway/protocols/kubernetes/kubeconfig';

export type ProgramName = 'apiserver' | 'controllers' | 'agent';

export interface StartOptions {
  /** The agent's `runtime.json`. */
  readonly runtime?: string;
  /** Tells it from another of the same program; the name of the program by default. */
  readonly as?: string;
  /** Further flags. */
  readonly args?: readonly string[];
}

const repository = path.resolve(import.meta.dirname, '../..');
/** `./causeway test` says so: what lies in dist/ is made of these sources. */
const isBuilt = process.env['CAUSEWAY_BUILT'] === '1';

/**
 * The programs that `up` runs, as they are built or else from source (seconds slower each), each on its own so that a test can
 * end one and look at the rest. Everything is in a temporary folder.
 */
export class Home {
  readonly directory = mkdtempSync(path.join(tmpdir(), 'causeway-e2e-'));
  readonly #programs = new Map<string, ChildProcess>();
  #client: KubernetesClient | undefined;
  #hadAgent = false;

  /** Resolves when the program says that it is ready; rejects with its log when it ends before. */
  async start(name: ProgramName, options: StartOptions = {}): Promise<void> {
    const { runtime = runtimeFile(), as = name, args = [] } = options;
    if (name === 'agent' && !isBuilt && !existsSync(this.#dataplane)) await buildDataplane(this.#dataplane);
    const log = path.join(this.directory, `${as}.log`);
    const program = path.join(repository, isBuilt ? `dist/${name}.js` : `apps/${name}.ts`);
    const child = fork(program, [...this.#argumentsOf(name, as, runtime), ...args], {
      cwd: repository,
      execArgv: isBuilt ? [] : ['--import', 'tsx'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => appendFileSync(log, chunk));
    this.#programs.set(as, child);
    this.#hadAgent ||= name === 'agent';
    await new Promise<void>((resolve, reject) => {
      child.once('message', () => resolve());
      child.once('exit', (code, signal) => reject(new Error(`${as} ended (${code ?? signal}):\n${this.logOf(as)}`)));
    });
    if (name === 'apiserver') this.#client = createClient(await loadKubeconfig(this.kubeconfig));
  }

  /** Ends a program and waits until it is gone. */
  async end(name: string, signal: NodeJS.Signals): Promise<void> {
    const child = this.#programs.get(name);
    this.#programs.delete(name);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }

  isRunning(name: string): boolean {
    const child = this.#programs.get(name);
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** Closes the channel to a program, as the death of its parent does, and waits until it is gone. */
  async orphan(name: string): Promise<void> {
    const child = this.#programs.get(name);
    this.#programs.delete(name);
    if (child === undefined) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.disconnect();
    await gone;
  }

  async stop(): Promise<void> {
    // Only an agent ends an nginx that an agent left.
    if (this.#client !== undefined && !this.#programs.has('agent') && this.#hadAgent) await this.start('agent');
    for (const name of [...this.#programs.keys()].toReversed()) await this.end(name, 'SIGTERM');
    await this.#client?.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  get api(): KubernetesClient {
    if (this.#client === undefined) throw new Error('the API server was not started');
    return this.#client;
  }

  get kubeconfig(): string {
    return path.join(this.directory, 'kubeconfig');
  }

  logOf(name: string): string {
    return readFileSync(path.join(this.directory, `${name}.log`), { encoding: 'utf8', flag: 'a+' });
  }

  get #dataplane(): string {
    return isBuilt ? path.join(repository, 'dist/dataplane') : path.join(this.directory, 'dataplane');
  }

  #argumentsOf(name: ProgramName, as: string, runtime: string): readonly string[] {
    switch (name) {
      case 'apiserver':
        return ['--data-dir', this.directory, '--port', '0'];
      case 'controllers':
        return ['--kubeconfig', this.kubeconfig];
      case 'agent':
        return [
          ...['--kubeconfig', this.kubeconfig, '--all', '--dataplane', this.#dataplane],
          ...['--run-dir', path.join(this.directory, as === 'agent' ? 'run' : as), '--runtime', runtime],
        ];
    }
  }
}

export function runtimeFile(): string {
  return path.join(process.env['CAUSEWAY_RUNTIME'] ?? path.join(homedir(), '.causeway/runtime'), 'runtime.json');
}
