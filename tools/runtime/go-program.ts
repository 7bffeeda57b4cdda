import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import clientPrograms from './client-programs.json' with { type: 'json' };
import clusterPrograms from './cluster-programs.json' with { type: 'json' };
import envoyGatewayPrograms from './envoy-gateway-programs.json' with { type: 'json' };
import { gatewayApiPrograms } from './gateway-api-programs.ts';
import goPrograms from './go-programs.json' with { type: 'json' };
import kubernetesPrograms from './kubernetes-programs.json' with { type: 'json' };
import type { GoProgramManifest } from './manifest.ts';
import { otelCollector } from './otel-collector.ts';
import { runProgram } from './run-program.ts';
import { exists, type RuntimeRequest, writeJson } from './unpack.ts';

/** Programs of Go modules that tests talk to, and Debian has no package of. */
const PROGRAMS: Readonly<Record<string, GoProgram>> = {
  ...Object.fromEntries(Object.entries(goPrograms).map(([name, module]) => [name, { module }])),
  ...kubernetesPrograms,
  ...clusterPrograms,
  ...clientPrograms,
  'otel-collector': otelCollector,
  ...gatewayApiPrograms,
  ...envoyGatewayPrograms,
};

interface GoProgram {
  /** With its version. */
  readonly module: string;
  /** Folder of the program in the module; absent: the module's own. */
  readonly program?: string;
  /** The program is that folder's tests; what they read (testdata) is put beside it. */
  readonly isTest?: boolean;
  /** Of the build. */
  readonly tags?: string;
  /** The text of a program of ours, where the module has none. */
  readonly main?: string;
  /** The same, in a file of this repository, which is the current directory of the launcher. */
  readonly mainFile?: string;
  /** What else that program imports: modules with their versions. */
  readonly parts?: readonly string[];
  /**
   * Version of the modules that the module's go.mod replaces by folders under `staging`. Those folders are in its repository only, and
   * replacements count only in the main module: ours names the published modules.
   */
  readonly staging?: string;
  /** The module's own go.sum vouches for what it is made of, where the checksum database has not all of it. */
  readonly sums?: boolean;
  /** The package with the variables `gitVersion`, `gitMajor` and `gitMinor`, which a build sets. */
  readonly versionVariables?: string;
}

export function isGoProgramName(name: string): boolean {
  return Object.hasOwn(PROGRAMS, name);
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
  request: Omit<RuntimeRequest, 'set'> & { readonly name: string },
): Promise<string> {
  const { directory, name, revision, say } = request;
  const folder = path.join(directory, `${name}-${revision}`);
  const program = PROGRAMS[name];
  if (program === undefined) throw new Error(`no Go program is named ${name}`);
  const { module } = program;
  await mkdir(directory, { recursive: true });
  if (!(await exists(folder))) {
    const temporary = await mkdtemp(path.join(directory, `.${name}-`));
    try {
      say(`building ${module} with go; this takes ${durationOf(program)}`);
      const built = path.join(temporary, 'bin', name);
      await build(program, temporary, built);
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

// Not `go install MODULE@VERSION`: that wants the list of all versions too, which not every proxy has of every module.
async function build(program: GoProgram, temporary: string, built: string): Promise<void> {
  const [source = '', version = ''] = program.module.split('@');
  const run = { cwd: temporary, env: environment(temporary) };
  const goMod = path.join(temporary, 'go.mod');
  const required = [program.module, ...(program.parts ?? [])].map((each) => `require ${each.replace('@', ' ')}`);
  const lines = ['module tests', '', 'go 1.21', '', ...required, ''];
  await writeFile(goMod, lines.join('\n'));
  const download = async (): Promise<{ readonly GoMod: string; readonly Dir: string }> => {
    const { stdout } = await runProgram('go', ['mod', 'download', '-json', program.module], run);
    return JSON.parse(stdout);
  };
  if (program.sums === true) await cp(path.join((await download()).Dir, 'go.sum'), path.join(temporary, 'go.sum'));
  if (program.staging !== undefined) {
    const { GoMod } = await download();
    const replacements = stagingReplacements(await readFile(GoMod, 'utf8'), program.staging);
    await writeFile(goMod, [...lines, ...replacements, ''].join('\n'));
  }
  const { main = program.mainFile && (await readFile(program.mainFile, 'utf8')) } = program;
  if (main !== undefined) await writeFile(path.join(temporary, 'main.go'), main);
  const tags = program.tags === undefined ? [] : ['-tags', program.tags];
  const flags = ['-trimpath', ...tags, `-ldflags=${linkerFlags(program, version)}`];
  const folder = folderOf(program, source);
  const command = program.isTest === true ? ['test', '-c', '-vet=off'] : ['build'];
  await runProgram('go', [...command, ...flags, '-o', built, folder], run);
  if (program.isTest !== true) return;
  const { stdout } = await runProgram('go', ['list', '-f', '{{.Dir}}', folder], run);
  const data = path.join(stdout.trim(), TEST_DATA);
  if (await exists(data)) await cp(data, path.join(path.dirname(built), TEST_DATA), { recursive: true });
}

const TEST_DATA = 'testdata';

function folderOf({ program, main, mainFile }: GoProgram, module: string): string {
  if (main !== undefined || mainFile !== undefined) return '.';
  return program === undefined ? module : `${module}/${program}`;
}

/** Of one processor: the collector takes two and a half minutes (Go 1.26). */
function durationOf({ staging }: GoProgram): string {
  return staging === undefined ? 'a few minutes' : 'ten minutes';
}

/** `replace k8s.io/api => k8s.io/api v0.33.0` for each module that `goMod` replaces by a folder under staging. */
export function stagingReplacements(goMod: string, version: string): readonly string[] {
  return [...goMod.matchAll(/^\s*(?:replace )?(\S+) => \.\/staging\//gm)].map(
    ([, name = '']) => `replace ${name} => ${name} ${version}`,
  );
}

function linkerFlags({ versionVariables }: GoProgram, version: string): string {
  if (versionVariables === undefined) return '-s -w';
  const [first = '', minor = ''] = version.slice(1).split('.');
  // Modules of Kubernetes that are published apart count as v0 what Kubernetes counts as v1.
  const major = first === '0' ? '1' : first;
  const gitVersion = version.replace(/^v0/, 'v1');
  const values = { gitVersion, gitMajor: major, gitMinor: minor };
  return ['-s -w', ...Object.entries(values).map(([name, value]) => `-X ${versionVariables}.${name}=${value}`)].join(
    ' ',
  );
}

function environment(temporary: string): Readonly<Record<string, string>> {
  return {
    GOPATH: path.join(temporary, 'modules'),
    GOCACHE: path.join(temporary, 'cache'),
    GOFLAGS: '-mod=mod -modcacherw',
    CGO_ENABLED: '0',
  };
}
