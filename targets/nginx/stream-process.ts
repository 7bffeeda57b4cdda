/**
 * The layer 4 process of one instance (`dataplane/stream`): started when there is a tcp or udp port, ended when the
 * last one goes. Like nginx it runs in a session of its own and outlives the agent; the next agent finds it by
 * the folder in its command line, and it finds the agent by the socket.
 */
import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import type { ListenFile } from '@causeway/dataplane/policy/listen-file';
import { readIfThere } from './optional-file.ts';
import type { StreamProgram } from './place.ts';
import { openToAppend, writePrivateFile } from './private-file.ts';
import { allPids, commandLine, isAlive, type ProcessInfo, processInfo } from './proc.ts';
import { asUser } from './process.ts';
import type { FileOwner } from './state-file.ts';

export interface StreamProcessOptions {
  /** Absent: this agent cannot run layer 4 ports. */
  readonly program: StreamProgram | undefined;
  /** Of the instance. */
  readonly directory: string;
  readonly user: FileOwner | undefined;
}

/** Sessions of a process that ends get this long. */
const DRAIN_MS = 240_000;
const NOTHING = JSON.stringify({ log: 'text', listens: [] } satisfies ListenFile);

export class StreamProcess {
  readonly #options: StreamProcessOptions;
  #process: ProcessInfo | undefined;
  #file = NOTHING;
  #starts = 0;

  constructor(options: StreamProcessOptions) {
    this.#options = options;
    const { directory, program } = options;
    const running = streamProcessesOf(directory);
    this.#process = running.findLast(({ pid }) => program !== undefined && commandLine(pid).includes(program.script));
    for (const process of running) if (process.pid !== this.#process?.pid) signal(process, 'SIGTERM');
    if (this.#process !== undefined) this.#file = readIfThere(join(directory, LISTEN_FILE)) || NOTHING;
  }

  /** 0: none runs. */
  get pid(): number {
    return this.#process !== undefined && isAlive(this.#process) ? this.#process.pid : 0;
  }

  /** How often it was started again after it had ended by itself. */
  get restarts(): number {
    return Math.max(0, this.#starts - 1);
  }

  /** What it was told to listen on. */
  get listens(): ListenFile['listens'] {
    return (JSON.parse(this.#file) as ListenFile).listens;
  }

  /** Makes it listen on exactly these; starts it if need be. @throws what the file system throws, or that it cannot run here */
  listenOn(listens: ListenFile['listens'], log: ListenFile['log']): void {
    const text = JSON.stringify({ log, listens } satisfies ListenFile);
    const { directory, user, program } = this.#options;
    if (listens.length === 0 && this.pid === 0) return;
    if (program === undefined) throw new Error('this agent has no program for tcp and udp ports');
    if (text !== this.#file || this.pid === 0) {
      writePrivateFile(join(directory, LISTEN_FILE), text, user);
      this.#file = text;
    }
    if (listens.length === 0) this.#end();
    else if (this.pid === 0) this.#start(program);
    else signal(this.#process, 'SIGHUP');
  }

  /** It does not answer: another one takes its place. */
  replace(): void {
    signal(this.#process, 'SIGKILL');
  }

  reopenLog(): void {
    signal(this.#process, 'SIGUSR1');
  }

  /** @param graceMs how long sessions may take to end by themselves */
  async stop(graceMs: number): Promise<void> {
    const { directory } = this.#options;
    for (const [name, waitMs] of [
      ['SIGTERM', graceMs],
      ['SIGKILL', 2_000],
    ] as const) {
      const deadline = Date.now() + waitMs;
      for (const process of streamProcessesOf(directory)) signal(process, name);
      while (streamProcessesOf(directory).length > 0 && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  #start({ node, script }: StreamProgram): void {
    const { directory, user } = this.#options;
    const errors = openToAppend(join(directory, 'error.log'), user);
    const line = [node, script, directory];
    const [command = '', ...args] = user === undefined ? line : [...asUser(user), ...line];
    try {
      const child = spawn(command, args, {
        cwd: directory,
        detached: true,
        stdio: ['ignore', 'ignore', errors],
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
      });
      child.on('error', () => {}); // shows as a process that does not run
      child.unref();
      this.#process = child.pid === undefined ? undefined : processInfo(child.pid);
      this.#starts += 1;
    } finally {
      closeSync(errors);
    }
  }

  #end(): void {
    const process = this.#process;
    this.#process = undefined;
    signal(process, 'SIGTERM');
    setTimeout(() => signal(process, 'SIGKILL'), DRAIN_MS).unref();
  }
}

const LISTEN_FILE = 'listen.json';

/** Both `setpriv`, before it becomes the program, and the program have these words in their command line. */
export function streamProcessesOf(directory: string): ProcessInfo[] {
  const found: ProcessInfo[] = [];
  for (const pid of allPids()) {
    const line = commandLine(pid).trimEnd();
    if (!line.endsWith(`stream.js ${directory}`)) continue;
    const info = processInfo(pid);
    if (info !== undefined) found.push(info);
  }
  return found.sort((a, b) => a.startTime - b.startTime);
}

function signal(process: ProcessInfo | undefined, name: NodeJS.Signals): void {
  if (process === undefined || !isAlive(process)) return;
  try {
    globalThis.process.kill(process.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
