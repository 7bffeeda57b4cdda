import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Database } from '../storage/database.ts';
import { type BackupLine, header } from './format.ts';

export interface BackupSummary {
  readonly objects: number;
  readonly files: number;
  readonly revision: number;
}

/** Keys, certificates and tokens: without them, clients and their ServiceAccounts would be strangers after a restore. */
const KEY_DIRECTORY = 'pki';

/**
 * Writes everything that the API server of a data directory has, as it is at one moment, whether the server runs or not. The file
 * appears when it is complete and on disk; only its owner can read it, since it holds Secrets and keys.
 *
 * @throws StoreDamagedError, and the errors of the file system
 */
export async function backUp(dataDirectory: string, file: string, now: Date): Promise<BackupSummary> {
  const store = join(dataDirectory, 'store');
  if (!existsSync(join(store, 'data.mdb'))) throw new Error(`${dataDirectory} holds no store of an API server`);
  const database = new Database(store, 'read');
  const snapshot = database.snapshot();
  const unfinished = `${file}.${process.pid}.unfinished`;
  const count = { objects: 0, files: 0 };
  const hash = createHash('sha256');
  const lineOf = (line: BackupLine): string => {
    const text = `${JSON.stringify(line)}\n`;
    hash.update(text);
    return text;
  };
  function* lines(): Iterable<string> {
    yield lineOf(header(now, snapshot.revision));
    for (const name of readdirSync(join(dataDirectory, KEY_DIRECTORY)).sort()) {
      if (name.endsWith('.new')) continue;
      count.files += 1;
      const text = readFileSync(join(dataDirectory, KEY_DIRECTORY, name), 'utf8');
      yield lineOf({ file: `${KEY_DIRECTORY}/${name}`, text });
    }
    for (const { key, text } of snapshot.objects()) {
      count.objects += 1;
      yield lineOf({ key, text });
    }
    yield lineOf({ end: true, ...count, sha256: hash.copy().digest('hex') });
  }
  try {
    await pipeline(
      Readable.from(lines()),
      createGzip(),
      createWriteStream(unfinished, { mode: 0o600, flags: 'wx', flush: true }),
    );
    await rename(unfinished, file);
    await syncDirectory(dirname(file));
  } finally {
    snapshot.done();
    await database.close();
    await rm(unfinished, { force: true });
  }
  return { ...count, revision: snapshot.revision };
}

/** So that a rename in it outlasts a loss of power. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
