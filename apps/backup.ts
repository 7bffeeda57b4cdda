/** `causeway backup`: everything that the API server has, in one file. */
import { homedir } from 'node:os';
import path from 'node:path';
import { backUp } from '@causeway/apiserver/backup/backup';
import { Command } from 'commander';

const command = new Command('causeway backup')
  .description(
    'Writes all objects, keys and certificates of the API server to one file, as they are at one moment; it may run meanwhile.',
  )
  .argument('<file>', 'to write; replaced when it is there. It holds Secrets and keys: only its owner can read it')
  .option('--data-dir <dir>', 'of `causeway up` or `causeway apiserver`', path.join(homedir(), '.causeway'))
  .allowExcessArguments(false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();

try {
  const [file = ''] = command.args;
  const { dataDir } = command.opts<{ readonly dataDir: string }>();
  const { objects, revision } = await backUp(path.resolve(dataDir), path.resolve(file), new Date());
  process.stdout.write(`${objects} objects at revision ${revision} are in ${file}\n`);
} catch (error) {
  process.stderr.write(`causeway: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
