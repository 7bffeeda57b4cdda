import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type DependencyMap, parseDepends } from './closure.ts';
import { runProgram } from './run-program.ts';

/**
 * apt, used as a downloader only: the host's package sources and keys, but
 * a cache (and, after {@link Apt.update}, package lists) of its own. Nothing
 * of the host's apt state is written, so no root is needed either.
 */
export interface Apt {
  /** Fetches package lists into the private folder, and uses them from then on. */
  update(): Promise<void>;
  /** False when apt knows no version of some package. */
  knows(packages: readonly string[]): Promise<boolean>;
  dependencies(packages: readonly string[]): Promise<DependencyMap>;
  /** Downloads into `directory` what apt would install, verified against the signed lists. */
  download(packages: readonly string[], directory: string): Promise<void>;
}

/** Hooks of the host (such as the removal of its own downloads) must not run for our folder. */
const CONFIGURATION = `
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
Debug::NoLocking "1";
`;

/** @param workDirectory an existing folder for cache, lists and settings; the caller removes it */
export async function createApt(workDirectory: string): Promise<Apt> {
  const configuration = path.join(workDirectory, 'apt.conf');
  const cache = path.join(workDirectory, 'cache');
  const state = path.join(workDirectory, 'state');
  await mkdir(path.join(cache, 'archives', 'partial'), { recursive: true });
  await mkdir(path.join(state, 'lists', 'partial'), { recursive: true });
  await writeFile(configuration, CONFIGURATION);
  let options = ['-c', configuration, '-o', `Dir::Cache=${cache}`];
  // As root apt would download as user _apt, who cannot enter our folder.
  if (process.getuid?.() === 0) options.push('-o', 'APT::Sandbox::User=root');

  return {
    async update() {
      const lists = path.join(state, 'lists');
      options = [...options, '-o', `Dir::State=${state}`, '-o', `Dir::State::lists=${lists}`];
      options.push('-o', 'Dir::State::status=/var/lib/dpkg/status');
      // One unreachable third-party source of the host is no reason to give up: judged by the lists that came.
      const failure = await runProgram('apt-get', [...options, 'update']).then(
        () => undefined,
        (error: unknown) => error,
      );
      const came = (await readdir(lists)).some((name) => name.includes('_Packages'));
      if (!came) throw failure ?? new Error('apt-get update brought no package lists: is the network reachable?');
    },

    async knows(packages) {
      const { stdout } = await runProgram('apt-cache', [...options, 'policy', ...packages]);
      const candidates = stdout.match(/^ {2}Candidate: (?!\(none\))/gm) ?? [];
      return candidates.length === packages.length;
    },

    async dependencies(packages) {
      const { stdout } = await runProgram('apt-cache', [...options, 'depends', '--important', ...packages]);
      return parseDepends(stdout);
    },

    async download(packages, directory) {
      await runProgram('apt-get', [...options, 'download', ...packages], { cwd: directory });
    },
  };
}
