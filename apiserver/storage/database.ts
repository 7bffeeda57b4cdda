import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { open, type RootDatabase, type Transaction } from 'lmdb';
import { dictionaryOf } from './dictionary.ts';
import { StoreDamagedError, StoreVersionError } from './store-error.ts';
import { storedValue, textOfValue } from './stored-value.ts';

/** One durable change: `text` undefined removes the key. */
export interface Operation {
  readonly key: string;
  readonly text: string | undefined;
}

export interface StoredText {
  readonly key: string;
  readonly text: string;
}

export interface Snapshot {
  readonly revision: number;
  /** Once. */
  objects(): Iterable<StoredText>;
  /** Has to be called, so that what was read may be overwritten. */
  done(): void;
}

/** Below, there is little to gain. */
const COMPRESSED_FROM_BYTES = 256;
/** A failed commit tells why within the same turn. */
const CAUSE_MS = 1_000;
const REVISION_KEY = '!revision';
/**
 * How the values are written: absent: JSON text, compressed or not; 2: with a checksum. A store of an earlier version is
 * brought forward when it is opened, in one transaction; one of a later version is refused.
 */
const VERSION_KEY = '!version';
export const STORE_VERSION = 2;

/**
 * The file under the store: LMDB with one value per object, `/<group>/<plural>/<namespace>/<name>` -> checksum and JSON text, and the
 * revision of the last commit. Values are compressed (LZ4), which keeps small what the kernel maps into our memory.
 *
 * `overlappingSync: false` makes a batch resolve only after fdatasync. lmdb's own batches (`eventTurnBatching`) have a promise that
 * nobody can reach, and that ends the process when the disk is full.
 */
export class Database {
  readonly #directory: string;
  readonly #db: RootDatabase<string, string>;
  readonly #hasChecksums: boolean;

  /**
   * @param access `read`: beside the server that writes, to see one moment of it
   * @throws StoreDamagedError, StoreVersionError
   */
  constructor(directory: string, access: 'write' | 'read' = 'write') {
    this.#directory = directory;
    if (access === 'write') mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.#db = this.#open(access === 'read');
    this.#checkSize();
    const version = this.#read(VERSION_KEY);
    if (version !== undefined && version !== String(STORE_VERSION)) {
      throw new StoreVersionError(directory, version, STORE_VERSION);
    }
    if (version === undefined && access === 'write') this.#addChecksums();
    this.#hasChecksums = version !== undefined || access === 'write';
  }

  /** The revision of the last commit; 0 for a new file. */
  get revision(): number {
    const text = this.#read(REVISION_KEY) ?? '0';
    if (!/^\d{1,16}$/.test(text)) throw this.#damaged('its revision is not a number');
    return Number(text);
  }

