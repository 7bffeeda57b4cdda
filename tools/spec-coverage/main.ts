/**
 * `npm run spec-coverage -- ID...` (ranges `ALB-01..ALB-25`): which ids of the specs have no test that names them. Exit
 * code 0: none is missing; 1: some are, or the tests could not be listed; 2: the request cannot be read.
 */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expandIds, missingIds } from './coverage.ts';
import { SKIPPED } from './skipped.ts';

const repository = path.resolve(import.meta.dirname, '../..');

/** Names of the tests that vitest would run; skipped ones and `todo` are not among them. */
async function testNames(): Promise<readonly string[]> {
  const vitest = path.join(repository, 'node_modules/vitest/vitest.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [vitest, 'list', '--json'], {
    cwd: repository,
    maxBuffer: 1 << 28,
  });
  const tests: unknown = JSON.parse(stdout);
  if (!Array.isArray(tests)) throw new TypeError('vitest list: not a list');
  return tests.map(({ name }: { readonly name: string }) => name);
}

async function main(request: readonly string[]): Promise<number> {
  let asked: readonly string[];
  try {
    asked = expandIds(request);
    if (asked.length === 0) throw new RangeError('usage: npm run spec-coverage -- ALB-01..ALB-25 IN-03 ...');
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  const wanted = asked.filter((each) => !SKIPPED.has(each));
  const missing = missingIds(wanted, await testNames());
  for (const each of missing) process.stdout.write(`${each}\n`);
  process.stdout.write(`missing ${missing.length} of ${wanted.length}\n`);
  return missing.length === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});
