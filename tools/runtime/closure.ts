/**
 * Which packages have to be unpacked so that some programs find their shared
 * libraries: the programs' packages, and through them every library except the
 * C library, which must be the one of the host's dynamic loader.
 *
 * What the host has installed does not matter: a runtime that borrowed a
 * library would break on the day the host removes it. Packages that are not
 * libraries serve maintainer scripts (adduser, init helpers) or users, and no
 * maintainer script runs here.
 */

/** Present on every Debian machine (Essential, or needed by an Essential package), and tied to the loader. */
const FROM_HOST = new Set(['libc6', 'libgcc-s1', 'libcrypt1']);

const LIBRARY = /^(lib|lua-|zlib1g)/;

/** Names of the real packages that one package depends on; of alternatives, the first that is real. */
export type DependencyMap = ReadonlyMap<string, readonly string[]>;

/**
 * Reads the answer of `apt-cache depends --important`.
 *
 * A line `|Depends: a` means that the next line is an alternative of `a`.
 * Virtual packages (`<abi-7>`) are left out: their providers are among the
 * roots, or the package is not a library.
 */
export function parseDepends(text: string): DependencyMap {
  const all = new Map<string, string[]>();
  let current: string[] = [];
  let alternativeTaken = false;
  for (const line of text.split('\n')) {
    if (/^\S/.test(line)) {
      current = [];
      all.set(line.trim().replace(/:\w+$/, ''), current);
      alternativeTaken = false;
      continue;
    }
    const match = /^ {1,2}(\|?)(?:Pre)?Depends: (\S+)/.exec(line);
    if (match === null) continue;
    const [, bar, name = ''] = match;
    if (!alternativeTaken && !name.startsWith('<')) {
      current.push(name.replace(/:\w+$/, ''));
      alternativeTaken = true;
    }
    if (bar !== '|') alternativeTaken = false;
  }
  return all;
}

/**
 * @param dependencies answers for the given packages; called once per generation
 * @returns the roots and all libraries below them, sorted
 */
export async function libraryClosure(
  roots: readonly string[],
  dependencies: (names: readonly string[]) => Promise<DependencyMap>,
): Promise<readonly string[]> {
  const found = new Set(roots);
  let generation = [...roots];
  while (generation.length > 0) {
    const answer = await dependencies(generation);
    const next: string[] = [];
    for (const name of [...answer.values()].flat()) {
      if (found.has(name) || FROM_HOST.has(name) || !LIBRARY.test(name)) continue;
      found.add(name);
      next.push(name);
    }
    generation = next;
  }
  return [...found].toSorted();
}
