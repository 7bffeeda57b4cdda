import type { Entry } from './entry.ts';
import { type Change, History } from './history.ts';
import { SortedEntries } from './sorted-entries.ts';
import { WarmEntries } from './warm-entries.ts';

interface Pending {
  readonly revision: number;
  readonly entry: Entry | undefined;
}

/**
 * All objects of one resource. There are two states: what is committed, which readers and watchers see, and the head, which
 * includes writes that are on their way to the disk and is what the next write must build on.
 */
export class Collection {
  /** Group; `core` stands for the core group. */
  readonly group: string;
  readonly plural: string;
  readonly history: History;
  readonly #committed = new SortedEntries();
  readonly #warm = new WarmEntries();
  readonly #pending = new Map<string, Pending>();
  readonly #listeners = new Set<(change: Change) => void>();

  constructor(group: string, plural: string, revision: number) {
    this.group = group;
    this.plural = plural;
    this.history = new History(revision);
  }

  get size(): number {
    return this.#committed.size;
  }

  get(key: string): Entry | undefined {
    return this.#committed.get(key);
  }

  /** The entries of `namespace` (`''`: of all), sorted by key: the same array until one changes. */
  range(namespace: string): readonly Entry[] {
    return this.#committed.range(namespace);
  }

  /** Like {@link range}, as it was at `revision`; undefined when that is longer ago than the history reaches. */
  rangeAt(namespace: string, revision: number): readonly Entry[] | undefined {
    const undo = this.history.since(revision);
    if (undo === undefined) return undefined;
    const entries = this.#committed.range(namespace);
    if (undo.length === 0) return entries;
    const byKey = new Map(entries.map((entry) => [entry.key, entry]));
    for (const change of undo.toReversed()) {
      if (namespace !== '' && change.entry.namespace !== namespace) continue;
      if (change.before === undefined) byKey.delete(change.entry.key);
      else byKey.set(change.entry.key, change.before);
    }
    return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** The newest state of an object, committed or not: what a write is checked against. */
  head(key: string): Entry | undefined {
    const pending = this.#pending.get(key);
    return pending === undefined ? this.#committed.get(key) : pending.entry;
  }

  /** Like {@link range}, with the writes that are not yet committed. */
  headRange(namespace: string): readonly Entry[] {
    const entries = this.#committed.range(namespace);
    if (this.#pending.size === 0) return entries;
    const byKey = new Map(entries.map((entry) => [entry.key, entry]));
    for (const [key, { entry }] of this.#pending) {
      if (namespace !== '' && !key.startsWith(`${namespace}/`)) continue;
      if (entry === undefined) byKey.delete(key);
      else byKey.set(key, entry);
    }
    return [...byKey.values()];
  }

  /** Calls `listener` for every committed change, in order, until the returned function is called. */
  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** For the store only: an object read from disk at start. */
  load(entry: Entry): void {
    this.#committed.set(entry);
    this.#warm.add(entry, true);
  }

  /** For the store only: a write begins. `entry` is undefined for a deletion. */
  stage(key: string, revision: number, entry: Entry | undefined): void {
    this.#pending.set(key, { revision, entry });
  }

  /** For the store only: the oldest write of this key is on disk. `entry` is undefined for a deletion. */
  publish(change: Change, entry: Entry | undefined): void {
    const key = change.entry.key;
    if (change.before !== undefined) this.#warm.retire(change.before);
    if (entry === undefined) {
      this.#committed.delete(key);
      this.#warm.retire(change.entry);
    } else {
      this.#committed.set(entry);
      this.#warm.add(entry);
    }
    // A later write of the same object may be pending already.
    if (this.#pending.get(key)?.revision === change.revision) this.#pending.delete(key);
    this.history.append(change);
    for (const listener of this.#listeners) listener(change);
  }

  /** For the store only: no pending write will ever be committed. */
  unstage(): void {
    this.#pending.clear();
  }
}
