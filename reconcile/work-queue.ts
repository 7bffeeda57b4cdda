/**
 * A queue of keys for one reconciler, after client-go's workqueue and
 * controller-runtime's controller.
 *
 * A key is in at most one of three places: queued, running, waiting for a time
 * to come (or nowhere; then nothing is kept about it). Adding a running key
 * marks it `again`, so it runs once more after the present run: a change can
 * neither be lost nor run a key twice at once. A delayed key that is run
 * earlier for another reason has had its run; the result of that run says when
 * the next one is due.
 *
 * Runs are started in slices: after `sliceMs` in one turn of the event loop the
 * queue gives way (`setImmediate`), so that 10,000 keys, whose reconcilers
 * mostly finish without waiting for anything, delay I/O by milliseconds only.
 */
import { setMaxListeners } from 'node:events';
import { type Clock, systemClock } from '@causeway/protocols/kubernetes/clock';
import type { Logger } from 'pino';
import { Fifo } from './fifo.ts';
import type { Reconcile } from './reconcile.ts';

export interface WorkQueueOptions {
  /** For logs: `rule`, `frontend-status`. */
  readonly name: string;
  readonly reconcile: Reconcile<string>;
  /** Keys in progress at once; 1 by default. A function, of at least 1, is asked whenever one could begin. */
  readonly concurrency?: number | (() => number);
  readonly log: Logger;
  readonly clock?: Clock;
}

/** What a queue has done since it was made, for metrics. */
export interface QueueStats {
  readonly name: string;
  /** Keys that wait for their turn. */
  readonly depth: number;
  /** Keys that were queued. */
  readonly adds: number;
  readonly runs: number;
  /** Runs that failed and are repeated. */
  readonly retries: number;
  /** How long keys waited for their turn, and how long their runs took, all together. */
  readonly waitedMs: number;
  readonly workedMs: number;
}

const sliceMs = 4;
const firstBackoffMs = 5;
const maxBackoffMs = 60_000;

interface Entry {
  readonly key: string;
  state: 'idle' | 'queued' | 'running';
  /** Added while running. */
  again: boolean;
  /** Failures in a row. */
  failures: number;
  /** Since when it is queued. */
  since: number;
  delay?: { readonly dueAt: number; readonly cancel: () => void };
}

export class WorkQueue {
  readonly #name: string;
  readonly #reconcile: Reconcile<string>;
  readonly #concurrency: () => number;
  readonly #log: Logger;
  readonly #clock: Clock;

  readonly #entries = new Map<string, Entry>();
  readonly #queued = new Fifo<Entry>();
  #running = 0;
  #sliceStart = 0;
  #adds = 0;
  #runs = 0;
  #retries = 0;
  #waitedMs = 0;
  #workedMs = 0;
  #turnPlanned = false;
  readonly #idleListeners = new Set<() => void>();
  readonly #abort = new AbortController();
  #lastRunEnded: (() => void) | undefined;
  #stopping: Promise<void> | undefined;

