import { parseMessage } from '@causeway/protocols/protobuf/message';
import { type Metadata, Server, ServerCredentials } from '@grpc/grpc-js';
import { BACKEND_ADDRESS } from '../acceptance/given-home.ts';

/** What was told of requests: by OTLP, and to an access log service of Envoy. */
export interface LogService {
  readonly records: CollectedRecord[];
  readonly entries: CollectedEntry[];
  close(): void;
}

export interface CollectedRecord {
  readonly body: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly resource: Readonly<Record<string, string | number>>;
  readonly headers: Metadata;
}

export interface CollectedEntry {
  readonly path: string;
  readonly status: number;
  readonly routeName: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of the first message of its stream. */
  readonly logName: string;
}

const bytesAsTheyAre = {
  requestSerialize: (bytes: Buffer) => bytes,
  requestDeserialize: (bytes: Buffer) => bytes,
  responseSerialize: (bytes: Buffer) => bytes,
  responseDeserialize: (bytes: Buffer) => bytes,
};

/**
 * Takes lines of the access log by gRPC, in both ways.
 *
 * @param credentials absent: in the clear
 */
export async function startLogService(
  port: number,
  credentials = ServerCredentials.createInsecure(),
): Promise<LogService> {
  const records: CollectedRecord[] = [];
  const entries: CollectedEntry[] = [];
  const server = new Server();
  server.addService(
    {
      Export: {
        ...bytesAsTheyAre,
        path: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
        requestStream: false,
        responseStream: false,
      },
      StreamAccessLogs: {
        ...bytesAsTheyAre,
        path: '/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs',
        requestStream: true,
        responseStream: false,
      },
    },
    {
      Export: (call: { request: Buffer; metadata: Metadata }, answer: (error: null, value: Buffer) => void) => {
        for (const found of recordsIn(call.request)) records.push({ ...found, headers: call.metadata });
        answer(null, Buffer.alloc(0));
      },
      StreamAccessLogs: (call: NodeJS.ReadableStream) => {
        let logName = '';
        call.on('data', (bytes: Buffer) => {
          logName = path(bytes, 1, 2)?.toString() ?? logName;
          for (const entry of all(path(bytes, 2), 1)) entries.push(entryIn(entry, logName));
        });
        call.on('error', () => {});
      },
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`${BACKEND_ADDRESS}:${port}`, credentials, (error) =>
      error === null ? resolve() : reject(error),
    );
  });
  return { records, entries, close: () => server.forceShutdown() };
}

function recordsIn(bytes: Buffer): readonly Omit<CollectedRecord, 'headers'>[] {
  return all(bytes, 1).flatMap((ofResource) => {
    const resource = attributesIn(all(path(ofResource, 1), 1));
    return all(path(ofResource, 2), 2).map((record) => ({
      body: path(record, 5, 1)?.toString() ?? '',
      attributes: attributesIn(all(record, 6)),
      resource,
    }));
  });
}

function attributesIn(pairs: readonly Buffer[]): Readonly<Record<string, string | number>> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const value = parseMessage(path(pair, 2) ?? Buffer.alloc(0));
      return [String(path(pair, 1)), value.bytes(1)[0]?.toString() ?? value.numbers(3)[0] ?? ''];
    }),
  );
}

function entryIn(entry: Buffer, logName: string): CollectedEntry {
  return {
    logName,
    path: path(entry, 3, 5)?.toString() ?? '',
    status: parseMessage(path(entry, 4, 1) ?? Buffer.alloc(0)).numbers(1)[0] ?? 0,
    routeName: path(entry, 1, 19)?.toString() ?? '',
    headers: Object.fromEntries(
      all(path(entry, 3), 13).map((pair) => [String(path(pair, 1)), String(path(pair, 2) ?? '')]),
    ),
  };
}

function all(bytes: Buffer | undefined, number: number): readonly Buffer[] {
  return bytes === undefined ? [] : parseMessage(bytes).bytes(number);
}

/** What is found by these numbers of fields, one in the other. */
function path(bytes: Buffer, ...numbers: readonly number[]): Buffer | undefined {
  return numbers.reduce<Buffer | undefined>((inner, number) => all(inner, number)[0], bytes);
}
