import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import path from 'node:path';
import type { RedisManifest } from '@causeway/tools/runtime/manifest';
import { eventually } from '../e2e/eventually.ts';
import { freePort } from '../e2e/traffic.ts';

/** A genuine Redis (Debian's, from the runtime) on a port of the loopback interface, which keeps nothing on a disk. */
export class Redis {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(port: number, child: ChildProcess) {
    this.port = port;
    this.#child = child;
  }

  static async start(): Promise<Redis> {
    const runtime = process.env['CAUSEWAY_RUNTIME'] ?? path.join(homedir(), '.causeway/runtime');
    const manifest = JSON.parse(readFileSync(path.join(runtime, 'redis.json'), 'utf8')) as RedisManifest;
    const port = await freePort();
    const flags = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'];
    const child = spawn(manifest.redis, flags, {
      argv0: 'redis-server',
      env: { LD_LIBRARY_PATH: manifest.libraryPath },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await eventually(async () => {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.destroy();
    });
    return new Redis(port, child);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
