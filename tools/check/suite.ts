/**
 * `causeway test [FILTER...]`: the checks, then every test. With filters, only the tests whose path contains one.
 *
 * Of a whole run, up to three files that failed run once more on their own: they share two processors with the
 * programs they test, and what a busy machine delays is not what they test. A file that fails again fails the run;
 * one that passes is named as unstable at the end, with what it said (ADR 0025).
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CHECKS } from './checks.ts';
import { runChecks } from './run-checks.ts';
import { type FailedFile, failedFiles } from './test-report.ts';

const MOST_RUN_AGAIN = 3;

const repository = path.resolve(import.meta.dirname, '../..');
const report = path.join(repository, 'dist/test-report.json');
const filters = process.argv.slice(2);
const whole = filters.length === 0;

const failedChecks = whole ? await runChecks(repository, CHECKS) : [];
const passed = runTests(...filters);
const again = passed || !whole ? [] : failedFiles(readFileSync(report, 'utf8'), repository);
const unstable = again.length > 0 && again.length <= MOST_RUN_AGAIN && passOnceMore(again);
if (unstable) say(`unstable, failed and then passed on their own:\n${told(again)}`);
if (failedChecks.length > 0) say(`check failed: ${failedChecks.join(', ')} (see the beginning)`);
process.exitCode = (passed || unstable) && failedChecks.length === 0 ? 0 : 1;

function runTests(...files: readonly string[]): boolean {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const { status } = spawnSync(path.join(repository, 'node_modules/.bin/vitest'), ['run', ...reporters, ...files], {
    cwd: repository,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return status === 0;
}

function passOnceMore(failed: readonly FailedFile[]): boolean {
  say(`once more, on their own:\n${told(failed)}`);
  return runTests(...failed.map(({ file }) => file));
}

function told(failed: readonly FailedFile[]): string {
  return failed.map(({ file, messages }) => [file, ...messages].join('\n  ')).join('\n');
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