  /** Every object, in the order of the keys. For the process that writes. @throws StoreDamagedError */
  *objects(): Iterable<StoredText> {
    const { entryCount } = statisticsOf(this.#db);
    let found = 0;
    for (const { key, value } of this.#range()) {
      found += 1;
      if (key.startsWith('/')) yield { key, text: this.#checked(key, value) };
    }
    if (found !== entryCount) throw this.#damaged(`${entryCount} entries were written, and ${found} are there`);
  }

  /** Everything as it is at this moment, whoever writes meanwhile. @throws StoreDamagedError */
  snapshot(): Snapshot {
    const transaction = this.#db.useReadTransaction();
    const values = this.#range(transaction);
    const check = (key: string, value: string): string => this.#checked(key, value);
    return {
      revision: Number(this.#db.get(REVISION_KEY, { transaction }) ?? '0'),
      *objects() {
        for (const { key, value } of values) if (key.startsWith('/')) yield { key, text: check(key, value) };
      },
      done: () => transaction.done(),
    };
  }

  /**
   * Resolves when everything is on disk: all or nothing, also through kill -9 and power loss.
   *
   * @throws Error with the `code` of the system's error, as ENOSPC; nothing is written then
   */
  async commit(operations: readonly Operation[], revision: number): Promise<void> {
    try {
      await this.#db.batch(() => {
        for (const { key, text } of operations) {
          if (text === undefined) void this.#db.remove(key);
          else void this.#db.put(key, storedValue(key, text));
        }
        void this.#db.put(REVISION_KEY, String(revision));
      });
    } catch (error) {
      throw await causeOf(error);
    }
  }

  /** Processes that read the file and were killed would keep what they read from being overwritten. */
  forgetDeadReaders(): void {
    this.#db.readerCheck();
  }

  async close(): Promise<void> {
    await this.#db.close();
  }

  #open(readOnly: boolean): RootDatabase<string, string> {
    try {
      return open<string, string>({
        path: this.#directory,
        encoding: 'string',
        overlappingSync: false,
        eventTurnBatching: false,
        readOnly,
        compression: { threshold: COMPRESSED_FROM_BYTES, dictionary: dictionaryOf(this.#directory) },
      });
    } catch (error) {
      if (!isDamage(error)) throw error;
      throw this.#damaged(error.message, error);
    }
  }

  /** A file that is cut off would end the process as soon as a page beyond its end is read. */
  #checkSize(): void {
    const { lastPageNumber, pageSize } = statisticsOf(this.#db);
    const expected = (lastPageNumber + 1) * pageSize;
    const { size } = statSync(join(this.#directory, 'data.mdb'));
    if (size < expected) throw this.#damaged(`its file has ${size} bytes of ${expected}`);
  }

  #read(key: string): string | undefined {
    try {
      return this.#db.get(key);
    } catch (error) {
      throw this.#damaged(error instanceof Error ? error.message : String(error), error);
    }
  }

  /** A store of version 1, which is only read, has no checksums. */
  #checked(key: string, value: string): string {
    if (!this.#hasChecksums) return value;
    const text = textOfValue(key, value);
    if (text === undefined) throw this.#damaged(`the checksum of ${key} is wrong`);
    return text;
  }

  *#range(transaction?: Transaction): Iterable<{ readonly key: string; readonly value: string }> {
    try {
      // In a damaged file a key may be anything.
      for (const { key, value } of this.#db.getRange(transaction === undefined ? {} : { transaction })) {
        yield { key: String(key), value };
      }
    } catch (error) {
      if (error instanceof StoreDamagedError) throw error;
      throw this.#damaged(error instanceof Error ? error.message : String(error), error);
    }
  }

  /** From version 1 to 2. A new file has nothing but its version. */
  #addChecksums(): void {
    const keys = [...this.#db.getKeys({ start: '/' })];
    this.#db.transactionSync(() => {
      for (const key of keys) void this.#db.put(key, storedValue(key, this.#db.get(key) ?? ''));
      void this.#db.put(VERSION_KEY, String(STORE_VERSION));
    });
  }

  #damaged(what: string, cause?: unknown): StoreDamagedError {
    return new StoreDamagedError(this.#directory, what, cause === undefined ? {} : { cause });
  }
}

/** lmdb tells what went wrong in a promise of its own, which ends the process when nobody looks at it. */
async function causeOf(error: unknown): Promise<unknown> {
  const { commitError } = Object(error) as { readonly commitError?: unknown };
  if (!(commitError instanceof Promise)) return error;
  const told = commitError.then(
    () => error,
    (cause: unknown) => cause,
  );
  return await Promise.race([told, sleep(CAUSE_MS, error, { ref: false })]);
}

interface Statistics {
  readonly entryCount: number;
  readonly lastPageNumber: number;
  readonly pageSize: number;
}

/** What lmdb.h calls MDB_stat and MDB_envinfo. */
function statisticsOf(db: RootDatabase<string, string>): Statistics {
  return db.getStats() as Statistics;
}

/** Source: lmdb.h, MDB_CORRUPTED, MDB_PANIC, MDB_VERSION_MISMATCH, MDB_INVALID. */
function isDamage(error: unknown): error is Error {
  return (
    error instanceof Error &&
    /MDB_(?:CORRUPTED|PAGE_NOTFOUND|PANIC|VERSION_MISMATCH|INVALID)|not an LMDB/i.test(error.message)
  );
}
