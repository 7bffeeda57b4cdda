import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import path from 'node:path';
import type { StoreManifest } from '@causeway/tools/runtime/manifest';
import { eventually } from '../e2e/eventually.ts';
import { freePort } from '../e2e/traffic.ts';

/** A genuine memcached (Debian's, from the runtime) on a port of the loopback interface. */
export class Memcached {
  readonly port: number;
  #child: ChildProcess | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  static async start(): Promise<Memcached> {
    const store = new Memcached(await freePort());
    await store.run();
    return store;
  }

  /** Again, on the same port and empty. */
  async run(): Promise<void> {
    const runtime = process.env['CAUSEWAY_RUNTIME'] ?? path.join(homedir(), '.causeway/runtime');
    const manifest = JSON.parse(readFileSync(path.join(runtime, 'store.json'), 'utf8')) as StoreManifest;
    const flags = ['-l', '127.0.0.1', '-p', String(this.port), '-U', '0', '-m', '16'];
    this.#child = spawn(manifest.memcached, [...flags, ...(process.getuid?.() === 0 ? ['-u', 'root'] : [])], {
      env: { LD_LIBRARY_PATH: manifest.libraryPath },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await eventually(async () => {
      const socket = connect(this.port, '127.0.0.1');
      await once(socket, 'connect');
      socket.destroy();
    });
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}