  constructor({ name, reconcile, concurrency = 1, log, clock = systemClock }: WorkQueueOptions) {
    this.#name = name;
    this.#reconcile = reconcile;
    this.#concurrency = typeof concurrency === 'number' ? () => concurrency : concurrency;
    this.#log = log;
    this.#clock = clock;
    setMaxListeners(0, this.#abort.signal);
  }

  /** Runs `key` soon. A key that waits already is not queued twice; one that is running runs once more afterwards. */
  add(key: string): void {
    if (!this.#abort.signal.aborted) this.#enqueue(this.#entry(key));
  }

  /** Runs `key` at the latest after `ms`. */
  addAfter(key: string, ms: number): void {
    if (this.#abort.signal.aborted) return;
    if (ms <= 0) this.add(key);
    else this.#delay(this.#entry(key), ms);
  }

  /** Keys queued or running, without those that wait for a time to come. */
  get pending(): number {
    return this.#queued.length + this.#running;
  }

  get stats(): QueueStats {
    return {
      name: this.#name,
      depth: this.#queued.length,
      adds: this.#adds,
      runs: this.#runs,
      retries: this.#retries,
      waitedMs: this.#waitedMs,
      workedMs: this.#workedMs,
    };
  }

  /** Keys of which anything is known: pending, waiting for a time to come, or failing. */
  get size(): number {
    return this.#entries.size;
  }

  /** Calls `listener` each time `pending` falls to 0; the returned function ends that. */
  onIdle(listener: () => void): () => void {
    this.#idleListeners.add(listener);
    return () => this.#idleListeners.delete(listener);
  }

  /** Drops what is queued, aborts what is running and waits for it. */
  stop(): Promise<void> {
    if (this.#stopping !== undefined) return this.#stopping;
    this.#abort.abort(new Error(`queue ${this.#name} stopped`));
    for (const entry of this.#entries.values()) entry.delay?.cancel();
    this.#entries.clear();
    this.#queued.clear();
    this.#stopping = new Promise((resolve) => {
      if (this.#running === 0) resolve();
      else this.#lastRunEnded = resolve;
    });
    return this.#stopping;
  }

  #entry(key: string): Entry {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { key, state: 'idle', again: false, failures: 0, since: 0 };
      this.#entries.set(key, entry);
    }
    return entry;
  }

  #enqueue(entry: Entry): void {
    if (entry.state === 'running') {
      entry.again = true;
    } else if (entry.state === 'idle') {
      entry.state = 'queued';
      entry.since = this.#clock.now();
      this.#adds += 1;
      this.#queued.push(entry);
      this.#planTurn();
    }
  }

  /** The earliest of several delays counts. */
  #delay(entry: Entry, ms: number): void {
    const dueAt = this.#clock.now() + ms;
    if (entry.delay !== undefined && entry.delay.dueAt <= dueAt) return;
    entry.delay?.cancel();
    const cancel = this.#clock.setTimer(ms, () => {
      delete entry.delay;
      this.#enqueue(entry);
    });
    entry.delay = { dueAt, cancel };
  }

  #planTurn(): void {
    if (this.#turnPlanned || this.#running >= this.#concurrency()) return;
    this.#turnPlanned = true;
    setImmediate(() => {
      this.#turnPlanned = false;
      this.#sliceStart = this.#clock.now();
      this.#startRuns();
    });
  }

  #startRuns(): void {
    while (this.#running < this.#concurrency() && this.#queued.length > 0) {
      if (this.#clock.now() - this.#sliceStart >= sliceMs) {
        this.#planTurn();
        return;
      }
      const entry = this.#queued.shift();
      if (entry !== undefined) void this.#run(entry);
    }
  }

  async #run(entry: Entry): Promise<void> {
    const begun = this.#clock.now();
    this.#waitedMs += begun - entry.since;
    entry.state = 'running';
    entry.again = false;
    entry.delay?.cancel();
    delete entry.delay;
    this.#running += 1;
    let delayMs: number | undefined;
    try {
      const result = await this.#reconcile(entry.key, this.#abort.signal);
      entry.failures = 0;
      delayMs = result.requeueAfterMs;
    } catch (error) {
      delayMs = Math.min(firstBackoffMs * 2 ** Math.min(entry.failures, 30), maxBackoffMs);
      entry.failures += 1;
      this.#retries += 1;
      this.#logFailure(entry, error, delayMs);
    }
    this.#running -= 1;
    this.#runs += 1;
    this.#workedMs += this.#clock.now() - begun;
    this.#finish(entry, delayMs);
  }

  #finish(entry: Entry, delayMs: number | undefined): void {
    if (this.#abort.signal.aborted) {
      if (this.#running === 0) this.#lastRunEnded?.();
      return;
    }
    entry.state = 'idle';
    if (entry.again) this.#enqueue(entry);
    else if (delayMs !== undefined) this.#delay(entry, delayMs);
    else if (entry.delay === undefined) this.#entries.delete(entry.key);
    this.#startRuns();
    if (this.pending === 0) for (const listener of this.#idleListeners) listener();
  }

  #logFailure(entry: Entry, error: unknown, retryAfterMs: number): void {
    if (this.#abort.signal.aborted) return;
    const { key, failures } = entry;
    this.#log.warn({ err: error, queue: this.#name, key, failures, retryAfterMs }, 'reconcile failed, will be retried');
  }
}
