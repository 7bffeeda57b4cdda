/**
 * A small collector of our own: takes OTLP over HTTP (spans alone) and over gRPC and remembers what it got. Written from the protobuf definitions
 * of OTLP (opentelemetry-proto 1.3), apart from what sends.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createHttp2Server, createSecureServer } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { bytesOf, fieldsOf } from '@causeway/apiserver/protobuf/reader';
import type { TestCertificate } from '@causeway/dataplane/test/certificates';

export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string;
  readonly traceState: string;
  readonly name: string;
  /** 2: server. */
  readonly kind: number;
  /** 0: unset, 2: error. */
  readonly status: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly resource: Readonly<Record<string, string | number>>;
}

export interface CollectedLine {
  readonly body: string;
  readonly resource: Readonly<Record<string, string | number>>;
}

/** A point of a metric. */
export interface CollectedPoint {
  readonly name: string;
  readonly type: 'gauge' | 'sum' | 'histogram';
  /** 1: since the last time, 2: since the begin; of gauges 0. */
  readonly temporality: number;
  /** Of histograms how many. */
  readonly value: number;
  /** Of histograms, one by one. */
  readonly buckets: readonly number[];
  readonly bounds: readonly number[];
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly resource: Readonly<Record<string, string | number>>;
}

export interface CollectorPorts {
  readonly http: number;
  readonly grpc: number;
}

export interface OtlpCollector {
  readonly port: number;
  readonly grpcPort: number;
  readonly spans: readonly CollectedSpan[];
  readonly lines: readonly CollectedLine[];
  readonly points: readonly CollectedPoint[];
  close(): Promise<void>;
}

const GRPC = '/opentelemetry.proto.collector.';
const TRACES = `${GRPC}trace.v1.TraceService/Export`;
const LOGS = `${GRPC}logs.v1.LogsService/Export`;
const METRICS = `${GRPC}metrics.v1.MetricsService/Export`;
/** Before each gRPC message: whether it is compressed, and its length. */
const GRPC_PREFIX = 5;

/**
 * @param ports on 127.0.0.1; absent: any that are free
 * @param certificate of gRPC over TLS; absent: it is in the clear
 */
