/** `npm run check`: everything a tool can say about the tree. All checks run; the first failure does not hide the next. */
import path from 'node:path';
import { CHECKS } from './checks.ts';
import { runChecks } from './run-checks.ts';

const repository = path.resolve(import.meta.dirname, '../..');
const failed = await runChecks(repository, CHECKS);
if (failed.length > 0) {
  process.stderr.write(`check failed: ${failed.join(', ')}\n`);
  process.exitCode = 1;
}
