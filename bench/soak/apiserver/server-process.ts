import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { freePorts } from '../../measure/free-ports.ts';

/** `causeway apiserver` as a child on a data directory and a port of its own, which outlast its deaths. */
export class ServerProcess {
  readonly directory: string;
  readonly #program: string;
  readonly #port: number;
  #child: ChildProcess | undefined;

  private constructor(program: string, directory: string, port: number) {
    this.#program = program;
    this.directory = directory;
    this.#port = port;
  }

  /**
   * Starts nothing yet.
   *
   * @param programDirectory of the built programs
   * @param directory data directory; made when it is absent
   */
  static async at(programDirectory: string, directory: string): Promise<ServerProcess> {
    const [port = 0] = await freePorts(1);
    return new ServerProcess(path.join(programDirectory, 'apiserver.js'), directory, port);
  }

  get kubeconfig(): string {
    return path.join(this.directory, 'kubeconfig');
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Resolves when it serves. @throws Error when it ends before that */
  async start(): Promise<void> {
    const child = this.#fork();
    const first = await Promise.race([once(child, 'message'), once(child, 'exit')]);
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`the API server ended with ${String(first[0])}; see ${this.#log}`);
  }

  /** Starts it and kills it after `ms`, wherever it is then. */
  async startAndKill(ms: number): Promise<void> {
    const child = this.#fork();
    const exited = once(child, 'exit');
    setTimeout(() => child.kill('SIGKILL'), ms);
    await exited;
  }

  /** @returns the exit code; null after a signal */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return null;
    const exited = once(child, 'exit');
    child.kill(signal);
    const [code] = await exited;
    return code;
  }

  get #log(): string {
    return `${this.directory}.log`;
  }

  #fork(): ChildProcess {
    const log = openSync(this.#log, 'a');
    const child = fork(this.#program, ['--data-dir', this.directory, '--port', String(this.#port)], {
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    this.#child = child;
    return child;
  }
}
