/** Refuses files and folders whose name says nothing. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { badNames } from './bad-names.ts';

const repository = path.resolve(import.meta.dirname, '../..');
const NOT_OURS = /^(node_modules|dist|coverage|\.git|\.dist-.*)$/;

const files: string[] = [];
for (const entry of await readdir(repository, { withFileTypes: true })) {
  if (NOT_OURS.test(entry.name)) continue;
  files.push(entry.name);
  if (!entry.isDirectory()) continue;
  const below = await readdir(path.join(repository, entry.name), { recursive: true });
  for (const file of below) if (!file.includes('node_modules')) files.push(path.join(entry.name, file));
}
const bad = badNames(files);
for (const file of bad) process.stderr.write(`${file}: name the concept instead, or inline it\n`);
process.exitCode = bad.length === 0 ? 0 : 1;
