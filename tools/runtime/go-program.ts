import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import goPrograms from './go-programs.json' with { type: 'json' };
import type { GoProgramManifest } from './manifest.ts';
import { runProgram } from './run-program.ts';
import { exists, type RuntimeRequest, writeJson } from './unpack.ts';

/** Programs of Go modules that tests talk to, and Debian has no package of. */
export type GoProgramName = keyof typeof goPrograms;

export function isGoProgramName(name: string): name is GoProgramName {
  return Object.hasOwn(goPrograms, name);
}

/**
 * Builds the program with the `go` of the machine: `<directory>/<name>-<revision>/<name>`, and next to it the manifest. Modules and the cache
 * of the compiler go into a temporary folder, so nothing else is written. The module itself has the versions of all others, and Go's checksum database vouches for
 * what is fetched.
 *
 * @returns the path of the manifest
 * @throws ProgramFailed without a `go` that is new enough, or without the network
 */
export async function ensureGoProgram(
  request: Omit<RuntimeRequest, 'set'> & { readonly name: GoProgramName },
): Promise<string> {
  const { directory, name, revision, say } = request;
  const folder = path.join(directory, `${name}-${revision}`);
  const module = goPrograms[name];
  await mkdir(directory, { recursive: true });
  if (!(await exists(folder))) {
    const temporary = await mkdtemp(path.join(directory, `.${name}-`));
    try {
      say(`building ${module} with go; this takes a minute`);
      // Not `go install MODULE@VERSION`: that wants the list of all versions too, which not every proxy has of every module.
      const [source = '', version = ''] = module.split('@');
      await writeFile(path.join(temporary, 'go.mod'), `module tests\n\ngo 1.21\n\nrequire ${source} ${version}\n`);
      const built = path.join(temporary, 'bin', name);
      await runProgram('go', ['build', '-ldflags=-s -w', '-o', built, source], {
        cwd: temporary,
        env: environment(temporary),
      });
      await rename(path.dirname(built), folder).catch(async (error: unknown) => {
        if (!(await exists(folder))) throw error; // else another launcher was faster
      });
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }
  const manifest = path.join(directory, `${name}.json`);
  await writeJson(manifest, { revision, program: path.join(folder, name), module } satisfies GoProgramManifest);
  say(`private runtime: ${manifest}`);
  return manifest;
}

function environment(temporary: string): Readonly<Record<string, string>> {
  return {
    GOPATH: path.join(temporary, 'modules'),
    GOCACHE: path.join(temporary, 'cache'),
    GOFLAGS: '-mod=mod -modcacherw',
    CGO_ENABLED: '0',
  };
}
