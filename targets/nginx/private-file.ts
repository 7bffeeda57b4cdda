import { chownSync, renameSync, writeFileSync } from 'node:fs';
import type { FileOwner } from './state-file.ts';

/**
 * Writes a file that only its owner may read, and that is never seen half written.
 *
 * @param owner absent: whoever runs this
 */
export function writePrivateFile(path: string, text: string, owner: FileOwner | undefined): void {
  const next = `${path}.next`;
  writeFileSync(next, text, { mode: 0o600 });
  if (owner !== undefined) chownSync(next, owner.uid, owner.gid);
  renameSync(next, path);
}
