/** Tells the metrics of one instance to collectors, every few seconds. Nothing waits for it: while a collector is slow it is told less often. */
import { setImmediate as turn } from 'node:timers/promises';
import type { MetricSinkIR } from '@causeway/ir/gateway';
import type { Logger } from 'pino';
import type { CollectorReach } from '../collector/channel.ts';
import { collectorName } from '../collector/collector-name.ts';
import { type ExportCounts, type ExportQueue, ExportQueues, triesOf } from '../collector/export-queue.ts';
import { METRIC_FAMILIES } from '../metric-family.ts';
import type { MetricPoints } from '../metric-points.ts';
import { MetricDeltas } from './metric-deltas.ts';
import { type SentPoint, sentPoint } from './otlp-metrics.ts';

export interface MetricExportOptions {
  /** Attributes that name this data plane. */
  readonly resource: Readonly<Record<string, string>>;
  readonly reach: CollectorReach;
  readonly log: Logger;
  /** What there is to tell, computed as it is read. */
  readonly points: () => Iterable<MetricPoints>;
}

/** As often as Envoy does. */
const EVERY_MS = 5_000;
/** Of one time; what is beyond is dropped. */
const MOST_POINTS = 50_000;
/** Some hundred kilobytes. */
const BATCH = 1_000;
/** Without anything else being done meanwhile; some milliseconds. */
const AT_ONCE = 200;
const FLUSH_MS = 100;

interface Told {
  readonly sink: MetricSinkIR;
  readonly deltas: MetricDeltas;
  /** Since when deltas count, milliseconds since 1970. */
  deltasBeganMs: number;
  dueMs: number;
  isReading: boolean;
}

export class MetricExport {
  readonly #options: MetricExportOptions;
  readonly #queues = new ExportQueues<SentPoint>();
  /** By the settings of their sinks. */
  #told = new Map<string, Told>();
  #sinks: readonly MetricSinkIR[] = [];
  #beganMs = Date.now();
  #closed = false;

  constructor(options: MetricExportOptions) {
    this.#options = options;
  }

  get counts(): Readonly<ExportCounts> {
    return this.#queues.counts;
  }

  /** All metrics begin at 0. */
  clear(): void {
    this.#beganMs = Date.now();
    this.#told = new Map();
    this.#sinks = [];
  }

  /** To be called now and then. @param nowMs since 1970 */
  watch(sinks: readonly MetricSinkIR[], nowMs: number): void {
    if (sinks !== this.#sinks) this.#configure(sinks, nowMs);
    for (const [key, told] of this.#told) {
      if (nowMs < told.dueMs || told.isReading) continue;
      const queue = this.#queueOf(key, told.sink);
      if (!queue.isEmpty) continue;
      told.dueMs = nowMs + EVERY_MS;
      told.isReading = true;
      void this.#read(told, queue, nowMs).finally(() => {
        told.isReading = false;
      });
    }
    this.#queues.tidy();
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#queues.close();
  }

  #configure(sinks: readonly MetricSinkIR[], nowMs: number): void {
    this.#sinks = sinks;
    this.#told = new Map(
      sinks.map((sink) => {
        const key = JSON.stringify(sink);
        const made: Told = {
          ...{ sink, deltas: new MetricDeltas(sink.deltas), deltasBeganMs: this.#beganMs },
          ...{ dueMs: nowMs, isReading: false },
        };
        return [key, this.#told.get(key) ?? made];
      }),
    );
  }

  async #read(told: Told, queue: ExportQueue<SentPoint>, nowMs: number): Promise<void> {
    const { deltas } = told;
    let read = 0;
    for (const { name, points } of this.#options.points()) {
      const isDelta = deltas.isOf(METRIC_FAMILIES[name].type);
      const time = { beganMs: isDelta ? told.deltasBeganMs : this.#beganMs, nowMs };
      for (const point of points) {
        if (this.#closed) return;
        read += 1;
        if (read > MOST_POINTS) this.#queues.counts.dropped += 1;
        else queue.add(sentPoint(name, isDelta ? deltas.since(name, point) : point, time));
        if (read % AT_ONCE === 0) await turn();
      }
    }
    deltas.next();
    told.deltasBeganMs = nowMs;
  }

  #queueOf(key: string, sink: MetricSinkIR): ExportQueue<SentPoint> {
    const { resource, reach, log } = this.#options;
    const { collector, deltas } = sink;
    const open = async (turns: number) => {
      // Megabytes, which only those pay for who have collectors.
      const { openMetricSink } = await import('./grpc-metrics.ts');
      return openMetricSink(collector, { resource: { ...resource, ...sink.resource }, deltas, turn: turns, reach });
    };
    return this.#queues.at(key, (counts) => ({
      what: 'metrics',
      collector: collectorName(collector),
      tries: triesOf(collector),
      most: MOST_POINTS,
      batch: BATCH,
      flushMs: FLUSH_MS,
      open,
      counts,
      log,
    }));
  }
}
