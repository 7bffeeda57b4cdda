import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Written to standard input: manifests for `-f -`. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A kubectl binary that talks to one server, with a cache of its own. */
export class Kubectl {
  readonly #binary: string;
  readonly #global: readonly string[];

  constructor(binary: string, kubeconfig: string, cacheDirectory: string) {
    this.#binary = binary;
    this.#global = ['--kubeconfig', kubeconfig, '--cache-dir', cacheDirectory];
  }

  /** Runs to the end, whatever the exit code. */
  async try(args: readonly string[], options: RunOptions = {}): Promise<Result> {
    const running = promisify(execFile)(this.#binary, [...this.#global, ...args], {
      env: { ...process.env, ...options.env },
      maxBuffer: 64 * 1024 * 1024,
    });
    running.child.stdin?.end(options.input ?? '');
    try {
      return { code: 0, ...(await running) };
    } catch (error) {
      const { code, stdout, stderr } = error as {
        readonly code?: unknown;
        readonly stdout: string;
        readonly stderr: string;
      };
      if (typeof code !== 'number') throw error;
      return { code, stdout, stderr };
    }
  }

  /** Standard output; fails with all that kubectl said when it does not exit with 0. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.try(args, options);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} exited with ${code}\n${stdout}${stderr}`);
    return stdout;
  }

  /** Standard error of a command that must fail. */
  async refused(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.try(args, options);
    if (code === 0) throw new Error(`kubectl ${args.join(' ')} should have failed, but said\n${stdout}`);
    return stderr;
  }

  /** The object as JSON. */
  async get(...args: readonly string[]): Promise<Record<string, unknown>> {
    const object: Record<string, unknown> = JSON.parse(await this.run(['get', ...args, '-o', 'json']));
    return object;
  }

  /** Starts a command that goes on, such as `get -w`. The caller ends it. */
  start(args: readonly string[]): ChildProcess {
    return spawn(this.#binary, [...this.#global, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  }
}
