/** `causeway soak`: kills and changes everything at random under load; see README.md. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { reportOf } from './report.ts';
import { runSoak } from './soak.ts';

interface Flags {
  readonly minutes: number;
  readonly seed: number;
  readonly verbose?: true;
}

const { minutes, seed, verbose } = new Command('causeway soak')
  .description(
    'Runs an `up` of its own under load, kills its processes and changes its objects at random, and says whether a request ' +
      'failed that no kill explains, and whether everything converged in the end.',
  )
  .option('--minutes <n>', 'how long; fractions are fine', positive, 10)
  .option('--seed <n>', 'of a run that is to be tried again (default: a new one)', whole, Date.now() % 1_000_000)
  .option('--verbose', 'tell every kill and every failed request')
  .allowExcessArguments(false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse()
  .opts<Flags>();

const directory = mkdtempSync(path.join(tmpdir(), 'causeway-soak-'));
console.log(`seed ${seed}, ${minutes} minutes`);
const begun = performance.now();
const say = (line: string): void => {
  if (verbose === true) console.log(`${((performance.now() - begun) / 1_000).toFixed(2)} ${line}`);
};
const dataplaneDirectory = path.resolve('dist/dataplane');
const result = await runSoak({ dataplaneDirectory, directory, seconds: minutes * 60, seed, say });
console.log(`\n${reportOf(result)}`);
if (result.problems.length === 0) rmSync(directory, { recursive: true, force: true });
else console.log(`\nLog and data: ${directory}`);
process.exitCode = result.problems.length === 0 ? 0 : 1;

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('It must be a positive number.');
  return value;
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError('It must be a whole number.');
  return value;
}
