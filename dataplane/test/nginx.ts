/** A real nginx with the compiled data plane, on ephemeral loopback ports, in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamLine } from '../policy/record.ts';
import { linesText, TestAgent } from './agent.ts';
import { compiledLua } from './lua-build.ts';
import { renderSkeleton, type SkeletonPort } from './skeleton.ts';

export interface NginxOptions {
  /** Ports are chosen by the caller, see {@link freePorts}. */
  readonly ports: readonly SkeletonPort[];
  readonly workers?: number;
  /** What the state file holds at the start. */
  readonly state?: readonly StreamLine[];
  /** PEM of the placeholder; needed with https ports. */
  readonly placeholder?: { readonly chainPem: string; readonly keyPem: string };
  /** Last change to nginx.conf. */
  readonly edit?: (conf: string) => string;
}

export class TestNginx {
  readonly agent: TestAgent;
  readonly runDirectory: string;
  readonly generation: string;
  readonly #process: ChildProcess;

  private constructor(agent: TestAgent, runDirectory: string, generation: string, child: ChildProcess) {
    this.agent = agent;
    this.runDirectory = runDirectory;
    this.generation = generation;
    this.#process = child;
  }

  static async start(options: NginxOptions): Promise<TestNginx> {
    const run = await mkdtemp(path.join(tmpdir(), 'causeway-dp-'));
    // nginx's workers are another user: they need to get to the socket and the state file.
    await chmod(run, 0o755);
    const runtime = await readRuntime();
    const { folder: dataplane, generation } = await compiledLua();
    for (const folder of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'])
      await mkdir(path.join(run, 'temp', folder), { recursive: true });
    const workers = options.workers ?? 1;
    const conf = renderSkeleton({ ...runtime, runDirectory: run, dataplane, workers, ports: options.ports });
    await writeFile(path.join(run, 'nginx.conf'), options.edit === undefined ? conf : options.edit(conf));
    if (options.state !== undefined) await writeFile(path.join(run, 'state.jsonl'), linesText(options.state));
    if (options.placeholder !== undefined) {
      await writeFile(path.join(run, 'placeholder.crt'), options.placeholder.chainPem);
      await writeFile(path.join(run, 'placeholder.key'), options.placeholder.keyPem, { mode: 0o600 });
    }
    const agent = await TestAgent.listen(path.join(run, 'agent.sock'));
    await chmod(path.join(run, 'agent.sock'), 0o777);
    const child = spawn(
      runtime.nginx,
      ['-p', run, '-c', path.join(run, 'nginx.conf'), '-e', path.join(run, 'error.log'), '-g', 'daemon off;'],
      {
        env: { LD_LIBRARY_PATH: runtime.libraryPath },
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    child.once('exit', () => agent.wake());
    const nginx = new TestNginx(agent, run, generation, child);
    try {
      await agent.until(() => agent.workers.size === workers || child.exitCode !== null);
      if (child.exitCode !== null) throw new Error(`nginx ended: ${nginx.errorLog()}`);
      for (const { port } of options.ports) await accepting(port);
    } catch (error) {
      await nginx.stop();
      throw error;
    }
    return nginx;
  }

  /** Adds lines to the state file, as the agent does. */
  appendState(lines: readonly StreamLine[]): void {
    appendFileSync(path.join(this.runDirectory, 'state.jsonl'), linesText(lines));
  }

  errorLog(): string {
    const file = path.join(this.runDirectory, 'error.log');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  accessLog(): string {
    return readFileSync(path.join(this.runDirectory, 'access.log'), 'utf8');
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGTERM');
      await once(this.#process, 'exit');
    }
    await this.agent.close();
    await rm(this.runDirectory, { recursive: true, force: true });
  }
}

interface Runtime {
  readonly nginx: string;
  readonly modules: Readonly<Record<string, string>>;
  readonly libraryPath: string;
  readonly luaPath: string;
  readonly luaCpath: string;
}

/** The private runtime that `tools/runtime` made. */
async function readRuntime(): Promise<Runtime> {
  const directory = process.env['CAUSEWAY_RUNTIME'] ?? path.join(homedir(), '.causeway/runtime');
  return JSON.parse(readFileSync(path.join(directory, 'runtime.json'), 'utf8')) as Runtime;
}

export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

async function accepting(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const accepted = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (accepted) return;
    await sleep(10);
  }
}
