/** Spans on their way to one collector: kept up to a limit, sent in batches, one at a time. Nobody waits for any of it. */
import type { SpanExportIR } from '@causeway/ir/gateway';
import type { Logger } from 'pino';
import type { TracedRequest } from './traced-request.ts';

export interface SpanSender {
  /** Never rejects. @returns why the collector has not taken them; undefined: it has */
  send(spans: readonly TracedRequest[]): Promise<string | undefined>;
  close(): Promise<void>;
}

/** What became of spans. */
export interface SpanCounts {
  exported: number;
  /** The queue was full. */
  dropped: number;
  /** The collector did not take them. */
  failed: number;
}

const BATCH = 256;

export class SpanQueue {
  readonly #config: SpanExportIR;
  readonly #open: () => Promise<SpanSender>;
  readonly #counts: SpanCounts;
  readonly #log: Logger;
  #sender: SpanSender | undefined;
  #waiting: TracedRequest[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #failing = false;
  /** When it last was given a span, by `performance.now()`. */
  usedAt = 0;

  /** @param open called when there is something to send for the first time */
  constructor(config: SpanExportIR, open: () => Promise<SpanSender>, counts: SpanCounts, log: Logger) {
    this.#config = config;
    this.#open = open;
    this.#counts = counts;
    this.#log = log;
  }

  add(span: TracedRequest): void {
    this.usedAt = performance.now();
    if (this.#waiting.length >= this.#config.queue) {
      this.#counts.dropped += 1;
      return;
    }
    this.#waiting.push(span);
    if (this.#sending !== undefined) return;
    if (this.#waiting.length >= Math.min(BATCH, this.#config.queue)) this.#sendAll();
    else this.#timer ??= setTimeout(() => this.#sendAll(), this.#config.flushMs);
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#sending === undefined;
  }

  /** Sends what waits, for at most so long, and gives up the rest. */
  async close(graceMs: number): Promise<void> {
    if (this.#waiting.length > 0) this.#sendAll();
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([this.#sending ?? Promise.resolve(), over]);
    clearTimeout(timer);
    this.#counts.dropped += this.#waiting.length;
    this.#waiting = [];
    await this.#sender?.close();
  }

  #sendAll(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending ??= this.#sendBatches().finally(() => {
      this.#sending = undefined;
      // What came in meanwhile and is no full batch.
      if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => this.#sendAll(), this.#config.flushMs);
    });
  }

  async #sendBatches(): Promise<void> {
    do {
      const batch = this.#waiting.splice(0, BATCH);
      const problem = await this.#send(batch);
      this.#counts[problem === undefined ? 'exported' : 'failed'] += batch.length;
      this.#tell(problem);
    } while (this.#waiting.length >= BATCH);
  }

  async #send(batch: readonly TracedRequest[]): Promise<string | undefined> {
    try {
      this.#sender ??= await this.#open();
      const problem = await this.#sender.send(batch);
      // The collector may be elsewhere by now.
      if (problem !== undefined) await this.#letGo();
      return problem;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async #letGo(): Promise<void> {
    const sender = this.#sender;
    this.#sender = undefined;
    await sender?.close();
  }

  /** Once when it begins to fail, once when that is over. */
  #tell(problem: string | undefined): void {
    const collector = this.#config.collector.url;
    if (problem !== undefined && !this.#failing) this.#log.warn({ collector, reason: problem }, 'spans are lost');
    if (problem === undefined && this.#failing) this.#log.info({ collector }, 'spans are exported again');
    this.#failing = problem !== undefined;
  }
}
