import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createClient, type KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { loadKubeconfig } from '@causeway/protocols/kubernetes/kubeconfig';
import { vi } from 'vitest';

export const repository = path.resolve(import.meta.dirname, '../..');
export const launcher = path.join(repository, 'causeway');

/** How a program that was run to its end went. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
export async function run(
  program: string,
  args: readonly string[],
  options: {
    readonly env?: NodeJS.ProcessEnv;
    readonly cwd?: string;
    readonly uid?: number;
    readonly gid?: number;
  } = {},
): Promise<Outcome> {
  return outcomeOf(spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] }));
}

/** Waits for the end of a program, and what it has said by then. */
export async function outcomeOf(child: ChildProcess & { stdout: Readable; stderr: Readable }): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** A `causeway up` in a process group of its own, on a free API port. */
export class UpProcess {
  readonly dataDirectory: string;
  /** The line that said it is ready. */
  readonly readyLine: string;
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | null>;

  private constructor(child: ChildProcess, dataDirectory: string, readyLine: string, exit: Promise<number | null>) {
    this.#child = child;
    this.dataDirectory = dataDirectory;
    this.readyLine = readyLine;
    this.#exit = exit;
  }

  /** @throws Error with its stderr, when it ends before it is ready */
  static async start(dataDirectory: string, args: readonly string[] = []): Promise<UpProcess> {
    const child = spawn(launcher, ['up', '--data-dir', dataDirectory, '--api-port', '0', ...args], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exit = once(child, 'exit').then(([code]) => code as number | null);
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    const line = once(createInterface({ input: child.stdout }), 'line').then(([text]) => text as string);
    const first = await Promise.race([line, exit]);
    if (typeof first !== 'string') throw new Error(`up ended with ${first}:\n${stderr}`);
    return new UpProcess(child, dataDirectory, first, exit);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get kubeconfigFile(): string {
    return path.join(this.dataDirectory, 'kubeconfig');
  }

  async client(): Promise<KubernetesClient> {
    return createClient(await loadKubeconfig(this.kubeconfigFile), { requestTimeoutMs: 5_000 });
  }

  /** @returns its exit code */
  async signal(name: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(name);
    return this.#exit;
  }

  /** Kills everything at once, as `kill -9 -<pid>` does. */
  async killGroup(): Promise<void> {
    process.kill(-this.pid, 'SIGKILL');
    await this.#exit;
  }
}

/** Process numbers of everything whose command line names the folder. */
export function processesOf(directory: string): readonly number[] {
  return readdirSync('/proc')
    .filter(
      (name) => /^\d+$/.test(name) && Number(name) !== process.pid && commandLine(Number(name)).includes(directory),
    )
    .map(Number);
}

export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

/** The number of the `up` child that runs that program. */
export function childRunning(dataDirectory: string, program: string): number | undefined {
  return processesOf(dataDirectory).find((pid) => commandLine(pid).includes(`/${program}.js`));
}

/** Data directories that are removed at the end of the test, with every process that still uses them. */
export class TemporaryDirectories {
  readonly #made: string[] = [];

  make(): string {
    const directory = mkdtempSync(path.join(tmpdir(), 'causeway-up-'));
    this.#made.push(directory);
    return path.join(directory, 'data');
  }

  async remove(): Promise<void> {
    for (const directory of this.#made.splice(0)) {
      for (const pid of processesOf(directory)) killQuietly(pid);
      await vi.waitUntil(() => processesOf(directory).length === 0, 10_000);
      rmSync(directory, { recursive: true, force: true });
    }
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it was faster
  }
}
