import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, type KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { loadKubeconfig } from '@causeway/protocols/kubernetes/kubeconfig';
import { commandLine } from '@causeway/targets/nginx/proc';
import type { BenchmarkOptions } from '../benchmark.ts';
import { childrenOf } from '../http/nginx-peer.ts';
import { cpuMicroseconds, memoryMiB } from '../measure/cpu.ts';

/** The programs are beside the data plane. */
export type ProgramFolder = Pick<BenchmarkOptions, 'dataplaneDirectory'>;

/** A `causeway up` on a data directory of its own. */
export class BenchHome {
  readonly api: KubernetesClient;
  /** From the launch of the program until it said that it is ready. */
  readonly readyMs: number;
  /** Processor time of all its Node processes until then. */
  readonly readyCpuMs: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, api: KubernetesClient, readyMs: number) {
    this.#child = child;
    this.api = api;
    this.readyMs = readyMs;
    this.readyCpuMs = cpuMicroseconds(this.nodePids) / 1000;
  }

  /**
   * @param dataDirectory made if absent; its log goes to a file `up.log` in there
   * @param flags more of them
   * @throws Error when it ends before it is ready
   */
  static async start(options: ProgramFolder, dataDirectory: string, flags: readonly string[] = []): Promise<BenchHome> {
    mkdirSync(dataDirectory, { recursive: true });
    const program = path.join(programDirectory(options), 'up.js');
    const log = openSync(path.join(dataDirectory, 'up.log'), 'a');
    const startedAt = performance.now();
    const child = spawn(process.execPath, [program, '--data-dir', dataDirectory, '--api-port', '0', ...flags], {
      stdio: ['ignore', 'pipe', log],
    });
    const exit = once(child, 'exit');
    const ready = firstLine(child.stdout).then(() => true);
    const isReady = await Promise.race([ready, exit.then(() => false)]);
    const readyMs = performance.now() - startedAt;
    if (!isReady) {
      throw new Error(`up ended: ${readFileSync(path.join(dataDirectory, 'up.log'), 'utf8').slice(-2000)}`);
    }
    const api = createClient(await loadKubeconfig(path.join(dataDirectory, 'kubeconfig')));
    return new BenchHome(child, api, readyMs);
  }

  /** `up` itself and the programs it runs. */
  get nodePids(): readonly number[] {
    const pid = this.#child.pid ?? 0;
    return [pid, ...childrenOf(pid)];
  }

  /** Process number of a program that `up` runs; undefined while it does not run. */
  pidOf(program: string): number | undefined {
    return childrenOf(this.#child.pid ?? 0).find((pid) => programOf(pid) === program);
  }

  /** Whether `up` itself runs. */
  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resident memory by program, shared pages divided among those that share them; `total` is the control plane. */
  memory(): Readonly<Record<string, number>> {
    const parts: [string, number][] = this.nodePids.map((pid) => [programOf(pid), memoryMiB([pid])]);
    return { ...Object.fromEntries(parts), total: sum(parts.map(([, mib]) => mib)) };
  }

  /** Processor time by program since the start. */
  cpuMs(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.nodePids.map((pid) => [programOf(pid), cpuMicroseconds([pid]) / 1000]));
  }

  /** Waits until it has used next to no processor time for so long: all is written that has to be. */
  async untilQuiet(quietMs = 2_000): Promise<void> {
    for (;;) {
      const before = sum(Object.values(this.cpuMs()));
      await sleep(quietMs);
      if (sum(Object.values(this.cpuMs())) - before < quietMs * 0.1) return;
    }
  }

  async stop(): Promise<void> {
    await this.api.close();
    if (!this.isRunning) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exit;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

async function firstLine(stream: Readable | null): Promise<void> {
  if (stream !== null) await once(createInterface({ input: stream }), 'line');
}

/** Where `up.js` and its companions are. */
function programDirectory({ dataplaneDirectory }: ProgramFolder): string {
  return path.dirname(dataplaneDirectory);
}

function programOf(pid: number): string {
  const program = commandLine(pid)
    .split(' ')
    .find((argument) => argument.endsWith('.js'));
  return path.basename(program ?? '', '.js');
}
