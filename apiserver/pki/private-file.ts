import { renameSync, rmSync, writeFileSync } from 'node:fs';

/** Writes a file that only its owner can read, and that is never seen half written. */
export function writePrivateFile(file: string, text: string): void {
  const unfinished = `${file}.${process.pid}.new`;
  rmSync(unfinished, { force: true });
  writeFileSync(unfinished, text, { mode: 0o600, flag: 'wx', flush: true });
  renameSync(unfinished, file);
}
