/** The compiled data plane, built once per state of its sources and shared by the test files. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildDataplane } from '../build.ts';

const SOURCES = path.join(import.meta.dirname, '..');

/** @returns the folder with the Lua; readable for everybody, because nginx's workers are another user */
export async function compiledLua(): Promise<{ readonly folder: string; readonly generation: string }> {
  const folder = path.join(tmpdir(), `causeway-lua-${await sourcesHash()}`);
  if (!existsSync(folder)) {
    const fresh = await mkdtemp(path.join(tmpdir(), 'causeway-lua-fresh-'));
    await buildDataplane(fresh);
    await chmod(fresh, 0o755);
    await rename(fresh, folder).catch(() => rm(fresh, { recursive: true })); // another test file was faster
  }
  return { folder, generation: (await readFile(path.join(folder, 'generation'), 'utf8')).trim() };
}

async function sourcesHash(): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of ['.', 'policy', 'http', 'firewall']) {
    for (const name of (await readdir(path.join(SOURCES, folder))).sort()) {
      if (/\.(ts|json)$/.test(name) && !name.endsWith('.test.ts'))
        hash.update(name).update(await readFile(path.join(SOURCES, folder, name)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}
