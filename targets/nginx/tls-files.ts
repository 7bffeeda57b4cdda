/** Certificates and keys that nginx reads from files: those of location profiles. In a folder that only its user can enter. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tlsFiles } from './conf/profile-conf.ts';
import { makePrivate } from './place.ts';
import { writePrivateFile } from './private-file.ts';
import type { Profile } from './profile.ts';
import type { FileOwner } from './state-file.ts';

/** Names are hashes of contents: what is there already is right. */
export function writeTlsFiles(directory: string, profiles: readonly Profile[], user: FileOwner | undefined): void {
  const files = tlsFiles(profiles);
  if (files.length === 0) return;
  makePrivate(directory, user);
  const present = new Set(readdirSync(directory));
  for (const { name, text } of files) {
    if (!present.has(name)) writePrivateFile(join(directory, name), text, user);
  }
}

/** Removes the files that none of these profiles reads. */
export function removeOtherTlsFiles(directory: string, profiles: Iterable<Profile>): void {
  let names: readonly string[];
  try {
    names = readdirSync(directory);
  } catch {
    return; // there was never one
  }
  const kept = new Set(tlsFiles([...profiles]).map(({ name }) => name));
  for (const name of names) if (!kept.has(name)) rmSync(join(directory, name), { force: true });
}
