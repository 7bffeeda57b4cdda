import { apiVersionOf } from '@causeway/apis/meta/kind';
import type { Core, Log } from '../core.ts';
import type { JsonObject } from '../schema/json.ts';
import { badRequest, expired, StatusError } from '../status-error.ts';
import { Entry, objectOf, serialize } from '../storage/entry.ts';
import type { Change } from '../storage/history.ts';
import type { Store } from '../storage/store.ts';
import { type EntrySelector, type SelectorOptions, selectorOf } from './entry-selector.ts';
import { parseRevision } from './list.ts';
import { isPresented, presentedAll } from './presented.ts';
import { Slice } from './slice.ts';
import type { Target } from './target.ts';

export interface WatchOptions extends SelectorOptions {
  readonly resourceVersion: string | undefined;
  readonly allowBookmarks: boolean;
  /** Whether what is there comes first; undefined: when there is no version to begin after. */
  readonly sendInitialEvents: boolean | undefined;
  /** undefined: the server chooses */
  readonly timeoutSeconds: number | undefined;
  /** Who asks; see Slice. */
  readonly user?: string;
}

/** Where the events of a watch go. */
export interface WatchSink {
  /** Sends the object of one event, in the storage version. */
  event(type: 'ADDED' | 'MODIFIED' | 'DELETED', entry: Entry): void;
  bookmark(revision: number, initialEventsEnd: boolean): void;
  /** The last event: why there are no more. */
  error(error: StatusError): void;
  /** What was sent in this turn goes out now. */
  flush(): void;
  /** On which the client reads, maybe other watches too. */
  readonly connection: object;
  /** Too much waits to be sent: the client does not read. */
  readonly isOverfull: boolean;
  /** The initial objects wait here when the client is slow. */
  drained(): Promise<void>;
  end(): void;
}

export interface WatchParts {
  readonly core: Pick<Core, 'store' | 'log'>;
  readonly dispatcher: WatchDispatcher;
  readonly target: Target;
  readonly options: WatchOptions;
  readonly sink: WatchSink;
}

const BOOKMARK_MS = 60_000;
const DEFAULT_TIMEOUT_MIN_MS = 30 * 60_000;

/**
 * One watch: the initial objects where asked for, then every committed change that the selector lets through, in order.
 *
 * A change that makes an object match becomes ADDED, one that makes it match no longer becomes DELETED.
 */
export class Watch {
  readonly target: Target;
  readonly #store: Store;
  readonly #log: Log;
  readonly #selector: EntrySelector;
  readonly #options: WatchOptions;
  readonly #sink: WatchSink;
  readonly #dispatcher: WatchDispatcher;
  #waiting: Change[] = [];
  #initial: readonly Entry[] = [];
  #live = false;
  #converting = false;
  #ended = false;
  #unsubscribe: () => void = () => {};
  #bookmarks: NodeJS.Timeout | undefined;
  #timeout: NodeJS.Timeout | undefined;

  /** @throws StatusError 400, 410: before anything was sent */
  constructor({ core, dispatcher, target, options, sink }: WatchParts) {
    this.#store = core.store;
    this.#log = core.log;
    this.#dispatcher = dispatcher;
    this.target = target;
    this.#options = options;
    this.#sink = sink;
    this.#selector = selectorOf(target, options);
    this.#begin();
  }

