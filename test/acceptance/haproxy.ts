import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import type { BenchManifest } from '@causeway/tools/runtime/manifest';

/** A genuine haproxy (Debian's, from the runtime), for what a load balancer beside ours would do. */
export class Haproxy {
  readonly #child: ChildProcess;
  readonly #directory: string;

  /** @param sections of its configuration, after `global` and `defaults` in tcp mode */
  constructor(sections: string) {
    const runtime = process.env['CAUSEWAY_RUNTIME'] ?? path.join(homedir(), '.causeway/runtime');
    const manifest = JSON.parse(readFileSync(path.join(runtime, 'bench.json'), 'utf8')) as BenchManifest;
    this.#directory = mkdtempSync(path.join(tmpdir(), 'causeway-haproxy-'));
    const file = path.join(this.#directory, 'haproxy.cfg');
    const defaults = 'defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\n';
    writeFileSync(file, `global\n  maxconn 100\n${defaults}${sections}`);
    this.#child = spawn(manifest.haproxy, ['-db', '-f', file], {
      env: { LD_LIBRARY_PATH: manifest.libraryPath },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null) {
      this.#child.kill('SIGKILL');
      await once(this.#child, 'exit');
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
