import { constants } from 'node:os';
import { type ApiObject, parseStored } from '../object.ts';
import { Collection } from './collection.ts';
import { Database } from './database.ts';
import { Entry, entryKey, serialize } from './entry.ts';
import type { Change } from './history.ts';
import { StorageError, StoreDamagedError } from './store-error.ts';

interface Write {
  readonly collection: Collection;
  readonly change: Omit<Change, 'time'>;
  /** undefined: a deletion */
  readonly entry: Entry | undefined;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** How long resumed watches and continued lists can reach back, as etcd's compaction in a default cluster. */
const HISTORY_MS = 5 * 60_000;

/**
 * All objects of the API: durable on disk, served from memory, one revision counter for all of them.
 *
 * A write is decided in one turn of the event loop: the caller reads the head, computes, and calls {@link put} or
 * {@link remove}, all synchronously. So a check (resourceVersion, absence, uniqueness) holds without locks or retries, and
 * writes of one turn share an fsync. Readers see a write when it is on disk, never before, and in order of revision.
 */
export class Store {
  readonly #database: Database;
  readonly #collections = new Map<string, Collection>();
  readonly #listeners = new Set<(collection: Collection, change: Change) => void>();
  readonly #trimmer: NodeJS.Timeout;
  readonly #startRevision: number;
  /** Given to the newest write. */
  #headRevision: number;
  /** Of the newest committed write. */
  #revision: number;
  #queue: Write[] = [];
  #committing: Promise<void> | undefined;
  #closed = false;

  constructor(directory: string) {
    this.#database = new Database(directory);
    // Revision 1 at least: clients give 0 a meaning of its own.
    const revision = Math.max(1, this.#database.revision);
    this.#headRevision = revision;
    this.#revision = revision;
    this.#startRevision = revision;
    for (const { key, text } of this.#database.objects()) {
      const [, group = '', plural = ''] = key.split('/', 3);
      this.collection(group, plural).load(entryOf(directory, key, text));
    }
    this.#trimmer = setInterval(() => this.#trim(), HISTORY_MS / 5).unref();
  }

  /** The revision that readers see now. */
  get revision(): number {
    return this.#revision;
  }

  /** The objects of a resource; empty when nothing was stored yet. `group` is `core` for the core group. */
  collection(group: string, plural: string): Collection {
    const id = `${group}/${plural}`;
    const known = this.#collections.get(id);
    if (known !== undefined) return known;
    const collection = new Collection(group, plural, this.#startRevision);
    this.#collections.set(id, collection);
    return collection;
  }

  collections(): Iterable<Collection> {
    return this.#collections.values();
  }

  /** Calls `listener` for every committed change of every resource, in order of revision. */
  subscribe(listener: (collection: Collection, change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Creates or replaces an object and gives it the next resourceVersion (`object` itself is changed). The caller has
   * compared with the head.
   *
   * @returns the entry, when it is on disk
   * @throws StorageError
   */
  async put(collection: Collection, object: ApiObject): Promise<Entry> {
    const revision = ++this.#headRevision;
    object.metadata.resourceVersion = String(revision);
    const entry = new Entry(object, serialize(object));
    const before = collection.head(entry.key);
    const type = before === undefined ? 'ADDED' : 'MODIFIED';
    await this.#enqueue(collection, { type, revision, entry, before }, entry);
    return entry;
  }

  /**
   * Removes an object that the caller found in the head.
   *
   * @param object its last state, which watchers are told
   * @throws StorageError
   */
  async remove(collection: Collection, object: ApiObject): Promise<Entry> {
    const { namespace = '', name } = object.metadata;
    const before = collection.head(entryKey(namespace, name));
    const revision = ++this.#headRevision;
    object.metadata.resourceVersion = String(revision);
    const entry = new Entry(object, serialize(object));
    await this.#enqueue(collection, { type: 'DELETED', revision, entry, before }, undefined);
    return entry;
  }

  /** Waits for the writes under way and closes the file. Later writes are refused. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#trimmer);
    await this.#committing;
    await this.#database.close();
  }

  #enqueue(collection: Collection, change: Omit<Change, 'time'>, entry: Entry | undefined): Promise<void> {
    if (this.#closed) return Promise.reject(new StorageError('the store is closed'));
    collection.stage(change.entry.key, change.revision, entry);
    return new Promise((resolve, reject) => {
      this.#queue.push({ collection, change, entry, resolve, reject });
      this.#committing ??= this.#commitAll();
    });
  }

  async #commitAll(): Promise<void> {
    // Everything that this turn of the event loop still brings joins the first batch.
    await new Promise(setImmediate);
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      try {
        await this.#database.commit(batch.map(operationOf), batch.at(-1)?.change.revision ?? this.#revision);
      } catch (error) {
        this.#fail(batch, error);
        continue;
      }
      this.#publish(batch);
    }
    this.#committing = undefined;
  }

  #publish(batch: readonly Write[]): void {
    const time = Date.now();
    for (const { collection, change, entry } of batch) {
      this.#revision = change.revision;
      const { type, revision, entry: written, before } = change;
      // Not spread: V8 would give each of them a hidden class of its own, larger than the change.
      const committed = { type, revision, entry: written, before, time };
      collection.publish(committed, entry);
      for (const listener of this.#listeners) listener(collection, committed);
    }
    for (const write of batch) write.resolve();
  }

  /** What waits behind a failed batch was computed from it, so it fails too; the head becomes what is committed. */
  #fail(batch: readonly Write[], cause: unknown): void {
    const failed = [...batch, ...this.#queue];
    this.#queue = [];
    for (const collection of this.#collections.values()) collection.unstage();
    const error = new StorageError(`the change could not be stored: ${reasonOf(cause)}`, { cause });
    for (const write of failed) write.reject(error);
  }

  #trim(): void {
    const time = Date.now() - HISTORY_MS;
    for (const collection of this.#collections.values()) collection.history.forgetBefore(time);
    this.#database.forgetDeadReaders();
  }
}

function reasonOf(cause: unknown): string {
  if ((cause as { readonly code?: unknown } | null)?.code === constants.errno.ENOSPC) {
    return 'no space is left on the disk of the API server';
  }
  return cause instanceof Error ? cause.message : String(cause);
}

/** @throws StoreDamagedError */
function entryOf(directory: string, key: string, text: string): Entry {
  try {
    return new Entry(parseStored(text), text);
  } catch (error) {
    throw new StoreDamagedError(directory, `${key} is not an object`, { cause: error });
  }
}

function operationOf({ collection, change, entry }: Write): {
  readonly key: string;
  readonly text: string | undefined;
} {
  return { key: `/${collection.group}/${collection.plural}/${change.entry.key}`, text: entry?.json };
}