  get connection(): object {
    return this.#sink.connection;
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#unsubscribe();
    this.#dispatcher.remove(this);
    clearInterval(this.#bookmarks);
    clearTimeout(this.#timeout);
    this.#waiting = [];
    this.#sink.end();
  }

  /** Sends what waits. For the dispatcher. */
  deliver(): void {
    if (this.#ended || !this.#live || this.#converting) return;
    const changes = this.#waiting;
    this.#waiting = [];
    if (changes.every((change) => this.#isPresented(change))) this.#sendAll(changes);
    else this.#convert(changes).catch((error: unknown) => this.#fail(error));
  }

  #isPresented({ entry, before }: Change): boolean {
    return isPresented(this.target, entry) && (before === undefined || isPresented(this.target, before));
  }

  /** What comes meanwhile waits. */
  async #convert(changes: readonly Change[]): Promise<void> {
    this.#converting = true;
    const entries = await presentedAll(
      this.target,
      changes.map(({ entry }) => entry),
    );
    const befores = await presentedAll(
      this.target,
      changes.flatMap(({ before }) => before ?? []),
    );
    this.#converting = false;
    if (this.#ended) return;
    let at = 0;
    const converted = changes.map((change, index) => ({
      ...change,
      entry: entries[index] ?? change.entry,
      before: change.before === undefined ? undefined : befores[at++],
    }));
    this.#sendAll(converted);
    if (this.#waiting.length > 0) this.deliver();
  }

  #sendAll(changes: readonly Change[]): void {
    try {
      for (const change of changes) this.#send(change);
      this.#sink.flush();
    } catch (error) {
      this.#fail(error);
    }
    if (this.#sink.isOverfull) this.end();
  }

  /** Snapshot and subscription happen in one turn, so nothing falls between them. */
  #begin(): void {
    const { collection } = this.target.resource;
    const { resourceVersion = '', sendInitialEvents } = this.#options;
    const fromNow = resourceVersion === '' || resourceVersion === '0';
    if (sendInitialEvents ?? fromNow) {
      this.#initial = collection.range(this.target.namespace);
    } else if (!fromNow) {
      const revision = parseRevision(resourceVersion);
      if (typeof revision === 'string') throw badRequest(revision);
      // A revision from the future comes from before the data directory was exchanged.
      const missed = revision > this.#store.revision ? undefined : collection.history.since(revision);
      if (missed === undefined) {
        throw expired(
          `too old resource version: ${revision} (${Math.min(collection.history.horizon, this.#store.revision)})`,
        );
      }
      this.#waiting = missed.filter((change) => this.#concerns(change));
    }
    const revision = this.#store.revision;
    this.#unsubscribe = collection.subscribe((change) => {
      if (!this.#concerns(change)) return;
      this.#waiting.push(change);
      if (this.#live) this.#dispatcher.add(this);
    });
    this.#dispatcher.watches.add(this);
    this.#run(revision).catch((error: unknown) => this.#fail(error));
  }

  async #run(revision: number): Promise<void> {
    const slice = new Slice(this.#options.user);
    const initial = await presentedAll(this.target, this.#initial);
    if (this.#ended) return;
    for (const entry of initial) {
      if (this.#matches(entry)) this.#sink.event('ADDED', entry);
      if (!slice.isOver) continue;
      this.#sink.flush();
      await Promise.all([slice.pause(), this.#sink.drained()]);
      if (this.#ended) return;
    }
    this.#initial = [];
    if (this.#options.sendInitialEvents === true && this.#options.allowBookmarks) this.#sink.bookmark(revision, true);
    this.#live = true;
    this.#startTimers();
    this.deliver();
  }

  /** The client is gone, or an object cannot be shown: this watch ends, the others go on. */
  #fail(error: unknown): void {
    this.#log.warn({ err: error, resource: this.target.resource.plural }, 'a watch failed');
    if (error instanceof StatusError && !this.#ended) {
      this.#sink.error(error);
      this.#sink.flush();
    }
    this.end();
  }

  #startTimers(): void {
    const { allowBookmarks, timeoutSeconds } = this.#options;
    if (allowBookmarks) this.#bookmarks = setInterval(() => this.#bookmark(), BOOKMARK_MS).unref();
    const timeoutMs =
      timeoutSeconds === undefined ? DEFAULT_TIMEOUT_MIN_MS * (1 + Math.random()) : timeoutSeconds * 1000;
    const expire = (): void => {
      if (allowBookmarks) this.#bookmark();
      this.end();
    };
    this.#timeout = setTimeout(expire, Math.min(timeoutMs, 2 ** 31 - 1)).unref();
  }

  /** Tells how far the client is: everything committed until now was sent. */
  #bookmark(): void {
    this.deliver();
    if (this.#ended || this.#converting) return;
    this.#sink.bookmark(this.#store.revision, false);
    this.#sink.flush();
  }

  #concerns({ entry }: Change): boolean {
    const { namespace, name } = this.target;
    return (namespace === '' || entry.namespace === namespace) && (name === '' || entry.name === name);
  }

  #matches(entry: Entry): boolean {
    const { name } = this.target;
    if (name !== '' && entry.name !== name) return false;
    return this.#selector.matches(entry);
  }

  #send({ type, entry, before }: Change): void {
    if (this.#selector.matchesAll) {
      this.#sink.event(type, entry);
      return;
    }
    const matched = before !== undefined && this.#matches(before);
    const matches = type !== 'DELETED' && this.#matches(entry);
    if (matches) this.#sink.event(matched ? 'MODIFIED' : 'ADDED', entry);
    else if (matched) this.#sink.event('DELETED', type === 'DELETED' ? entry : lastMatch(before, entry));
  }
}

/** An object that does not match any more, as it was when it did. */
function lastMatch(before: Entry, { revision }: Entry): Entry {
  const object = objectOf(before);
  object.metadata.resourceVersion = String(revision);
  return new Entry(object, serialize(object));
}

/**
 * Serves the watches that have something to send, in slices: a thousand watches must not hold up a write. Those of one connection
 * come one after the other, so that their events leave in few writes to its socket, each of which is encrypted and wakes the client.
 */
export class WatchDispatcher {
  /** All open watches. */
  readonly watches = new Set<Watch>();
  /** By connection, in the order of their turns. */
  readonly #ready = new Map<object, Set<Watch>>();
  #running = false;

  add(watch: Watch): void {
    const ready = this.#ready.get(watch.connection);
    if (ready === undefined) this.#ready.set(watch.connection, new Set([watch]));
    else ready.add(watch);
    if (this.#running) return;
    this.#running = true;
    void this.#run();
  }

  remove(watch: Watch): void {
    this.watches.delete(watch);
    this.#ready.get(watch.connection)?.delete(watch);
  }

  endAll(): void {
    for (const watch of this.watches) watch.end();
  }

  /** The kind is not served any more. */
  endOf(group: string, plural: string): void {
    for (const watch of this.watches) {
      const { resource } = watch.target;
      if (resource.group === group && resource.plural === plural) watch.end();
    }
  }

  async #run(): Promise<void> {
    // The whole batch of a commit first, so that each watch is served once.
    await Promise.resolve();
    const slice = new Slice();
    for (const [connection, watches] of this.#ready) {
      // What becomes ready meanwhile waits until the others have had their turn.
      this.#ready.delete(connection);
      for (const watch of watches) {
        watch.deliver();
        if (slice.isOver) await slice.pause();
      }
    }
    this.#running = false;
  }
}

/** The object of a BOOKMARK event. */
export function bookmarkObject({ version }: Target, revision: number, initialEventsEnd: boolean): JsonObject {
  return {
    kind: version.names.kind,
    apiVersion: apiVersionOf(version.names),
    metadata: {
      resourceVersion: String(revision),
      creationTimestamp: null,
      ...(initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
    },
  };
}
