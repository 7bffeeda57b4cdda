import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createClient, type KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { loadKubeconfig } from '@causeway/protocols/kubernetes/kubeconfig';
import { inject } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { launcher } from '../launcher/up-process.ts';
import { clean, type Slate, slateOf } from './clean-slate.ts';
import { ON_CLUSTER } from './given-home.ts';
import { endProcesses } from './shared-installations.ts';

/**
 * A `causeway up` that test files use one after the other: a start takes seconds of both processors. Whoever leaves takes away what
 * he made.
 */
export class SharedUp {
  readonly pid: number;
  readonly dataDirectory: string;
  readonly #slot: string;

  private constructor(slot: string) {
    this.#slot = slot;
    this.dataDirectory = path.join(slot, 'data');
    this.pid = Number(readFileSync(path.join(slot, 'pid'), 'utf8'));
  }

  /** @returns undefined where nobody shares (`shared-installations.ts` is not in the set-up) */
  static async join(): Promise<SharedUp | undefined> {
    const directory = inject('sharedInstallations') as string | undefined;
    if (directory === undefined) return undefined;
    const slot = takeSlot(directory);
    if (!existsSync(path.join(slot, 'slate.json'))) await startIn(slot);
    return new SharedUp(slot);
  }

  get kubeconfigFile(): string {
    return path.join(this.dataDirectory, 'kubeconfig');
  }

  client(): Promise<KubernetesClient> {
    return clientOf(this.kubeconfigFile);
  }

  /** Takes away what was made since the start; when that fails, the next file gets a new installation. */
  async leave(client: KubernetesClient): Promise<void> {
    try {
      await clean(client, JSON.parse(readFileSync(path.join(this.#slot, 'slate.json'), 'utf8')) as Slate);
    } catch (error) {
      await endProcesses(this.#slot);
      rmSync(this.#slot, { recursive: true, force: true });
      throw error;
    } finally {
      rmSync(lockOf(this.#slot), { force: true });
    }
  }
}

/** The first installation that no other process uses now (vitest may give two workers one number). */
function takeSlot(directory: string): string {
  for (let number = 1; ; number += 1) {
    const slot = path.join(directory, `up-${number}`);
    try {
      writeFileSync(lockOf(slot), String(process.pid), { flag: 'wx' });
      return slot;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function lockOf(slot: string): string {
  return `${slot}.taken`;
}

/** The output goes to a file, since a pipe would end with the worker of vitest. */
async function startIn(slot: string): Promise<void> {
  if (ON_CLUSTER) throw new Error('a file has left the installation that was given in a state that none can follow');
  mkdirSync(slot, { recursive: true });
  const log = path.join(slot, 'up.log');
  const output = openSync(log, 'w');
  const child = spawn(launcher, ['up', '--data-dir', path.join(slot, 'data'), '--api-port', '0'], {
    detached: true,
    stdio: ['ignore', output, output],
  });
  child.unref();
  await eventually(() => {
    if (!readFileSync(log, 'utf8').includes('causeway is ready'))
      throw new Error(`up is not ready: ${readFileSync(log, 'utf8')}`);
  }, 60_000);
  writeFileSync(path.join(slot, 'pid'), String(child.pid));
  const client = await clientOf(path.join(slot, 'data', 'kubeconfig'));
  writeFileSync(path.join(slot, 'slate.json'), JSON.stringify(await slateOf(client)));
  await client.close();
}

async function clientOf(kubeconfigFile: string): Promise<KubernetesClient> {
  return createClient(await loadKubeconfig(kubeconfigFile), { requestTimeoutMs: 5_000 });
}
