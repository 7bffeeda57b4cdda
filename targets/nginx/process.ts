/**
 * One nginx: its master and workers as processes. It runs in a session of its
 * own, so it survives the agent; a later agent finds it by the prefix (`-p`) in
 * its command line. It never runs as root: started by root, `setpriv` gives it a
 * user of its own and, of root's powers, only that of binding low ports.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { openToAppend } from './private-file.ts';
import {
  allPids,
  childrenOf,
  commandLine,
  commandName,
  isAlive,
  type ProcessInfo,
  type ProcessUsage,
  processInfo,
  processUsage,
  workingDirectory,
} from './proc.ts';
import type { NginxRuntime } from './runtime.ts';
import type { FileOwner } from './state-file.ts';

export interface NginxWorker {
  readonly pid: number;
  /** Takes no new connections, ends when the last one has. */
  readonly exiting: boolean;
}

export interface NginxProcessOptions {
  readonly runtime: NginxRuntime;
  /** Prefix: nginx.conf, logs and temporary files. Nothing else may run nginx with it. */
  readonly directory: string;
  /** Absent: nginx runs as whoever runs this. */
  readonly user?: FileOwner | undefined;
}

/** Connections get this long to end when an instance ends. */
export const STOP_GRACE_MS = 5_000;

export class NginxProcess {
  readonly #options: NginxProcessOptions;
  #furtherLibraries = '';
  #master: ProcessInfo | undefined;
  /** Processes of masters before this one, that still end their connections or must be told to. */
  #retired: ProcessInfo[] = [];

  constructor(options: NginxProcessOptions) {
    this.#options = options;
  }

  /** Folders in which libraries are searched after those of the runtime. */
  searchAlso(libraryPath: string): void {
    this.#furtherLibraries = `:${libraryPath}`;
  }

  get master(): number | undefined {
    return this.#master?.pid;
  }

  /**
   * A worker that has just been forked has the title of its master until it is ready: adopted at that moment, when its
   * master had been killed, it shows itself later.
   */
  get isRunning(): boolean {
    return this.#master !== undefined && isAlive(this.#master) && !isWorker(this.#master.pid);
  }

  /** Something of this prefix runs, be it workers without master. */
  get hasAny(): boolean {
    return this.isRunning || nginxProcessesOf(this.#options.directory).length > 0;
  }

  /**
   * Finds the nginx that runs already with this prefix, if any. Others of it (a master that
   * runs another program file, workers without master) become retired.
   */
  adopt(): boolean {
    const { runtime, directory } = this.#options;
    const ours = nginxProcessesOf(directory);
    const pids = new Set(ours.map(({ pid }) => pid));
    const masters = ours.filter(({ pid, parent }) => isMasterOf(commandLine(pid), directory) && !pids.has(parent));
    const current = masters.findLast(({ pid }) => commandLine(pid).includes(`${runtime.nginx} `));
    const kept = new Set(current === undefined ? [] : [current.pid, ...childrenOf(current.pid)]);
    this.#master = current;
    this.#retired = ours.filter(({ pid }) => !kept.has(pid));
    return current !== undefined;
  }

  /**
   * Starts a master; it binds the ports of the configuration beside those that run, if any
   * (`reuseport`), which become retired.
   */
  start(): void {
    this.retire();
    const { runtime, directory, user } = this.#options;
    const errorLog = openToAppend(join(directory, 'error.log'), user);
    const nginx = [runtime.nginx, '-p', `${directory}/`, '-c', 'nginx.conf', '-e', 'error.log', '-g', 'daemon off;'];
    const [command = '', ...args] = user === undefined ? nginx : [...asUser(user), ...nginx];
    let child: ChildProcess;
    try {
      child = spawn(command, args, {
        cwd: directory,
        detached: true,
        stdio: ['ignore', errorLog, errorLog],
        env: {
          PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
          LD_LIBRARY_PATH: `${runtime.libraryPath}${this.#furtherLibraries}`,
        },
      });
    } finally {
      closeSync(errorLog);
    }
    child.on('error', () => {}); // shows as a process that does not run
    child.unref();
    this.#master = child.pid === undefined ? undefined : processInfo(child.pid);
  }

  /** Tells the master to read its configuration again. */
  reload(): void {
    this.#signal(this.#master, 'SIGHUP');
  }

  /** Tells all to open their log files again. */
  reopenLogs(): void {
    this.#signal(this.#master, 'SIGUSR1');
  }

  /** What master and workers use. */
  usages(): ProcessUsage[] {
    const { master } = this;
    return master === undefined ? [] : [master, ...childrenOf(master)].map(processUsage);
  }

  /** Workers of the present master. */
  workers(): NginxWorker[] {
    if (this.#master === undefined || !this.isRunning) return [];
    const workers: NginxWorker[] = [];
    for (const pid of childrenOf(this.#master.pid)) {
      if (isWorker(pid)) workers.push({ pid, exiting: commandLine(pid).includes('shutting down') });
    }
    return workers;
  }

  /** Ends one worker at once; the master makes a new one. */
  replaceWorker(pid: number): void {
    if (this.workers().some((worker) => worker.pid === pid)) this.#signal(processInfo(pid), 'SIGKILL');
  }

  /** The present master, alive or dead, and its workers are to be replaced. */
  retire(): void {
    const { directory } = this.#options;
    this.#retired = nginxProcessesOf(directory);
    this.#master = undefined;
  }

  /** Ends retired processes gracefully: they take no new connections and end when the last one has. */
  endRetired(): void {
    for (const process of this.#retired) this.#signal(process, 'SIGQUIT');
    this.#retired = [];
  }

  /**
   * Ends everything of this prefix.
   *
   * @param graceMs how long connections may take to end by themselves
   */
  async stop(graceMs: number): Promise<void> {
    const { directory } = this.#options;
    this.#master = undefined;
    for (const [signal, waitMs] of [
      ['SIGQUIT', graceMs],
      ['SIGTERM', 2_000],
      ['SIGKILL', 2_000],
    ] as const) {
      const deadline = Date.now() + waitMs;
      for (const process of nginxProcessesOf(directory)) this.#signal(process, signal);
      while (nginxProcessesOf(directory).length > 0) {
        if (Date.now() >= deadline) break;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  #signal(process: ProcessInfo | undefined, signal: NodeJS.Signals): void {
    if (process === undefined || !isAlive(process)) return;
    try {
      globalThis.process.kill(process.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** All that runs with this prefix, in ascending order of start. */
export function nginxProcessesOf(directory: string): ProcessInfo[] {
  const found: ProcessInfo[] = [];
  for (const pid of allPids()) {
    const name = commandName(pid);
    if (name !== 'nginx' && name !== 'setpriv') continue;
    const ours = isMasterOf(commandLine(pid), directory) || workingDirectory(pid) === directory;
    const info = ours ? processInfo(pid) : undefined;
    if (info !== undefined) found.push(info);
  }
  return found.sort((a, b) => a.startTime - b.startTime);
}

function isWorker(pid: number): boolean {
  return commandLine(pid).startsWith('nginx: worker process');
}

function isMasterOf(line: string, directory: string): boolean {
  return line.includes(` -p ${directory}/ `);
}

/** Words before a command that give it a user of its own and, of root's powers, only that of binding low ports. */
export function asUser(user: FileOwner): string[] {
  return [
    'setpriv',
    `--reuid=${user.uid}`,
    `--regid=${user.gid}`,
    '--clear-groups',
    '--no-new-privs',
    '--inh-caps=+net_bind_service',
    '--ambient-caps=+net_bind_service',
  ];
}
