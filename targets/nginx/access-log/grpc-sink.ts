/**
 * Sends lines to collectors by gRPC. Loaded only where there are such.
 *
 * Source: OpenTelemetry Protocol 1.3, LogsService; Envoy, api/envoy/service/accesslog/v3/als.proto, AccessLogService.
 */
import { VERSION } from '@causeway/apis/meta/version';
import type { LogSinkIR } from '@causeway/ir/gateway';
import { field, message } from '@causeway/protocols/protobuf/message';
import { Client, type ClientWritableStream, credentials, Metadata } from '@grpc/grpc-js';
import { collectorAddress, type LocateService } from '../collector-address.ts';
import type { ExportSender } from '../export-queue.ts';
import { attribute } from './sink-entry.ts';

export interface LogSource {
  /** `namespace/name`. */
  readonly instance: string;
  readonly resource: Readonly<Record<string, string>>;
  readonly locate: LocateService;
}

const EXPORT = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';
const STREAM = '/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs';
const TIMEOUT_MS = 10_000;

/** @throws Error where the collector cannot be found */
export async function openLogSink(sink: LogSinkIR, source: LogSource): Promise<ExportSender<Buffer>> {
  const client = new Client(await collectorAddress(new URL(sink.url), source.locate), credentials.createInsecure());
  return sink.type === 'als' ? new AccessLogStream(client, sink, source) : exports(client, sink, source);
}

function exports(
  client: Client,
  { headers, resource }: Extract<LogSinkIR, { type: 'openTelemetry' }>,
  source: LogSource,
): ExportSender<Buffer> {
  const metadata = new Metadata();
  for (const { name, value } of headers) metadata.add(name, value);
  const attributes = Object.entries({ ...source.resource, ...resource });
  const ofAll = message(1, ...attributes.map(([name, value]) => attribute(1, name, value)));
  const scope = message(1, field(1, 'causeway'), field(2, VERSION));
  return {
    send: (records) =>
      new Promise((resolve) => {
        const lines = message(2, scope, ...records.map((record) => field(2, record, true)));
        client.makeUnaryRequest(
          EXPORT,
          asBytes,
          asBytes,
          message(1, ofAll, lines),
          metadata,
          { deadline: Date.now() + TIMEOUT_MS },
          (error) => resolve(error?.message),
        );
      }),
    close: () => Promise.resolve(client.close()),
  };
}

/** One call without end, in which the service says nothing. */
class AccessLogStream implements ExportSender<Buffer> {
  readonly #client: Client;
  readonly #identifier: Buffer;
  #stream: ClientWritableStream<Buffer> | undefined;
  #problem: string | undefined;

  constructor(client: Client, { logName }: Extract<LogSinkIR, { type: 'als' }>, { instance }: LogSource) {
    this.#client = client;
    const node = message(1, field(1, instance), field(2, instance));
    this.#identifier = message(1, node, field(2, logName));
  }

  async send(entries: readonly Buffer[]): Promise<string | undefined> {
    const isFirst = this.#stream === undefined;
    if (isFirst) await this.#open();
    if (this.#problem !== undefined) return this.#problem;
    const lines = message(2, ...entries.map((entry) => field(1, entry, true)));
    const written = isFirst ? Buffer.concat([this.#identifier, lines]) : lines;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve('the service reads nothing'), TIMEOUT_MS);
      this.#stream?.write(written, () => {
        clearTimeout(timer);
        resolve(this.#problem);
      });
    });
  }

  close(): Promise<void> {
    this.#stream?.cancel();
    this.#client.close();
    return Promise.resolve();
  }

  async #open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#client.waitForReady(Date.now() + TIMEOUT_MS, (error) => (error === undefined ? resolve() : reject(error)));
    });
    this.#stream = this.#client.makeClientStreamRequest(STREAM, asBytes, asBytes, (error) => {
      this.#problem = error?.message ?? 'the service ended the stream';
    });
    // Told by the callback.
    this.#stream.on('error', () => {});
  }
}

function asBytes(bytes: Buffer): Buffer {
  return bytes;
}
