/** Refuses files and folders whose name says nothing, and names that are no kebab-case nouns. */
import path from 'node:path';
import { runProgram } from '../runtime/run-program.ts';
import { badNames } from './bad-names.ts';

const repository = path.resolve(import.meta.dirname, '../..');
const { stdout } = await runProgram('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: repository,
});
const bad = badNames(stdout.split('\0').filter((file) => file !== ''));
for (const file of bad) process.stderr.write(`${file}: name the concept instead, or inline it\n`);
process.exitCode = bad.length === 0 ? 0 : 1;
