import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { FirewallRuntime } from '@causeway/targets/nginx/runtime';
import type { Logger } from 'pino';

/**
 * Where the firewall's programs and rules are: `firewall.json` beside `runtime.json`. When it is not there, the program that made
 * `runtime.json` makes it, since most machines never need it; from then on the launcher keeps it up to date (ADR 0012).
 *
 * @param runtimeFile `runtime.json`
 * @param program the bundled `runtime.js`; absent on a machine whose image has everything
 */
export function firewallRuntime(runtimeFile: string, program: string, log: Logger): () => Promise<FirewallRuntime> {
  let found: Promise<FirewallRuntime> | undefined;
  const find = async (): Promise<FirewallRuntime> => {
    const directory = path.dirname(path.resolve(runtimeFile));
    const file = path.join(directory, 'firewall.json');
    if (!existsSync(file) && existsSync(program)) {
      log.info({ directory }, 'fetching what the firewall needs');
      await run(program, ['--set', 'firewall', '--revision', revisionOf(runtimeFile), '--directory', directory]);
    }
    return readFirewallFile(file);
  };
  return () => {
    found ??= find().catch((error: unknown) => {
      found = undefined; // the next to ask tries again
      throw error;
    });
    return found;
  };
}

/** @throws Error that names the file when it is absent or says something else */
function readFirewallFile(file: string): FirewallRuntime {
  const content = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, unknown>>;
  const { library, libraryPath, coreRules } = content;
  if (typeof library !== 'string' || typeof libraryPath !== 'string' || !isTexts(coreRules)) {
    throw new Error(`${file} does not describe a firewall`);
  }
  return { library, libraryPath, coreRules };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function revisionOf(file: string): string {
  const { revision } = JSON.parse(readFileSync(file, 'utf8')) as { readonly revision?: unknown };
  return typeof revision === 'string' ? revision : 'unversioned';
}

/** @throws Error with the last thing that the program said */
async function run(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said = `${said}${chunk}`.slice(-4096);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(said.trim().split('\n').at(-1) ?? `${program} ended with ${code}`);
}
