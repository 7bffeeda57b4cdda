/** `causeway restore`: a backup becomes what the API server has. */
import { homedir } from 'node:os';
import path from 'node:path';
import { restore } from '@causeway/apiserver/backup/restore';
import { Command } from 'commander';

const command = new Command('causeway restore')
  .description(
    'Puts what a backup holds into a data directory whose API server does not run; what was there is moved aside.',
  )
  .argument('<file>', 'written by `causeway backup`')
  .option('--data-dir <dir>', 'of `causeway up` or `causeway apiserver`', path.join(homedir(), '.causeway'))
  .allowExcessArguments(false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();

try {
  const [file = ''] = command.args;
  const { dataDir } = command.opts<{ readonly dataDir: string }>();
  const { objects, created, aside } = await restore(path.resolve(file), path.resolve(dataDir), new Date());
  process.stdout.write(`${objects} objects of ${created} are restored in ${dataDir}\n`);
  if (aside !== undefined) process.stdout.write(`what was there before is kept in ${aside}\n`);
} catch (error) {
  process.stderr.write(`causeway: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
