/**
 * Files in folders that belong to the user of nginx. Whoever took over a worker could put a link there, to have root write elsewhere:
 * links are never followed.
 */
import { closeSync, constants, fchownSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { FileOwner } from './state-file.ts';

const TO_APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

/**
 * Writes a file that only its owner may read, and that is never seen half written.
 *
 * @param owner absent: whoever runs this
 */
export function writePrivateFile(path: string, text: string, owner: FileOwner | undefined): void {
  const next = `${path}.next`;
  rmSync(next, { force: true });
  const file = openSync(next, 'wx', 0o600);
  try {
    writeFileSync(file, text);
    if (owner !== undefined) fchownSync(file, owner.uid, owner.gid);
  } finally {
    closeSync(file);
  }
  renameSync(next, path);
}

/** Opens a file that only its owner may read, to write at its end; one that is not there is made. A link there goes. */
export function openToAppend(path: string, owner: FileOwner | undefined): number {
  const file = openOrReplaceLink(path);
  if (owner !== undefined) fchownSync(file, owner.uid, owner.gid);
  return file;
}

function openOrReplaceLink(path: string): number {
  try {
    return openSync(path, TO_APPEND, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ELOOP') throw error;
    rmSync(path);
    return openSync(path, TO_APPEND, 0o600);
  }
}
