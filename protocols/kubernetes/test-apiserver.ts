import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The embedded API server as a process of its own, for tests. */
export interface TestApiServer {
  readonly kubeconfigPath: string;
  readonly port: number;
  /** kill -9; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port; resolves when it serves. */
  start(): Promise<void>;
  /** Stops it in order and removes its data. */
  close(): Promise<void>;
}

const program = fileURLToPath(new URL('../../apps/apiserver.ts', import.meta.url));

export async function startApiServer(): Promise<TestApiServer> {
  const directory = await mkdtemp(join(tmpdir(), 'causeway-apiserver-'));
  const port = await freePort();
  let child: ChildProcess | undefined;

  const end = async (signal: NodeJS.Signals) => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill(signal);
    await ended;
  };
  const server: TestApiServer = {
    kubeconfigPath: join(directory, 'kubeconfig'),
    port,
    start: async () => {
      child = fork(program, ['--data-dir', directory, '--port', String(port)], {
        execArgv: ['--import', 'tsx'],
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      });
      await ready(child);
    },
    kill: () => end('SIGKILL'),
    close: async () => {
      await end('SIGTERM');
      await rm(directory, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

/** Resolves at the message `{ type: 'ready' }`; rejects with what the program said when it exits before. */
function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
    });
    child.on('message', (message) => {
      if (typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready') resolve();
    });
    child.once('exit', (code, signal) => reject(new Error(`the API server exited (${code ?? signal}): ${said}`)));
  });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
