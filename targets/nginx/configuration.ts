/**
 * Makes an nginx run with a given nginx.conf: starts it, reloads it, or does
 * nothing, and waits until the outcome is known. A configuration that nginx refuses
 * leaves the old one running.
 *
 * `nginx.conf.running` holds what is known to be in force, so that an agent that
 * finds a running nginx knows what it listens on.
 */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from './optional-file.ts';
import { writePrivateFile } from './private-file.ts';
import type { NginxProcess } from './process.ts';
import type { FileOwner } from './state-file.ts';

export interface ConfigurationOptions {
  readonly process: NginxProcess;
  readonly directory: string;
  readonly user: FileOwner | undefined;
  /** Pids of the workers that are connected to the agent. */
  readonly connected: () => ReadonlySet<number>;
}

export interface ConfigurationFailure {
  readonly message: string;
  /** What nginx said it cannot bind. */
  readonly binds: readonly { readonly address: string; readonly port: number }[];
}

const POLL_MS = 20;
/** nginx itself tries a bind for 2.5 s. */
const START_TIMEOUT_MS = 10_000;
/** A reload of a configuration of any size, on a loaded machine. */
const RELOAD_TIMEOUT_MS = 15_000;
const LOG_TAIL_BYTES = 1 << 16;

export class Configuration {
  readonly #options: ConfigurationOptions;
  #inForce: string;
  #reloads = 0;
  #starts = 0;

  constructor(options: ConfigurationOptions) {
    this.#options = options;
    this.#inForce = options.process.hasAny ? readIfThere(this.#path('nginx.conf.running')) : '';
  }

  /** Text of the configuration that nginx runs with, `''` when it does not run. */
  get inForce(): string {
    return this.#options.process.isRunning ? this.#inForce : '';
  }

  /** The same, also while it runs on without master. */
  get held(): string {
    return this.#options.process.hasAny ? this.#inForce : '';
  }

  get reloads(): number {
    return this.#reloads;
  }

  get starts(): number {
    return this.#starts;
  }

  /** @returns why nginx does not run with it */
  async apply(text: string, workers: number): Promise<ConfigurationFailure | undefined> {
    const { process } = this.#options;
    if (this.inForce === text) {
      process.endRetired();
      return undefined;
    }
    this.#write('nginx.conf', text);
    const logFrom = sizeOf(this.#path('error.log'));
    const failure = process.isRunning ? await this.#reload(workers, logFrom) : await this.#start(workers, logFrom);
    if (failure === undefined) {
      this.#inForce = text;
      this.#write('nginx.conf.running', text);
      process.endRetired();
    } else if (this.inForce !== '') this.#write('nginx.conf', this.inForce);
    return failure;
  }

  async #start(workers: number, logFrom: number): Promise<ConfigurationFailure | undefined> {
    const { process } = this.#options;
    this.#starts++;
    process.start();
    const started = await until(START_TIMEOUT_MS, () =>
      process.isRunning ? (this.#isServedBy(workers, new Set()) ? 'yes' : 'wait') : 'no',
    );
    return started ? undefined : this.#failure('nginx did not start', logFrom);
  }

  async #reload(workers: number, logFrom: number): Promise<ConfigurationFailure | undefined> {
    const { process } = this.#options;
    const before = new Set(process.workers().map(({ pid }) => pid));
    process.reload();
    const reloaded = await until(RELOAD_TIMEOUT_MS, () => {
      if (!process.isRunning) return 'no';
      if (this.#isServedBy(workers, before)) return 'yes';
      return refusals(this.#log(logFrom), process.master).some(isFinal) ? 'no' : 'wait';
    });
    if (reloaded) this.#reloads++;
    return reloaded ? undefined : this.#failure('nginx did not take the new configuration', logFrom);
  }

  /** As many workers as there shall be accept connections and are connected, and those of before accept none. */
  #isServedBy(workers: number, before: ReadonlySet<number>): boolean {
    const connected = this.#options.connected();
    const accepting = this.#options.process.workers().filter(({ exiting }) => !exiting);
    return (
      accepting.every(({ pid }) => !before.has(pid)) &&
      accepting.filter(({ pid }) => connected.has(pid)).length >= workers
    );
  }

  #failure(summary: string, logFrom: number): ConfigurationFailure {
    const lines = refusals(this.#log(logFrom), this.#options.process.master);
    const binds: { address: string; port: number }[] = [];
    for (const line of lines) {
      const match = /bind\(\) to (\S+):(\d+) failed/.exec(line);
      if (match?.[1] !== undefined) binds.push({ address: match[1].replace(/^\[|\]$/g, ''), port: Number(match[2]) });
    }
    const reason = lines.find((line) => !line.includes('still could not bind')) ?? 'no worker connected in time';
    return { message: `${summary}: ${reason}`, binds };
  }

  #log(from: number): string {
    return readTail(this.#path('error.log'), from);
  }

  #write(name: string, text: string): void {
    writePrivateFile(this.#path(name), text, this.#options.user);
  }

  #path(name: string): string {
    return join(this.#options.directory, name);
  }
}

/** Texts of the log lines with which nginx refuses a configuration: those of its master. A worker tells of its own needs as loudly. */
export function refusals(log: string, master: number | undefined): string[] {
  return [...log.matchAll(/\[emerg\] (?:(\d+)#\d+: )?(.*)/g)]
    .filter(([, pid]) => pid === undefined || Number(pid) === master)
    .map(([, , text = '']) => text);
}

/** A port that is taken is tried for a while. */
function isFinal(refusal: string): boolean {
  return !refusal.includes('bind() to');
}

async function until(timeoutMs: number, check: () => 'yes' | 'no' | 'wait'): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = check();
    if (answer !== 'wait') return answer === 'yes';
    if (Date.now() >= deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function readTail(path: string, from: number): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return '';
  }
  try {
    const size = fstatSync(file).size;
    const start = Math.max(from, size - LOG_TAIL_BYTES);
    const buffer = Buffer.alloc(Math.max(0, size - start));
    return buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, start));
  } finally {
    closeSync(file);
  }
}
