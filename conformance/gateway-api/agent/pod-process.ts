import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PodNamespace } from './pod-network.ts';

const READY_MS = 20_000;
const POLL_MS = 25;
const LISTEN = '0A';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** The container of a Pod: a process in its namespace, and what it has printed. */
export class PodProcess {
  readonly namespace: PodNamespace;
  readonly #child: ChildProcess;
  readonly #log: { readonly time: number; readonly text: string }[] = [];

  private constructor(namespace: PodNamespace, child: ChildProcess) {
    this.namespace = namespace;
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null)
        createInterface({ input: stream }).on('line', (text) => this.#log.push({ time: Date.now(), text }));
    }
  }

  /** @throws Error when it does not listen in time */
  static async start(namespace: PodNamespace, { program, args, environment }: Command): Promise<PodProcess> {
    const child = spawn('ip', ['netns', 'exec', namespace.name, program, ...args], {
      env: { ...environment, PATH: process.env['PATH'] ?? '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const started = new PodProcess(namespace, child);
    const deadline = performance.now() + READY_MS;
    while (!isListening(child.pid ?? 0)) {
      if (child.exitCode !== null || performance.now() > deadline) {
        throw new Error(`${program} does not listen: ${started.log(0)}`);
      }
      await sleep(POLL_MS);
    }
    return started;
  }

  /** Lines printed since then, in ms since 1970. */
  log(since: number): string {
    return this.#log.flatMap(({ time, text }) => (time < since ? [] : `${text}\n`)).join('');
  }

  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode === null && signalCode === null) {
      const gone = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await gone;
    }
    await this.namespace.remove();
  }
}

/** Whether somebody listens in the network namespace of the process: on TCP, or has a port of UDP. */
function isListening(pid: number): boolean {
  const states = (file: string): readonly string[] =>
    readNow(`/proc/${pid}/net/${file}`)
      .split('\n')
      .slice(1)
      .flatMap((line) => line.trim().split(/\s+/)[3] ?? []);
  if (['tcp', 'tcp6'].some((file) => states(file).includes(LISTEN))) return true;
  return ['udp', 'udp6'].some((file) => states(file).length > 0);
}

function readNow(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
