/** Builds everything that runs: `dist/<program>.js`, the Lua of the data plane and the schemas of the built-in kinds; `dist/.causeway` says of which sources. */
import { execFileSync } from 'node:child_process';
import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buildDataplane } from '@causeway/dataplane/build';
import { generateBuiltInSchemas } from '../builtin-schema/generate.ts';
import { bundlePrograms } from './bundle.ts';

const repository = path.resolve(import.meta.dirname, '../..');
const dist = path.join(repository, 'dist');
// Built to one side and renamed, so that an interrupted build leaves no half of a program.
const fresh = path.join(repository, `.dist-${process.pid}`);

try {
  // Before they are read: who changes one meanwhile has a build that is too old.
  const sources = execFileSync(path.join(import.meta.dirname, 'source-hash.sh'), { encoding: 'utf8' });
  await bundlePrograms(repository, fresh);
  await buildDataplane(path.join(fresh, 'dataplane'));
  generateBuiltInSchemas(path.join(fresh, 'builtin-schema.json'));
  await writeFile(path.join(fresh, '.causeway'), sources);
  await replaceFolder(dist, fresh);
} catch (error) {
  // What esbuild found it has printed already, with the lines of code.
  if (!isBuildFailure(error)) process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await rm(fresh, { recursive: true, force: true });
}

/** Renames, so that a program started meanwhile finds the old folder or the new one, but for an instant. */
async function replaceFolder(target: string, source: string): Promise<void> {
  const old = `${source}-old`;
  await rename(target, old).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(source, target);
  await rm(old, { recursive: true, force: true });
}

function isBuildFailure(error: unknown): boolean {
  return error instanceof Error && 'errors' in error;
}
