import { mkdirSync } from 'node:fs';
import { open, type RootDatabase } from 'lmdb';
import { dictionaryOf } from './dictionary.ts';

/** One durable change: `text` undefined removes the key. */
export interface Operation {
  readonly key: string;
  readonly text: string | undefined;
}

/** Below, there is little to gain. */
const COMPRESSED_FROM_BYTES = 256;
const REVISION_KEY = '!revision';

/**
 * The file under the store: LMDB with one value per object, `/<group>/<plural>/<namespace>/<name>` -> JSON text, and the
 * revision of the last commit. Values are compressed (LZ4), which keeps small what the kernel maps into our memory.
 *
 * `overlappingSync: false` makes `put()` resolve only after fdatasync, and all puts of one event-loop turn are one
 * transaction: that is the group commit.
 */
export class Database {
  readonly #db: RootDatabase<string, string>;

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.#db = open<string, string>({
      path: directory,
      encoding: 'string',
      overlappingSync: false,
      eventTurnBatching: true,
      // Values from before this was here are read as they are: no JSON begins like a compressed one.
      compression: { threshold: COMPRESSED_FROM_BYTES, dictionary: dictionaryOf(directory) },
    });
  }

  /** The revision of the last commit; 0 for a new file. */
  get revision(): number {
    return Number(this.#db.get(REVISION_KEY) ?? '0');
  }

  /** Every object, in the order of the keys. */
  *objects(): Iterable<{ readonly key: string; readonly text: string }> {
    for (const { key, value } of this.#db.getRange({ start: '/' })) yield { key, text: value };
  }

  /** Resolves when everything is on disk: all or nothing, also through kill -9 and power loss. */
  async commit(operations: readonly Operation[], revision: number): Promise<void> {
    const writes: Promise<boolean>[] = [];
    for (const { key, text } of operations)
      writes.push(text === undefined ? this.#db.remove(key) : this.#db.put(key, text));
    writes.push(this.#db.put(REVISION_KEY, String(revision)));
    await Promise.all(writes);
  }

  async close(): Promise<void> {
    await this.#db.close();
  }
}
