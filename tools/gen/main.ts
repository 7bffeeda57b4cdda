/** `npm run gen` writes the generated files; `--check` fails when one of them is not what would be written. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { generatedFiles } from './generated-files.ts';

const repository = path.resolve(import.meta.dirname, '../..');
const checkOnly = process.argv.includes('--check');

for (const [name, text] of generatedFiles()) {
  const file = path.join(repository, name);
  const current = await readFile(file, 'utf8').catch(() => undefined);
  if (current === text) continue;
  if (checkOnly) {
    process.stderr.write(`${name}: ${current === undefined ? 'missing' : 'not up to date'}\n`);
    process.exitCode = 1;
    continue;
  }
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
  process.stderr.write(`wrote ${name}\n`);
}
