/** The lines of one instance with fields that its user chose: from what workers tell of requests to files in the directory of logs, and to collectors. */
import { closeSync, fstatSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogRecord } from '@causeway/dataplane/policy/access-log';
import type { ReadValue } from '@causeway/dataplane/policy/operator';
import type { AccessLogIR, FilterIR, LogSinkIR } from '@causeway/ir/gateway';
import type { Logger } from 'pino';
import type { CollectorReach } from '../collector/channel.ts';
import { collectorName } from '../collector/collector-name.ts';
import { type ExportCounts, type ExportQueue, ExportQueues, triesOf } from '../collector/export-queue.ts';
import { openToAppend } from '../private-file.ts';
import { routeName } from '../route-name.ts';
import type { WantedRecords } from '../wanted.ts';
import { hasLine, logLine } from './log-line.ts';
import { toldValue } from './log-values.ts';
import { sinkEntry } from './sink-entry.ts';

/** As other logs: each file is kept once over. */
const MAX_BYTES = 64 << 20;
/** Lines for one collector. */
const MOST_WAITING = 2048;
const FLUSH_MS = 1000;
/** That is kept, and copied to where it is wanted, as the one that nginx writes. */
const USUAL = 'access.log';

export interface AccessLogOptions {
  /** `namespace/name`. */
  readonly instance: string;
  readonly directory: string;
  readonly wanted: WantedRecords;
  /** Attributes that name this data plane. */
  readonly resource: Readonly<Record<string, string>>;
  readonly reach: CollectorReach;
  readonly log: Logger;
}

export class AccessLog {
  readonly #options: AccessLogOptions;
  readonly #queues = new ExportQueues<Buffer>();
  readonly #keys = new WeakMap<LogSinkIR, string>();
  #isFailing = false;

  constructor(options: AccessLogOptions) {
    this.#options = options;
  }

  get counts(): Readonly<ExportCounts> {
    return this.#queues.counts;
  }

  /** To be called now and then. */
  tidy(): void {
    this.#queues.tidy();
  }

  close(): Promise<void> {
    return this.#queues.close();
  }

  /** @param dropped by the worker, before these */
  take(records: readonly LogRecord[], dropped: number): void {
    if (dropped > 0)
      this.#options.log.warn({ lines: dropped }, 'lines of the access log are lost: there were too many at once');
    const texts = new Map<string, string>();
    for (const record of records) {
      const found = this.#ownerOf(record);
      for (const line of found?.accessLog.lines ?? []) {
        const read: ReadValue = (name) => toldValue(name, record, found?.name ?? '');
        if (!hasLine(line, read)) continue;
        const text = line.files.length === 0 ? '' : logLine(line.format, read);
        for (const file of line.files) texts.set(file, (texts.get(file) ?? '') + text);
        const atMs = Number(record.values['time']);
        for (const sink of line.sinks ?? []) this.#queueOf(sink).add(sinkEntry(sink, line.format, read, atMs));
      }
    }
    for (const [file, text] of texts) this.#append(file, text);
  }

  #queueOf(sink: LogSinkIR): ExportQueue<Buffer> {
    const key = this.#keys.get(sink) ?? JSON.stringify(sink);
    this.#keys.set(sink, key);
    const { instance, resource, reach, log } = this.#options;
    const open = async (turn: number) => {
      // Megabytes, which only those pay for who have collectors.
      const { openLogSink } = await import('./grpc-sink.ts');
      return openLogSink(sink, { instance, resource, reach, turn });
    };
    return this.#queues.at(key, (counts) => ({
      what: 'lines',
      collector: collectorName(sink.collector),
      tries: triesOf(sink.collector),
      most: MOST_WAITING,
      flushMs: FLUSH_MS,
      open,
      counts,
      log,
    }));
  }

  #append(file: string, text: string): void {
    const { directory, log } = this.#options;
    const path = join(directory, file);
    try {
      if (append(path, text) >= MAX_BYTES && file !== USUAL) renameSync(path, `${path}.1`);
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) log.error({ err: error, file }, 'cannot write the access log');
      this.#isFailing = true;
    }
  }

  #ownerOf({ route, port }: LogRecord): { readonly accessLog: AccessLogIR; readonly name: string } | undefined {
    const { wanted } = this.#options;
    if (route !== '') {
      const found = wanted.route(route);
      const accessLog = found && accessLogOf(found.filters);
      return accessLog && { accessLog, name: routeName(found) };
    }
    for (const listener of wanted.listeners) {
      const accessLog = listener.port === port ? accessLogOf(listener.fallbackFilters ?? []) : undefined;
      if (accessLog !== undefined) return { accessLog, name: '' };
    }
    return undefined;
  }
}

/** @returns how long the file is then */
function append(path: string, text: string): number {
  const file = openToAppend(path, undefined);
  try {
    writeFileSync(file, text);
    return fstatSync(file).size;
  } finally {
    closeSync(file);
  }
}

function accessLogOf(filters: readonly FilterIR[]): AccessLogIR | undefined {
  return filters.find((filter) => filter.type === 'accessLog');
}
