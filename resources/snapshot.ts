import { ColdObjects } from '@causeway/apis/meta/cold-objects';
import {
  type KubernetesObject,
  keyOf,
  type ObjectKey,
  objectKeyText,
  parseObjectKey,
} from '@causeway/apis/meta/object';
import { INDEXES, type IndexName } from './indexes.ts';
import { FACT_NAMES, type FactMap, type FactName } from './kinds.ts';
import { sameMeaning } from './meaning.ts';
import { SmallSet } from './small-set.ts';
import type { View } from './view.ts';

/**
 * One consistent picture of what users asked for, and the record of who read
 * what of it.
 *
 * A reader is any text, by convention `<queue>/<key>`. {@link Snapshot.view}
 * starts a new recording for it; when something it read changes in meaning
 * (meaning.ts), its recording is dropped and the stale listeners are called
 * once. It stays silent until it reads again.
 *
 * A change costs its index values plus its readers, whatever the snapshot's size. Objects that were not changed for
 * a while are held as compressed text, so do not rely on getting the same object twice.
 */
export class Snapshot {
  readonly #tables = new Map<FactName, Table>(FACT_NAMES.map((kind) => [kind, new Table(kind)]));
  /** By reader, what it read. */
  readonly #reads = new Map<string, Read[]>();
  /** By text of the read; only reads that somebody made. The inverse of `#reads`. */
  readonly #readers = new Map<string, Read>();
  readonly #staleListeners: ((reader: string) => void)[] = [];
  readonly #changeListeners = new Map<FactName, ((key: ObjectKey) => void)[]>();

  /** Reads what is there now without becoming a reader: nothing goes stale because of it. */
  readonly present: View = {
    get: <K extends FactName>(kind: K, key: ObjectKey) =>
      this.#table(kind).objects.get(objectKeyText(key)) as FactMap[K] | undefined,
    by: <K extends FactName>(kind: K, index: IndexName<K>, value: string) =>
      this.#table(kind).by(index, value) as readonly FactMap[K][],
    has: (kind, index, value) => this.#table(kind).has(index, value),
    all: <K extends FactName>(kind: K) => this.#table(kind).all() as readonly FactMap[K][],
  };

  /** Adds or replaces an object. */
  put<K extends FactName>(kind: K, object: FactMap[K]): void {
    this.#change(kind, objectKeyText(keyOf(object)), object);
  }

  /** Removes an object; absent is fine. */
  remove(kind: FactName, key: ObjectKey): void {
    this.#change(kind, objectKeyText(key), undefined);
  }

  /** Makes `objects` the complete content of a kind, as after a relist. */
  replace<K extends FactName>(kind: K, objects: readonly FactMap[K][]): void {
    const kept = new Set<string>();
    const table = this.#table(kind);
    table.loading = true;
    for (const object of objects) {
      kept.add(objectKeyText(keyOf(object)));
      this.put(kind, object);
    }
    table.loading = false;
    for (const key of [...table.objects.keys()]) {
      if (!kept.has(key)) this.#change(kind, key, undefined);
    }
  }

