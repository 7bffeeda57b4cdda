/** The spans of one instance: from the workers' records to the collectors of their routes (spec ALB-101). */
import type { SpanRecord } from '@causeway/dataplane/policy/record';
import type { FilterIR, SpanExportIR, TracingIR } from '@causeway/ir/gateway';
import type { Logger } from 'pino';
import type { CollectorReach } from '../collector/channel.ts';
import { collectorName } from '../collector/collector-name.ts';
import { type ExportCounts, type ExportQueue, ExportQueues, triesOf } from '../collector/export-queue.ts';
import { recordKey, type WantedRecords } from '../wanted.ts';
import { type TracedRequest, tracedRequest } from './traced-request.ts';

export interface SpanExportOptions {
  /** `namespace/name` of the ALB. */
  readonly instance: string;
  readonly wanted: WantedRecords;
  /** Attributes that name this data plane. */
  readonly resource: Readonly<Record<string, string>>;
  readonly reach: CollectorReach;
  readonly log: Logger;
}

export class SpanExport {
  readonly #options: SpanExportOptions;
  readonly #queues = new ExportQueues<TracedRequest>();
  readonly #keys = new WeakMap<SpanExportIR, string>();

  constructor(options: SpanExportOptions) {
    this.#options = options;
  }

  get counts(): Readonly<ExportCounts> {
    return this.#queues.counts;
  }

  /** @param dropped by the worker, before these */
  take(records: readonly SpanRecord[], dropped: number): void {
    this.#queues.counts.dropped += dropped;
    for (const record of records) this.#take(record);
  }

  /** To be called now and then. */
  tidy(): void {
    this.#queues.tidy();
  }

  close(): Promise<void> {
    return this.#queues.close();
  }

  #take(record: SpanRecord): void {
    const owner = this.#ownerOf(record);
    if (owner === undefined) {
      this.#queues.counts.dropped += 1; // its route, or the tracing of it, has gone meanwhile
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

  #queueOf(config: SpanExportIR): ExportQueue<TracedRequest> {
    const key = this.#keys.get(config) ?? JSON.stringify(config);
    this.#keys.set(config, key);
    const { resource, reach, log } = this.#options;
    const open = async (turn: number) => {
      // Some megabytes, which only those pay for who trace.
      const { openCollector } = await import('./otlp.ts');
      return openCollector(config.collector, { ...resource, ...config.resource }, { turn, reach });
    };
    const { collector, queue: most, flushMs } = config;
    return this.#queues.at(key, (counts) => ({
      what: 'spans',
      collector: collectorName(collector),
      tries: triesOf(collector),
      most,
      flushMs,
      open,
      counts,
      log,
    }));
  }
}

function tracingOf(filters: readonly FilterIR[]): TracingIR | undefined {
  return filters.find((filter) => filter.type === 'tracing');
}
