/**
 * `causeway test [FILTER...]`: the checks, then every test. With filters, only
 * the tests whose path contains one. vitest's summary comes last.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { CHECKS } from './checks.ts';
import { runChecks } from './run-checks.ts';

const repository = path.resolve(import.meta.dirname, '../..');
const filters = process.argv.slice(2);

const failedChecks = filters.length > 0 ? [] : await runChecks(repository, CHECKS);
const vitest = spawnSync(path.join(repository, 'node_modules/.bin/vitest'), ['run', ...filters], {
  cwd: repository,
  stdio: ['ignore', 'inherit', 'inherit'],
});
if (failedChecks.length > 0) process.stderr.write(`check failed: ${failedChecks.join(', ')} (see the beginning)\n`);
process.exitCode = vitest.status === 0 && failedChecks.length === 0 ? 0 : 1;
