/**
 * Sends lines to collectors by gRPC. Loaded only where there are such.
 *
 * Source: OpenTelemetry Protocol 1.3, LogsService; Envoy, api/envoy/service/accesslog/v3/als.proto, AccessLogService.
 */
import type { LogSinkIR } from '@causeway/ir/gateway';
import { field, message } from '@causeway/protocols/protobuf/message';
import type { ClientWritableStream } from '@grpc/grpc-js';
import { asBytes, CollectorChannel, type CollectorReach } from '../collector/channel.ts';
import type { ExportSender } from '../collector/export-queue.ts';
import { otlpRequest } from '../collector/otlp-request.ts';

export interface LogSource {
  /** `namespace/name`. */
  readonly instance: string;
  readonly resource: Readonly<Record<string, string>>;
  readonly reach: CollectorReach;
  /** See {@link CollectorChannel.open}. */
  readonly turn: number;
}

const EXPORT = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';
const STREAM = '/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs';

/** @throws Error where the collector cannot be found */
export async function openLogSink(sink: LogSinkIR, source: LogSource): Promise<ExportSender<Buffer>> {
  const channel = await CollectorChannel.open(sink.collector, source.turn, source.reach);
  return sink.type === 'als' ? new AccessLogStream(channel, sink, source) : exports(channel, sink, source);
}

function exports(
  channel: CollectorChannel,
  { resource }: Extract<LogSinkIR, { type: 'openTelemetry' }>,
  source: LogSource,
): ExportSender<Buffer> {
  const request = otlpRequest({ ...source.resource, ...resource });
  return {
    send: (records) => channel.call(EXPORT, request(records)),
    close: () => channel.close(),
    get isStale() {
      return channel.isStale;
    },
  };
}

/** One call without end, in which the service says nothing. */
class AccessLogStream implements ExportSender<Buffer> {
  readonly #channel: CollectorChannel;
  readonly #identifier: Buffer;
  #stream: ClientWritableStream<Buffer> | undefined;
  #problem: string | undefined;

  constructor(channel: CollectorChannel, { logName }: Extract<LogSinkIR, { type: 'als' }>, { instance }: LogSource) {
    this.#channel = channel;
    const node = message(1, field(1, instance), field(2, instance));
    this.#identifier = message(1, node, field(2, logName));
  }

  get isStale(): boolean {
    return this.#channel.isStale;
  }

  async send(entries: readonly Buffer[]): Promise<string | undefined> {
    const isFirst = this.#stream === undefined;
    if (isFirst) await this.#open();
    if (this.#problem !== undefined) return this.#problem;
    const lines = message(2, ...entries.map((entry) => field(1, entry, true)));
    const written = isFirst ? Buffer.concat([this.#identifier, lines]) : lines;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve('the service reads nothing'), this.#channel.timeoutMs);
      this.#stream?.write(written, () => {
        clearTimeout(timer);
        resolve(this.#problem);
      });
    });
  }

  close(): Promise<void> {
    this.#stream?.cancel();
    return this.#channel.close();
  }

  async #open(): Promise<void> {
    await this.#channel.ready(this.#channel.timeoutMs);
    const { client, metadata } = this.#channel;
    this.#stream = client.makeClientStreamRequest(STREAM, asBytes, asBytes, metadata, (error) => {
      this.#problem = error?.message ?? 'the service ended the stream';
    });
    // Told by the callback.
    this.#stream.on('error', () => {});
  }
}
