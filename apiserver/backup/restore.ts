import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { parseStored } from '../object.ts';
import { Database, type Operation } from '../storage/database.ts';
import { lockDirectory } from '../storage/directory-lock.ts';
import { syncDirectory } from './backup.ts';
import { BackupError, type BackupHeader, readHeader } from './format.ts';

export interface RestoreSummary {
  readonly objects: number;
  readonly files: number;
  /** When the backup was made, RFC 3339. */
  readonly created: string;
  /** Where what was there before is kept; undefined when there was nothing. */
  readonly aside: string | undefined;
}

/** In a transaction. */
const BATCH = 2_000;
/**
 * Revisions go on far above those that anybody was told after the backup was made: a client that comes with one of them must list again,
 * and not find other changes under the same numbers. Source: etcdutl snapshot restore --bump-revision.
 */
const REVISION_GAP = 1_000_000_000;

/**
 * Puts what a backup holds into a data directory whose server does not run. What was there is moved aside, and nothing is changed
 * before the whole backup was read and found to be right.
 *
 * @throws BackupError; Error when a server runs; the errors of the file system
 */
export async function restore(file: string, dataDirectory: string, now: Date): Promise<RestoreSummary> {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const lock = await lockDirectory(dataDirectory);
  const next = join(dataDirectory, `restoring-${process.pid}`);
  try {
    rmSync(next, { recursive: true, force: true });
    mkdirSync(join(next, 'pki'), { recursive: true, mode: 0o700 });
    const read = await unpack(file, next, await presentRevision(dataDirectory));
    const aside = join(dataDirectory, `before-restore-${now.toISOString().replaceAll(/[:.]/g, '-')}`);
    const moved = exchange(dataDirectory, next, aside);
    await syncDirectory(dataDirectory);
    return { ...read, aside: moved ? aside : undefined };
  } finally {
    rmSync(next, { recursive: true, force: true });
    lock.close();
  }
}

/** 0 when there is no store that can be read. */
async function presentRevision(dataDirectory: string): Promise<number> {
  const store = join(dataDirectory, 'store');
  if (!existsSync(join(store, 'data.mdb'))) return 0;
  try {
    const database = new Database(store, 'read');
    const { revision } = database;
    await database.close();
    return revision;
  } catch {
    // That is why it is restored.
    return 0;
  }
}

async function unpack(file: string, directory: string, present: number): Promise<Omit<RestoreSummary, 'aside'>> {
  const database = new Database(join(directory, 'store'));
  const count = { objects: 0, files: 0 };
  let head: BackupHeader | undefined;
  let batch: Operation[] = [];
  let complete = false;
  const hash = createHash('sha256');
  try {
    for await (const line of linesOf(file)) {
      const read = parsed(file, line, head !== undefined);
      if (complete) throw new BackupError(`${file} is damaged: something follows its end`);
      if (head === undefined) head = readHeader(file, read);
      else if ('end' in read) {
        checkEnd(file, read, count, hash.digest('hex'));
        complete = true;
        continue;
      } else if (typeof read['file'] === 'string') {
        count.files += 1;
        writeKeyFile(file, directory, read['file'], String(read['text']));
      } else {
        batch.push(operationOf(file, read));
        count.objects += 1;
        if (batch.length >= BATCH) {
          await database.commit(batch, head.revision);
          batch = [];
        }
      }
      hash.update(`${line}\n`);
    }
    if (head === undefined || !complete) throw new BackupError(`${file} is damaged: it is cut off`);
    await database.commit(batch, Math.max(head.revision, present) + REVISION_GAP);
    return { ...count, created: head.created };
  } finally {
    await database.close();
  }
}

async function* linesOf(file: string): AsyncIterable<string> {
  const unpacked = createGunzip();
  const flow = pipeline(createReadStream(file), unpacked);
  // It may fail before anybody waits for it, and nobody does when the reader stops at an error of its own.
  flow.catch(() => {});
  try {
    let rest = '';
    for await (const chunk of unpacked.setEncoding('utf8') as AsyncIterable<string>) {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
    if (rest !== '') yield rest;
    await flow;
  } catch (error) {
    if (error instanceof BackupError || !isOfZlib(error)) throw error;
    const known = error.code === 'Z_DATA_ERROR' && /incorrect header/.test(error.message);
    throw new BackupError(known ? `${file} is not a backup of Causeway` : `${file} is damaged: ${error.message}`, {
      cause: error,
    });
  }
}

function isOfZlib(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_');
}

function parsed(file: string, line: string, begun: boolean): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Told below.
  }
  throw new BackupError(begun ? `${file} is damaged: a line is not JSON` : `${file} is not a backup of Causeway`);
}

function operationOf(file: string, { key, text }: Readonly<Record<string, unknown>>): Operation {
  try {
    if (typeof key === 'string' && key.startsWith('/') && typeof text === 'string') {
      parseStored(text);
      return { key, text };
    }
  } catch {
    // Told below.
  }
  throw new BackupError(`${file} is damaged: ${JSON.stringify(key)} is not an object`);
}

function checkEnd(
  file: string,
  end: Readonly<Record<string, unknown>>,
  count: { readonly objects: number; readonly files: number },
  sha256: string,
): void {
  if (end['objects'] === count.objects && end['files'] === count.files && end['sha256'] === sha256) return;
  throw new BackupError(`${file} is damaged: its checksum is wrong`);
}

/** @throws BackupError when the name leads elsewhere */
function writeKeyFile(file: string, directory: string, name: string, text: string): void {
  if (name !== `pki/${basename(name)}` || basename(name).startsWith('.')) {
    throw new BackupError(`${file} is damaged: it holds a file named ${JSON.stringify(name)}`);
  }
  const target = join(directory, name);
  writeFileSync(target, text, { mode: 0o600, flag: 'wx', flush: true });
}

/** @returns whether there was anything to move aside */
function exchange(dataDirectory: string, next: string, aside: string): boolean {
  let moved = false;
  for (const name of ['pki', 'store']) {
    const present = join(dataDirectory, name);
    if (existsSync(present)) {
      mkdirSync(aside, { recursive: true, mode: 0o700 });
      renameSync(present, join(aside, name));
      moved = true;
    }
    syncFolder(join(next, name));
    renameSync(join(next, name), present);
  }
  return moved;
}

function syncFolder(directory: string): void {
  const folder = openSync(directory, 'r');
  fsyncSync(folder);
  closeSync(folder);
}
