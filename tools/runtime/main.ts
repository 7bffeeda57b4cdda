/** Fetches nginx (or the programs of the benchmarks) into a private runtime (ADR 0007). */
import { homedir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureGoProgram, isGoProgramName } from './go-program.ts';
import { isPackageSetName } from './package-set.ts';
import { ensureRuntime } from './unpack.ts';

const { values } = parseArgs({
  options: {
    set: { type: 'string', default: 'nginx' },
    revision: { type: 'string', default: 'unversioned' },
    directory: {
      type: 'string',
      default: process.env['CAUSEWAY_RUNTIME'] ?? path.join(homedir(), '.causeway/runtime'),
    },
  },
});
const { set, revision, directory } = values;
if (!(isPackageSetName(set) || isGoProgramName(set)) || !/^\w+$/.test(revision)) {
  process.stderr.write(
    'usage: runtime --set NAME [--revision TEXT] [--directory DIR]; NAME is a key of one of the lists in tools/runtime\n',
  );
  process.exit(2);
}

try {
  const request = {
    directory: path.resolve(directory),
    revision,
    say: (line: string) => void process.stderr.write(`causeway: ${line}\n`),
  };
  if (isPackageSetName(set)) await ensureRuntime({ ...request, set });
  else await ensureGoProgram({ ...request, name: set });
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`causeway: cannot make the private runtime in ${directory}: ${reason}\n`);
  if (process.getuid?.() !== 0 && !isGoProgramName(set)) {
    process.stderr.write(
      'causeway: this first fetch may need root here; run the same command once with sudo, or set\n',
    );
    process.stderr.write('causeway: CAUSEWAY_RUNTIME to a folder you can write (and that root prepared before)\n');
  }
  process.exit(1);
}