export async function startOtlpCollector(
  ports: CollectorPorts = { http: 0, grpc: 0 },
  certificate?: TestCertificate,
): Promise<OtlpCollector> {
  const spans: CollectedSpan[] = [];
  const lines: CollectedLine[] = [];
  const points: CollectedPoint[] = [];
  const http = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const expected = request.url === '/v1/traces' && request.headers['content-type'] === 'application/x-protobuf';
      if (expected) spans.push(...spansOf(Buffer.concat(parts)));
      response.writeHead(expected ? 200 : 404, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  const grpc =
    certificate === undefined
      ? createHttp2Server()
      : createSecureServer({ cert: certificate.chainPem, key: certificate.keyPem });
  grpc.on('stream', (stream, headers) => {
    const parts: Buffer[] = [];
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('end', () => {
      const message = Buffer.concat(parts).subarray(GRPC_PREFIX);
      if (headers[':path'] === TRACES) spans.push(...spansOf(message));
      if (headers[':path'] === LOGS) lines.push(...linesOf(message));
      if (headers[':path'] === METRICS) points.push(...pointsOf(message));
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.alloc(GRPC_PREFIX));
    });
  });
  const sessions = new Set<{ destroy(): void }>();
  grpc.on('session', (session) => sessions.add(session));
  return {
    port: await listen(http, ports.http),
    grpcPort: await listen(grpc, ports.grpc),
    spans,
    lines,
    points,
    close: async () => {
      for (const session of sessions) session.destroy();
      http.closeAllConnections();
      const closed = [once(http, 'close'), once(grpc, 'close')];
      http.close();
      grpc.close();
      await Promise.all(closed);
    },
  };
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** ExportTraceServiceRequest > ResourceSpans > ScopeSpans > Span. */
function spansOf(request: Buffer): CollectedSpan[] {
  return parts(request, 1).flatMap((resourceSpans) => {
    const resource = attributesOf(bytesOf(resourceSpans, 1), 1);
    return parts(resourceSpans, 2).flatMap((scopeSpans) =>
      parts(scopeSpans, 2).map((span) => ({
        traceId: bytesOf(span, 1).toString('hex'),
        spanId: bytesOf(span, 2).toString('hex'),
        traceState: bytesOf(span, 3).toString(),
        parentId: bytesOf(span, 4).toString('hex'),
        name: bytesOf(span, 5).toString(),
        kind: numberOf(span, 6),
        status: numberOf(bytesOf(span, 15), 3),
        attributes: attributesOf(span, 9),
        resource,
      })),
    );
  });
}

/** ExportLogsServiceRequest > ResourceLogs > ScopeLogs > LogRecord. */
function linesOf(request: Buffer): CollectedLine[] {
  return parts(request, 1).flatMap((ofResource) => {
    const resource = attributesOf(bytesOf(ofResource, 1), 1);
    return parts(ofResource, 2).flatMap((ofScope) =>
      parts(ofScope, 2).map((record) => ({ body: bytesOf(bytesOf(record, 5), 1).toString(), resource })),
    );
  });
}

/** ExportMetricsServiceRequest > ResourceMetrics > ScopeMetrics > Metric: gauge 5, sum 7, histogram 9. */
function pointsOf(request: Buffer): CollectedPoint[] {
  return parts(request, 1).flatMap((ofResource) => {
    const resource = attributesOf(bytesOf(ofResource, 1), 1);
    return parts(ofResource, 2).flatMap((ofScope) =>
      parts(ofScope, 2).flatMap((metric) =>
        ([5, 7, 9] as const).flatMap((kind) =>
          parts(metric, kind).flatMap((data) =>
            parts(data, 1).map(
              (point): CollectedPoint => ({
                name: bytesOf(metric, 1).toString(),
                type: kind === 5 ? 'gauge' : kind === 7 ? 'sum' : 'histogram',
                temporality: numberOf(data, 2),
                value: kind === 9 ? (wholesOf(point, 4, true)[0] ?? 0) : (doublesOf(point, 4, true)[0] ?? 0),
                buckets: wholesOf(point, 6),
                bounds: doublesOf(point, 7),
                attributes: attributesOf(point, kind === 9 ? 9 : 7),
                resource,
              }),
            ),
          ),
        ),
      ),
    );
  });
}

/** @param single not packed */
function doublesOf(message: Buffer, number: number, single = false): number[] {
  return eights(message, number, single).map((bytes) => bytes.readDoubleLE(0));
}

function wholesOf(message: Buffer, number: number, single = false): number[] {
  return eights(message, number, single).map((bytes) => Number(bytes.readBigUInt64LE(0)));
}

function eights(message: Buffer, number: number, single: boolean): Buffer[] {
  const found = [...fieldsOf(message)].flatMap((each) =>
    each.field === number && Buffer.isBuffer(each.value) ? each.value : [],
  );
  if (single) return found;
  return found.flatMap((packed) =>
    Array.from({ length: packed.length / 8 }, (_, index) => packed.subarray(index * 8, index * 8 + 8)),
  );
}

/** KeyValue: key 1, value 2 (AnyValue: string 1, int 3). */
function attributesOf(message: Buffer, field: number): Readonly<Record<string, string | number>> {
  return Object.fromEntries(
    parts(message, field).map((pair) => {
      const value = bytesOf(pair, 2);
      const isText = [...fieldsOf(value)].some((each) => each.field === 1);
      return [bytesOf(pair, 1).toString(), isText ? bytesOf(value, 1).toString() : numberOf(value, 3)];
    }),
  );
}

function parts(message: Buffer, number: number): Buffer[] {
  return [...fieldsOf(message)].flatMap((each) => (each.field === number && each.wire === 'bytes' ? each.value : []));
}

function numberOf(message: Buffer, number: number): number {
  for (const each of fieldsOf(message)) if (each.field === number && each.wire === 'varint') return Number(each.value);
  return 0;
}
