import { type ObjectKey, objectKeyText, parseObjectKey } from '@causeway/apis/meta/object';
import type { Reconcile } from '@causeway/reconcile/reconcile';
import { type QueueStats, WorkQueue } from '@causeway/reconcile/work-queue';
import type { KindName } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import { isOutdated } from '@causeway/targets/objects/outdated';
import type { Logger } from 'pino';

export interface QueueOptions {
  /** Keys in progress at once: 1 for pure work, more where a key waits for the API. */
  readonly concurrency?: number | (() => number);
}

/**
 * The work queues of one process, by name. A reader of the snapshot is called
 * `<queue>/<key>`, so a reader that went stale names the key to run again.
 */
export class Queues {
  readonly #queues = new Map<string, WorkQueue>();
  readonly #idleListeners = new Set<() => void>();
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  define(name: string, reconcile: Reconcile<string>, options: QueueOptions = {}): void {
    const queue = new WorkQueue({ name, reconcile: againWhenOutdated(reconcile), log: this.#log, ...options });
    queue.onIdle(() => {
      if (!this.idle) return;
      for (const listener of this.#idleListeners) listener();
    });
    this.#queues.set(name, queue);
  }

  add(name: string, key: string): void {
    this.#queues.get(name)?.add(key);
  }

  addAfter(name: string, key: string, ms: number): void {
    this.#queues.get(name)?.addAfter(key, ms);
  }

  /** Adds every object of a kind that there is, and from then on each that comes, changes or goes. */
  follow(snapshot: Snapshot, kind: KindName, names: readonly string[]): void {
    const addToAll = (key: ObjectKey) => {
      for (const name of names) this.add(name, objectKeyText(key));
    };
    snapshot.onChange(kind, addToAll);
    for (const key of snapshot.keys(kind)) addToAll(key);
  }

  /** Readers of queues that this process does not have are not ours to run. */
  addReader(reader: string): void {
    const slash = reader.indexOf('/');
    this.add(reader.slice(0, slash), reader.slice(slash + 1));
  }

  /** Keys of a queue that are queued or running. */
  pending(name: string): number {
    return this.#queues.get(name)?.pending ?? 0;
  }

  /** Nothing is queued or running anywhere; keys that wait after a failure do not count. */
  get idle(): boolean {
    for (const queue of this.#queues.values()) {
      if (queue.pending > 0) return false;
    }
    return true;
  }

  stats(): readonly QueueStats[] {
    return [...this.#queues.values()].map((queue) => queue.stats);
  }

  /** Calls `listener` each time the last queue runs dry. */
  onIdle(listener: () => void): () => void {
    this.#idleListeners.add(listener);
    return () => this.#idleListeners.delete(listener);
  }

  /** Calls `listener` once: now if nothing is queued, else when the last queue runs dry. */
  whenIdle(listener: () => void): void {
    if (this.idle) {
      listener();
      return;
    }
    const cancel = this.onIdle(() => {
      cancel();
      listener();
    });
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.stop()));
  }
}

/** A watch event is usually there after this long. */
const CATCH_UP_MS = 20;
/** Conflicts in a row that are taken for a snapshot that lags behind; more are a failure, to be told and backed off from. */
const PATIENCE = 5;

/** Writes that meet a newer state than ours are everyday life among several writers, and nothing to warn about. */
function againWhenOutdated(reconcile: Reconcile<string>): Reconcile<string> {
  const conflicts = new Map<string, number>();
  return async (key, signal) => {
    try {
      const result = await reconcile(key, signal);
      conflicts.delete(key);
      return result;
    } catch (error) {
      const count = (conflicts.get(key) ?? 0) + 1;
      if (!isOutdated(error) || count > PATIENCE) {
        conflicts.delete(key);
        throw error;
      }
      conflicts.set(key, count);
      return { requeueAfterMs: CATCH_UP_MS };
    }
  };
}

/** For queues whose keys name an object, as `namespace/name`. */
export function byObjectKey(reconcile: Reconcile<ObjectKey>): Reconcile<string> {
  return (key, signal) => reconcile(parseObjectKey(key), signal);
}
