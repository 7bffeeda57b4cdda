/** Spans, lines or metrics on their way to one collector: kept up to a limit, sent in batches, one at a time. Nobody waits for any of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CollectorIR, CollectorUrlIR } from '@causeway/ir/gateway';
import type { Logger } from 'pino';

export interface ExportSender<T> {
  /** @returns why the collector has not taken them, which may also be an error; undefined: it has */
  send(batch: readonly T[]): Promise<string | undefined>;
  close(): Promise<void>;
  /** It must be opened again before the next batch. */
  readonly isStale?: boolean;
}

/** How often a batch is given to a collector, or to further ones, until it is taken. */
export interface ExportTries {
  /** At least 1. */
  readonly most: number;
  /** Before the second time; twice as long before each further one, `maxWaitMs` at most. */
  readonly waitMs: number;
  readonly maxWaitMs: number;
}

/** What became of them. */
export interface ExportCounts {
  exported: number;
  /** The queue was full: those that had waited longest. */
  dropped: number;
  /** The collector did not take them. */
  failed: number;
}

export interface ExportQueueOptions<T> {
  /** What waits, as people call it. */
  readonly what: 'spans' | 'lines' | 'metrics';
  /** Where it goes to. */
  readonly collector: string;
  /** So many wait at most. */
  readonly most: number;
  readonly flushMs: number;
  /** Sent together at most; absent: 256. */
  readonly batch?: number;
  /** Absent: once. */
  readonly tries?: ExportTries;
  /** Called when there is something to send for the first time, and after a failure. @param turn how many failures there were so far */
  readonly open: (turn: number) => Promise<ExportSender<T>>;
  /** May be those of several queues. */
  readonly counts: ExportCounts;
  readonly log: Logger;
}

const BATCH = 256;
const ONCE: ExportTries = { most: 1, waitMs: 0, maxWaitMs: 0 };

export class ExportQueue<T> {
  readonly #options: ExportQueueOptions<T>;
  #sender: ExportSender<T> | undefined;
  #waiting: T[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #failing = false;
  #turn = 0;
  #closing = false;
  /** When it last was given something, by `performance.now()`. */
  usedAt = 0;

  constructor(options: ExportQueueOptions<T>) {
    this.#options = options;
  }

  add(one: T): void {
    const { most, flushMs, counts } = this.#options;
    this.usedAt = performance.now();
    if (this.#waiting.length >= most) {
      this.#waiting.shift();
      counts.dropped += 1;
    }
    this.#waiting.push(one);
    if (this.#sending !== undefined) return;
    if (this.#waiting.length >= Math.min(this.#batch, most)) this.#sendAll();
    else this.#timer ??= setTimeout(() => this.#sendAll(), flushMs);
  }

  get #batch(): number {
    return this.#options.batch ?? BATCH;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#sending === undefined;
  }

  /** Sends what waits, for at most so long, and gives up the rest. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    if (this.#waiting.length > 0) this.#sendAll();
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([this.#sending ?? Promise.resolve(), over]);
    clearTimeout(timer);
    this.#options.counts.dropped += this.#waiting.length;
    this.#waiting = [];
    await this.#sender?.close();
  }

  #sendAll(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending ??= this.#sendBatches().finally(() => {
      this.#sending = undefined;
      // What came in meanwhile and is no full batch.
      if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => this.#sendAll(), this.#options.flushMs);
    });
  }

  async #sendBatches(): Promise<void> {
    do {
      const batch = this.#waiting.splice(0, this.#batch);
      const problem = await this.#send(batch);
      this.#options.counts[problem === undefined ? 'exported' : 'failed'] += batch.length;
      this.#tell(problem);
    } while (this.#waiting.length >= this.#batch);
  }

  async #send(batch: readonly T[]): Promise<string | undefined> {
    const { most, waitMs, maxWaitMs } = this.#options.tries ?? ONCE;
    for (let tried = 1; ; tried += 1) {
      const problem = await this.#attempt(batch).catch((error: unknown) =>
        error instanceof Error ? error.message : String(error),
      );
      if (problem === undefined) return undefined;
      // The collector may be elsewhere by now.
      this.#turn += 1;
      await this.#letGo();
      if (tried >= most || this.#closing) return problem;
      await sleep(Math.min(waitMs * 2 ** (tried - 1), maxWaitMs), undefined, { ref: false });
    }
  }

  async #attempt(batch: readonly T[]): Promise<string | undefined> {
    if (this.#sender?.isStale === true) await this.#letGo();
    this.#sender ??= await this.#options.open(this.#turn);
    return this.#sender.send(batch);
  }

  async #letGo(): Promise<void> {
    const sender = this.#sender;
    this.#sender = undefined;
    await sender?.close();
  }

  /** Once when it begins to fail, once when that is over. */
  #tell(problem: string | undefined): void {
    const { collector, what, log } = this.#options;
    if (problem !== undefined && !this.#failing) log.warn({ collector, reason: problem }, `${what} are lost`);
    if (problem === undefined && this.#failing) log.info({ collector }, `${what} are exported again`);
    this.#failing = problem !== undefined;
  }
}

/** Each of several collectors has its turn, and as many more as was asked for. */
export function triesOf(collector: CollectorIR | CollectorUrlIR): ExportTries {
  if ('url' in collector) return ONCE;
  const { times = 0, waitMs = 0, maxWaitMs = 0 } = collector.asking?.retry ?? {};
  return { most: Math.max(1 + times, collector.services.length), waitMs, maxWaitMs };
}

/** A collector to which nothing was sent for this long is let go. */
const IDLE_MS = 60_000;
/** What waits when the data plane ends gets this long. */
const CLOSE_MS = 1_000;

/** The queues of one instance, by what they are configured with. */
export class ExportQueues<T> {
  readonly #queues = new Map<string, ExportQueue<T>>();
  readonly counts: ExportCounts = { exported: 0, dropped: 0, failed: 0 };

  /** @param make called where there is none with that key yet */
  at(key: string, make: (counts: ExportCounts) => ExportQueueOptions<T>): ExportQueue<T> {
    const existing = this.#queues.get(key);
    if (existing !== undefined) return existing;
    const queue = new ExportQueue(make(this.counts));
    this.#queues.set(key, queue);
    return queue;
  }

  /** To be called now and then. */
  tidy(): void {
    const now = performance.now();
    for (const [key, queue] of this.#queues) {
      if (!queue.isEmpty || now - queue.usedAt < IDLE_MS) continue;
      this.#queues.delete(key);
      void queue.close(0);
    }
  }

  async close(): Promise<void> {
    const queues = [...this.#queues.values()];
    this.#queues.clear();
    await Promise.all(queues.map((queue) => queue.close(CLOSE_MS)));
  }
}
