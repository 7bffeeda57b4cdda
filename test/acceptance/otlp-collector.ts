/**
 * A small collector of traces of our own: takes OTLP over HTTP and over gRPC and remembers the spans. Written from the protobuf definitions of OTLP
 * (opentelemetry-proto 1.3, trace/v1/trace.proto), apart from the libraries that send.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { bytesOf, fieldsOf } from '@causeway/apiserver/protobuf/reader';

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

export interface CollectorPorts {
  readonly http: number;
  readonly grpc: number;
}

export interface OtlpCollector {
  readonly port: number;
  readonly grpcPort: number;
  readonly spans: readonly CollectedSpan[];
  close(): Promise<void>;
}

const GRPC_EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
/** Before each gRPC message: whether it is compressed, and its length. */
const GRPC_PREFIX = 5;

/** @param ports on 127.0.0.1; absent: any that are free */
export async function startOtlpCollector(ports: CollectorPorts = { http: 0, grpc: 0 }): Promise<OtlpCollector> {
  const spans: CollectedSpan[] = [];
  const http = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const expected = request.url === '/v1/traces' && request.headers['content-type'] === 'application/x-protobuf';
      if (expected) spans.push(...spansOf(Buffer.concat(parts)));
      response.writeHead(expected ? 200 : 404, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  const grpc = createHttp2Server();
  grpc.on('stream', (stream, headers) => {
    const parts: Buffer[] = [];
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('end', () => {
      if (headers[':path'] === GRPC_EXPORT) spans.push(...spansOf(Buffer.concat(parts).subarray(GRPC_PREFIX)));
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
    close: async () => {
      for (const session of sessions) session.destroy();
      http.closeAllConnections();
      await Promise.all([once(http.close(), 'close'), once(grpc.close(), 'close')]);
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
