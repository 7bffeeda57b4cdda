/** `causeway soak`: kills and changes everything at random under load, torments the API server alone, or the rule engine; see README.md. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { runChurn } from './apiserver/churn.ts';
import { runFuzz } from './apiserver/fuzz.ts';
import { runKills } from './apiserver/kills.ts';
import { reportOf } from './report.ts';
import { runSoak } from './soak.ts';

const programDirectory = path.resolve('dist');
const newSeed = Date.now() % 1_000_000;

const program = new Command('causeway soak')
  .description(
    'Runs an `up` of its own under load, kills its processes and changes its objects at random, and says whether a request ' +
      'failed that no kill explains, and whether everything converged in the end.',
  )
  .option('--minutes <n>', 'how long; fractions are fine', positive, 10)
  .option('--seed <n>', 'of a run that is to be tried again (default: a new one)', whole, newSeed)
  .option('--verbose', 'tell every kill and every failed request')
  .allowExcessArguments(false)
  .enablePositionalOptions()
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .action(({ minutes, seed, verbose }: { minutes: number; seed: number; verbose?: true }) =>
    inDirectory(seed, async (directory) => {
      const begun = performance.now();
      const say = (line: string): void => {
        if (verbose === true) console.log(`${((performance.now() - begun) / 1_000).toFixed(2)} ${line}`);
      };
      const dataplaneDirectory = path.join(programDirectory, 'dataplane');
      const result = await runSoak({ dataplaneDirectory, directory, seconds: minutes * 60, seed, say });
      console.log(`\n${reportOf(result)}`);
      return result.problems;
    }),
  );

program
  .command('apiserver-kill')
  .description('Kills the API server at random moments of concurrent writes; nothing that it acknowledged may be lost.')
  .option('--rounds <n>', 'how often it is killed', whole, 20)
  .option('--writes <n>', 'how many each round begins', whole, 10_000)
  .option('--writers <n>', 'how many are under way at a time', whole, 128)
  .option('--seed <n>', 'of a run that is to be tried again (default: a new one)', whole, newSeed)
  .action(({ seed, ...sizes }: { seed: number; rounds: number; writes: number; writers: number }) =>
    inDirectory(seed, async (directory) => {
      const { problems, ...counts } = await runKills({ programDirectory, directory, seed, ...sizes, say: console.log });
      tell(counts, problems);
      return problems;
    }),
  );

program
  .command('apiserver-fuzz')
  .description(
    'Sends the API server requests that are wrong; it must neither crash, nor answer 500, nor change another object.',
  )
  .option('--cases <n>', 'how many', whole, 100_000)
  .option('--from <n>', 'number of the first, to try one again', whole, 0)
  .option('--seed <n>', 'of a run that is to be tried again (default: a new one)', whole, newSeed)
  .action((options: { seed: number; from: number; cases: number }) =>
    inDirectory(options.seed, async (directory) => {
      const { problems, answers, ...counts } = await runFuzz({ directory, ...options, say: console.log });
      const byStatus = [...answers].sort(([a], [b]) => a - b).map(([status, count]) => [`answered ${status}`, count]);
      tell({ ...counts, ...Object.fromEntries(byStatus) }, problems);
      return problems;
    }),
  );

program
  .command('apiserver-churn')
  .description("A day's writes, lists and watches in minutes; the API server's memory and file must level off.")
  .option('--minutes <n>', 'how long; fractions are fine', positive, 10)
  .option('--seed <n>', 'of a run that is to be tried again (default: a new one)', whole, newSeed)
  .action((options: { seed: number; minutes: number }) =>
    inDirectory(options.seed, async (directory) => {
      const { problems, early, late, ...counts } = await runChurn({
        ...{ programDirectory, directory, say: console.log },
        ...options,
      });
      const rounded = (value: number): number => Math.round(value * 10) / 10;
      tell(
        {
          ...counts,
          'memory, MiB, early': rounded(early.memoryMiB),
          'memory, MiB, late': rounded(late.memoryMiB),
          'file, MiB, early': rounded(early.fileMiB),
          'file, MiB, late': rounded(late.fileMiB),
        },
        problems,
      );
      return problems;
    }),
  );

program
  .command('rule-language')
  .description('The rule engine against the reference matcher of the tests, over random rule sets and requests.')
  .option('--pairs <n>', 'of a rule set and a request; a tenth of it also in LuaJIT', whole, 1_000_000)
  .option('--seed <n>', 'of a run that is to be tried again (default: a new one)', whole, newSeed)
  .action(({ pairs, seed }: { pairs: number; seed: number }) => {
    const env = { ...process.env, CAUSEWAY_PAIRS: String(pairs), CAUSEWAY_SEED: String(seed) };
    const test = ['run', '--project', 'checks', 'test/rule-language/property.test.ts'];
    process.exitCode = spawnSync('node_modules/.bin/vitest', test, { env, stdio: 'inherit' }).status ?? 1;
  });

await program.parseAsync();

/** Runs in a folder that goes when there was no problem. */
async function inDirectory(seed: number, run: (directory: string) => Promise<readonly string[]>): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'causeway-soak-'));
  console.log(`seed ${seed}`);
  const problems = await run(directory);
  if (problems.length === 0) rmSync(directory, { recursive: true, force: true });
  else console.log(`\nLog and data: ${directory}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

function tell(counts: Readonly<Record<string, number>>, problems: readonly string[]): void {
  for (const [what, count] of Object.entries(counts)) console.log(`${what}: ${count}`);
  for (const problem of problems.slice(0, 20)) console.log(`PROBLEM: ${problem}`);
  console.log(problems.length === 0 ? 'passed' : `${problems.length} problems`);
}

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
