import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../core.ts';

/** Enough to share fsyncs, little enough to let requests through. */
const CONCURRENCY = 32;
const RETRY_MS = 1000;

/**
 * Runs `task` for keys: each key at most once at a time, once more when it was added again meanwhile, and again after a second
 * when the task failed.
 */
export class Work<Key extends string> {
  readonly #task: (key: Key) => Promise<void>;
  readonly #log: Log;
  readonly #waiting = new Set<Key>();
  readonly #running = new Set<Key>();
  readonly #stop = new AbortController();

  constructor(task: (key: Key) => Promise<void>, log: Log) {
    this.#task = task;
    this.#log = log;
  }

  add(key: Key): void {
    if (this.#stop.signal.aborted) return;
    this.#waiting.add(key);
    queueMicrotask(() => this.#start());
  }

  /** Nothing new begins. */
  stop(): void {
    this.#stop.abort();
    this.#waiting.clear();
  }

  #start(): void {
    for (const key of this.#waiting) {
      if (this.#running.size >= CONCURRENCY) return;
      if (this.#running.has(key)) continue;
      this.#waiting.delete(key);
      this.#running.add(key);
      void this.#run(key);
    }
  }

  async #run(key: Key): Promise<void> {
    try {
      // One key a turn: a thousand of them must not hold up a request.
      await new Promise(setImmediate);
      await this.#task(key);
    } catch (error) {
      if (!this.#stop.signal.aborted) {
        this.#log.warn({ err: error, key }, 'will be tried again');
        void this.#retry(key);
      }
    } finally {
      this.#running.delete(key);
      this.#start();
    }
  }

  async #retry(key: Key): Promise<void> {
    try {
      await sleep(RETRY_MS, undefined, { signal: this.#stop.signal, ref: false });
      this.add(key);
    } catch {
      // Stopped.
    }
  }
}
