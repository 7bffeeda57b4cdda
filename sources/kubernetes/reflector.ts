/**
 * Keeps one kind of the snapshot equal to the API server's: list, then watch
 * from the list's resource version, after client-go's Reflector.
 *
 * The watch is resumed from the last resource version seen (bookmarks keep it
 * young) when it ends or breaks; the server then sends exactly what was missed.
 * The kind is listed again, and the snapshot's content replaced, only when the
 * server's history does not reach back that far (410) or it refuses the watch
 * for another reason, e.g. because its storage was restored from a backup.
 *
 * Between failures the delay grows; it starts anew once a watch has shown life.
 */
import type { KindRef } from '@causeway/apis/meta/kind';
import { type KubernetesObject, keyOf, type ObjectKey } from '@causeway/apis/meta/object';
import { ApiError, isExpired } from '@causeway/protocols/kubernetes/api-error';
import type { KubernetesClient, WatchEvent } from '@causeway/protocols/kubernetes/client';
import { type Clock, sleep } from '@causeway/protocols/kubernetes/clock';
import { ConnectionError } from '@causeway/protocols/kubernetes/connection-error';
import type { Logger } from 'pino';
import { Backoff } from './backoff.ts';
import { isKept, isReadByMetadata, storedForm } from './stored-form.ts';

/** Where the objects go; one kind of the snapshot. */
export interface Sink {
  put(object: KubernetesObject): void;
  remove(key: ObjectKey): void;
  replace(objects: readonly KubernetesObject[]): void;
}

/** How often a kind that the server does not have is asked for again. */
const absentKindRetryMs = 3_000;
/** Objects of a kind that vanished from a server are kept this long: a server that is just starting may not know it yet. */
const vanishedKindGraceMs = 10_000;
/** A watch that ends sooner without an event counts as a failure. */
const shortWatchMs = 1_000;
const healthyWatchMs = 10_000;

export class Reflector {
  readonly #client: KubernetesClient;
  readonly #kind: KindRef;
  readonly #sink: Sink;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #backoff = new Backoff();

  /** Where the watch continues; undefined: list first. */
  #resourceVersion: string | undefined;
  #observed = '0';
  /** Since when the server answers 404 for the kind. */
  #absentSince: number | undefined;
  #wasListed = false;
  #lastFailure = '';
  #markSynced: () => void = () => {};
  readonly synced = new Promise<void>((resolve) => (this.#markSynced = resolve));

  constructor(options: { client: KubernetesClient; kind: KindRef; sink: Sink; log: Logger; clock: Clock }) {
    this.#client = options.client;
    this.#kind = options.kind;
    this.#sink = options.sink;
    this.#log = options.log.child({ kind: options.kind.kind });
    this.#clock = options.clock;
  }

  /** Resource version of the last list, event or bookmark; `'0'` before the first. */
  get observedResourceVersion(): string {
    return this.#observed;
  }

  /** Resolves after `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let delayMs: number;
      try {
        delayMs = await this.#step(signal);
      } catch (error) {
        if (signal.aborted) return;
        delayMs = this.#delayAfter(error);
      }
      if (delayMs > 0) await sleep(this.#clock, delayMs, signal);
    }
  }

  /** Lists or watches once; returns the delay before the next step. */
  async #step(signal: AbortSignal): Promise<number> {
    if (this.#resourceVersion === undefined) {
      const list = await this.#client.list(this.#kind, { metadataOnly: isReadByMetadata(this.#kind), signal });
      this.#onList(list.items, list.resourceVersion);
      return 0;
    }
    const startedAt = this.#clock.now();
    let events = 0;
    try {
      const metadataOnly = isReadByMetadata(this.#kind);
      const from = { resourceVersion: this.#resourceVersion, metadataOnly, signal };
      for await (const event of this.#client.watch(this.#kind, from)) {
        this.#onEvent(event);
        events += 1;
        if (events === 1) this.#onHealthy();
      }
    } finally {
      if (this.#clock.now() - startedAt >= healthyWatchMs) this.#onHealthy();
    }
    return events === 0 && this.#clock.now() - startedAt < shortWatchMs ? this.#backoff.next() : 0;
  }

  #onList(items: readonly KubernetesObject[], resourceVersion: string): void {
    this.#sink.replace(items.filter(isKept).map(storedForm));
    this.#advance(resourceVersion);
    if (this.#absentSince !== undefined) this.#log.info('the API server has this kind now');
    this.#absentSince = undefined;
    this.#wasListed = true;
    this.#markSynced();
  }

  #onEvent({ type, object }: WatchEvent): void {
    const { resourceVersion } = object.metadata;
    if (resourceVersion === undefined) {
      throw new ConnectionError('malformed answer', `a watch event of ${this.#kind.plural} without resource version`);
    }
    if (type === 'DELETED') this.#sink.remove(keyOf(object));
    else if (type !== 'BOOKMARK') {
      if (isKept(object)) this.#sink.put(storedForm(object));
      else this.#sink.remove(keyOf(object));
    }
    this.#advance(resourceVersion);
  }

  #advance(resourceVersion: string): void {
    this.#resourceVersion = resourceVersion;
    this.#observed = resourceVersion;
  }

  #onHealthy(): void {
    this.#backoff.reset();
    if (this.#lastFailure !== '') this.#log.info('reading again');
    this.#lastFailure = '';
  }

  #delayAfter(error: unknown): number {
    const listing = this.#resourceVersion === undefined;
    if (error instanceof ApiError) {
      if (listing && error.code === 404) return this.#onAbsent();
      // A server in trouble keeps its history; any other refusal of a watch is about where it should start.
      if (error.code !== 429 && error.code !== 500 && error.code !== 503) this.#resourceVersion = undefined;
      if (isExpired(error)) {
        this.#log.info('history is gone, listing again');
        return this.#backoff.next();
      }
    }
    const delayMs = this.#backoff.next();
    this.#logFailure(error, delayMs);
    return delayMs;
  }

  #onAbsent(): number {
    const now = this.#clock.now();
    if (this.#absentSince === undefined) {
      this.#absentSince = now;
      this.#log.info({ group: this.#kind.group }, 'the API server does not have this kind; it is asked for again');
    }
    if (!this.#wasListed || now - this.#absentSince >= vanishedKindGraceMs) {
      this.#wasListed = false;
      this.#sink.replace([]);
      this.#markSynced();
    }
    return absentKindRetryMs * (0.5 + 0.5 * Math.random());
  }

  /** Once per cause: a server that is down for an hour is one line, not a thousand. */
  #logFailure(error: unknown, retryAfterMs: number): void {
    const failure = error instanceof ApiError || error instanceof ConnectionError ? `${error.name} ${error.code}` : '';
    if (failure !== '' && failure === this.#lastFailure) return;
    this.#lastFailure = failure;
    this.#log.warn({ err: error, retryAfterMs }, 'reading failed, will be retried');
  }
}
