import { access, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Apt, createApt } from './apt.ts';
import { libraryClosure } from './closure.ts';
import {
  describeBench,
  describeBrowser,
  describeFirewall,
  describeKubectl,
  describeNginx,
  describeOpenid,
  describeRedis,
  describeStore,
  type NginxManifest,
  type Unpacked,
} from './manifest.ts';
import type { PackageSetName } from './package-set.ts';
import { packagesOf } from './package-set.ts';
import { runProgram } from './run-program.ts';
import { verifyNginx } from './verify.ts';

/**
 * Makes a private runtime: `<directory>/<set>-<revision>/` with the unpacked
 * packages, and next to it the manifest that names what is inside. Both appear
 * by a rename, complete or not at all; a tree of an earlier revision stays, for
 * nginx may be running from it.
 */
export interface RuntimeRequest {
  readonly directory: string;
  readonly set: PackageSetName;
  /** Any text without `/` that changes with the list of packages. */
  readonly revision: string;
  /** Called with one line for every step. */
  readonly say: (line: string) => void;
}

const MANIFEST_FILE: Readonly<Record<PackageSetName, string>> = {
  nginx: 'runtime.json',
  firewall: 'firewall.json',
  bench: 'bench.json',
  store: 'store.json',
  browser: 'browser.json',
  openid: 'openid.json',
  'kubectl-1.20': 'kubectl-1.20.json',
  redis: 'redis.json',
};
const VERSIONS_FILE = 'packages.json';

/** @returns the path of the manifest */
export async function ensureRuntime(request: RuntimeRequest): Promise<string> {
  const { directory, set, revision, say } = request;
  await mkdir(directory, { recursive: true });
  const root = path.join(directory, `${set}-${revision}`);
  if (!(await exists(root))) {
    const temporary = await mkdtemp(path.join(directory, `.${set}-`));
    try {
      await fillTree(temporary, request);
      await rename(path.join(temporary, 'root'), root).catch(async (error: unknown) => {
        if (!(await exists(root))) throw error; // else another launcher was faster, with the same content
      });
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }
  const manifest = path.join(directory, MANIFEST_FILE[set]);
  await writeJson(manifest, await describe(set, await unpackedAt(root, revision)));
  say(`private runtime: ${manifest}`);
  return manifest;
}

async function fillTree(temporary: string, { set, revision, say }: RuntimeRequest): Promise<void> {
  const archives = path.join(temporary, 'archives');
  const root = path.join(temporary, 'root');
  await mkdir(archives);
  await mkdir(root);
  await downloadClosure(await createApt(temporary), packagesOf(set), archives, say);
  const packages: Record<string, string> = {};
  for (const file of (await readdir(archives)).toSorted()) {
    const archive = path.join(archives, file);
    await runProgram('dpkg-deb', ['--extract', archive, root]);
    const { stdout } = await runProgram('dpkg-deb', ['--show', archive]);
    const [name = file, version = ''] = stdout.trimEnd().split('\t');
    packages[name] = version;
  }
  await writeJson(path.join(root, VERSIONS_FILE), packages);
  say(`unpacked ${Object.keys(packages).length} packages; no package was installed on this machine`);
  await describe(set, { root, revision, packages });
}

/** The host's package lists first: they are there on most machines. Missing or outdated ones are fetched, to one side. */
async function downloadClosure(
  apt: Apt,
  roots: readonly string[],
  archives: string,
  say: (line: string) => void,
): Promise<void> {
  const attempt = async (): Promise<void> => {
    const packages = await libraryClosure(roots, (names) => apt.dependencies(names));
    say(`downloading ${packages.length} Debian packages: ${packages.join(' ')}`);
    await apt.download(packages, archives);
  };
  if (await apt.knows(roots).catch(() => false)) {
    try {
      await attempt();
      return;
    } catch {
      say('the package lists of this machine are outdated');
    }
  }
  say('fetching package lists into a private folder (the lists of this machine stay as they are)');
  await apt.update();
  await attempt();
}

async function describe(set: PackageSetName, unpacked: Unpacked): Promise<object> {
  switch (set) {
    case 'nginx': {
      const described = await describeNginx(unpacked);
      return { ...described, nginxVersion: await verifyNginx(described) } satisfies NginxManifest;
    }
    case 'firewall':
      return await describeFirewall(unpacked);
    case 'bench':
      return await describeBench(unpacked);
    case 'store':
      return await describeStore(unpacked);
    case 'browser':
      return await describeBrowser(unpacked);
    case 'openid':
      return await describeOpenid(unpacked);
    case 'kubectl-1.20':
      return await describeKubectl(unpacked);
    case 'redis':
      return await describeRedis(unpacked);
  }
}

async function unpackedAt(root: string, revision: string): Promise<Unpacked> {
  const { default: packages } = (await import(path.join(root, VERSIONS_FILE), { with: { type: 'json' } })) as {
    default: Record<string, string>;
  };
  return { root, revision, packages };
}

export async function writeJson(file: string, value: unknown): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, `${JSON.stringify(value, null, 2)}\n`);
  await rename(temporary, file);
}

export async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