  /** Starts a new recording for `reader`; what an earlier view of it read is forgotten. */
  view(reader: string): View {
    this.forget(reader);
    let reads: Read[] = [];
    this.#reads.set(reader, reads);
    const record = (text: string): void => {
      // A view that outlived its recording still reads, but nobody is told of changes.
      if (this.#reads.get(reader) !== reads) return;
      let read = this.#readers.get(text);
      if (read === undefined) {
        read = { text, readers: new SmallSet() };
        this.#readers.set(text, read);
      }
      if (!read.readers.add(reader)) return;
      if (reads.length >= FEW_READS) {
        reads.push(read);
        return;
      }
      reads = reads.concat(read);
      this.#reads.set(reader, reads);
    };
    const { present } = this;
    return {
      get: (kind, key) => {
        record(objectRead(kind, objectKeyText(key)));
        return present.get(kind, key);
      },
      by: (kind, index, value) => {
        record(indexRead(kind, index, value));
        return present.by(kind, index, value);
      },
      has: (kind, index, value) => {
        record(presenceRead(kind, index, value));
        return present.has(kind, index, value);
      },
      all: (kind) => {
        record(kindRead(kind));
        return present.all(kind);
      },
    };
  }

  /** Ends the recording of a reader that is gone. */
  forget(reader: string): void {
    const reads = this.#reads.get(reader);
    if (reads === undefined) return;
    this.#reads.delete(reader);
    for (const read of reads) {
      read.readers.delete(reader);
      if (read.readers.isEmpty) this.#readers.delete(read.text);
    }
  }

  /** Calls `listener` for a reader when something it read changed in meaning. */
  onStale(listener: (reader: string) => void): void {
    this.#staleListeners.push(listener);
  }

  /** Calls `listener` for every addition, change in meaning and removal of a kind. */
  onChange(kind: FactName, listener: (key: ObjectKey) => void): void {
    const listeners = this.#changeListeners.get(kind);
    if (listeners === undefined) this.#changeListeners.set(kind, [listener]);
    else listeners.push(listener);
  }

  /** Whether there is such an object; records nothing. */
  has(kind: FactName, key: ObjectKey): boolean {
    return this.#table(kind).objects.has(objectKeyText(key));
  }

  /** Whether there is no object of a kind; records nothing. */
  isEmpty(kind: FactName): boolean {
    return this.#table(kind).objects.size === 0;
  }

  /** The values under which an index has objects; records nothing. */
  values<K extends FactName>(kind: K, index: IndexName<K>): readonly string[] {
    return this.#table(kind).values(index);
  }

  /** The keys of a kind's objects; records nothing. */
  keys(kind: FactName): readonly ObjectKey[] {
    return [...this.#table(kind).objects.keys()].map(parseObjectKey);
  }

  #table(kind: FactName): Table {
    const table = this.#tables.get(kind);
    if (table === undefined) throw new TypeError(`unknown kind ${kind}`);
    return table;
  }

  #change(kind: FactName, key: string, object: FactMap[FactName] | undefined): void {
    const table = this.#table(kind);
    const before = table.objects.get(key);
    if (before === undefined && object === undefined) return;
    if (before !== undefined && object !== undefined && sameMeaning(kind, before, object)) {
      table.refresh(key, object);
      return;
    }
    const changed = [objectRead(kind, key), kindRead(kind), ...table.set(key, before, object)];
    const stale = new Set<string>();
    for (const read of changed) {
      for (const reader of this.#readers.get(read)?.readers ?? []) stale.add(reader);
    }
    for (const reader of stale) this.forget(reader);
    for (const reader of stale) {
      for (const listener of this.#staleListeners) listener(reader);
    }
    for (const listener of this.#changeListeners.get(kind) ?? []) listener(parseObjectKey(key));
  }
}

/** As many reads as most readers have are held in a list of that length: one that was pushed to has room for 17. */
const FEW_READS = 8;

/** One thing that can be read, with who read it. One object for all its readers, so that 10,000 of them cost pointers. */
interface Read {
  readonly text: string;
  readonly readers: SmallSet;
}

/** A stored object may not have the shape of its schema (a version wrote it that asked less): then no index finds it. */
function readableValues(
  valuesOf: (object: KubernetesObject) => readonly string[],
  object: KubernetesObject,
): readonly string[] {
  try {
    return valuesOf(object);
  } catch (error) {
    if (error instanceof TypeError) return [];
    throw error;
  }
}

/** The objects of one kind with their indexes. */
class Table {
  readonly objects = new ColdObjects<KubernetesObject>();
  /** Many objects come at once. */
  loading = false;
  readonly #kind: FactName;
  readonly #indexes: ReadonlyMap<string, (object: KubernetesObject) => readonly string[]>;
  /** By index and value, the keys of the objects. */
  readonly #entries = new Map<string, Map<string, SmallSet>>();
  /** Only of kinds with few objects: it would hold all of them as a whole. */
  #sorted: readonly KubernetesObject[] | undefined;

  constructor(kind: FactName) {
    this.#kind = kind;
    this.#indexes = new Map(Object.entries(INDEXES[kind] as object));
    for (const index of this.#indexes.keys()) this.#entries.set(index, new Map());
  }

  by(index: string, value: string): readonly KubernetesObject[] {
    const found: KubernetesObject[] = [];
    for (const key of this.#entries.get(index)?.get(value) ?? []) {
      const object = this.objects.get(key);
      if (object !== undefined) found.push(object);
    }
    return found.sort(compareKeys);
  }

  has(index: string, value: string): boolean {
    return this.#entries.get(index)?.has(value) ?? false;
  }

  values(index: string): readonly string[] {
    return [...(this.#entries.get(index)?.keys() ?? [])];
  }

  all(): readonly KubernetesObject[] {
    const sorted = this.#sorted ?? [...this.objects.values()].sort(compareKeys);
    this.#sorted = this.objects.hasCold ? undefined : sorted;
    return sorted;
  }

  /** Replaces an object by one of equal meaning (and so of equal index values). */
  refresh(key: string, object: KubernetesObject): void {
    this.objects.set(key, object, this.loading);
    this.#sorted = undefined;
  }

  /** Replaces, adds or (undefined) removes an object; returns the index reads that changed. */
  set(key: string, before: KubernetesObject | undefined, object: KubernetesObject | undefined): readonly string[] {
    const changed: string[] = [];
    for (const [index, valuesOf] of this.#indexes) {
      const entries = this.#entries.get(index) ?? new Map<string, SmallSet>();
      const old = new Set(before === undefined ? [] : readableValues(valuesOf, before));
      const now = new Set(object === undefined ? [] : readableValues(valuesOf, object));
      for (const value of old) {
        changed.push(indexRead(this.#kind, index, value));
        if (now.has(value)) continue;
        const keys = entries.get(value);
        keys?.delete(key);
        if (keys?.isEmpty === true) {
          entries.delete(value);
          changed.push(presenceRead(this.#kind, index, value));
        }
      }
      for (const value of now) {
        if (old.has(value)) continue;
        changed.push(indexRead(this.#kind, index, value));
        let keys = entries.get(value);
        if (keys === undefined) {
          keys = new SmallSet();
          entries.set(value, keys);
          changed.push(presenceRead(this.#kind, index, value));
        }
        keys.add(key);
      }
    }
    if (object === undefined) this.objects.delete(key);
    else this.objects.set(key, object, this.loading);
    this.#sorted = undefined;
    return changed;
  }
}

const objectRead = (kind: string, key: string): string => `o ${kind} ${key}`;
const kindRead = (kind: string): string => `k ${kind}`;
const indexRead = (kind: string, index: string, value: string): string => `i ${kind} ${index} ${value}`;
const presenceRead = (kind: string, index: string, value: string): string => `p ${kind} ${index} ${value}`;

function compareKeys(a: KubernetesObject, b: KubernetesObject): number {
  return compare(a.metadata.namespace ?? '', b.metadata.namespace ?? '') || compare(a.metadata.name, b.metadata.name);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
