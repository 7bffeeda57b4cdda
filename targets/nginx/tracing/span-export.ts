/** The spans of one instance: from the workers' records to the collectors of their routes (spec ALB-101). */
import type { SpanRecord } from '@causeway/dataplane/policy/record';
import type { FilterIR, SpanExportIR, TracingIR } from '@causeway/ir/gateway';
import type { Logger } from 'pino';
import { recordKey, type WantedRecords } from '../wanted.ts';
import type { LocateService } from './otlp.ts';
import { type SpanCounts, SpanQueue } from './span-queue.ts';
import { tracedRequest } from './traced-request.ts';

export interface SpanExportOptions {
  /** `namespace/name` of the ALB. */
  readonly instance: string;
  readonly wanted: WantedRecords;
  /** Attributes that name this data plane. */
  readonly resource: Readonly<Record<string, string>>;
  readonly locate: LocateService;
  readonly log: Logger;
}

/** A collector to which nothing was sent for this long is let go. */
const IDLE_MS = 60_000;
/** What waits when the data plane ends gets this long. */
const CLOSE_MS = 1_000;

export class SpanExport {
  readonly #options: SpanExportOptions;
  /** By what they are configured with. */
  readonly #queues = new Map<string, SpanQueue>();
  readonly #keys = new WeakMap<SpanExportIR, string>();
  readonly #counts: SpanCounts = { exported: 0, dropped: 0, failed: 0 };

  constructor(options: SpanExportOptions) {
    this.#options = options;
  }

  get counts(): Readonly<SpanCounts> {
    return this.#counts;
  }

  /** @param dropped by the worker, before these */
  take(records: readonly SpanRecord[], dropped: number): void {
    this.#counts.dropped += dropped;
    for (const record of records) this.#take(record);
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

  #take(record: SpanRecord): void {
    const owner = this.#ownerOf(record);
    if (owner === undefined) {
      this.#counts.dropped += 1; // its route, or the tracing of it, has gone meanwhile
      return;
    }
    const { tracing, name, source } = owner;
    const endpointSet =
      record.upstream === undefined ? undefined : this.#options.wanted.endpointSetOf(owner.key, record.upstream);
    const route = { name, source, attributes: tracing.attributes, endpointSet };
    this.#queueOf(tracing.export).add(tracedRequest(record, route));
  }

  #ownerOf({ route, port }: SpanRecord) {
    const { wanted } = this.#options;
    if (route !== '') {
      const found = wanted.route(route);
      const tracing = found && tracingOf(found.filters);
      return found && tracing && { tracing, name: found.name, source: found.source, key: recordKey('route', found.id) };
    }
    for (const listener of wanted.listeners) {
      const tracing = listener.port === port ? tracingOf(listener.fallbackFilters ?? []) : undefined;
      if (tracing === undefined) continue;
      const source = { type: 'ft_default_router', namespace: '', name: listener.name };
      return { tracing, name: listener.name, source, key: recordKey('port', String(port)) };
    }
    return undefined;
  }

  #queueOf(config: SpanExportIR): SpanQueue {
    const key = this.#keys.get(config) ?? JSON.stringify(config);
    this.#keys.set(config, key);
    const existing = this.#queues.get(key);
    if (existing !== undefined) return existing;
    const { resource, locate, log } = this.#options;
    const open = async () => {
      // Some megabytes, which only those pay for who trace.
      const { openCollector } = await import('./otlp.ts');
      return openCollector(config, { ...resource, ...config.resource }, locate);
    };
    const queue = new SpanQueue(config, open, this.#counts, log);
    this.#queues.set(key, queue);
    return queue;
  }
}

function tracingOf(filters: readonly FilterIR[]): TracingIR | undefined {
  return filters.find((filter) => filter.type === 'tracing');
}
