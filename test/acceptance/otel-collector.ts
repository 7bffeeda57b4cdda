import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import path from 'node:path';
import type { TestCertificate } from '@causeway/dataplane/test/certificates';
import type { GoProgramManifest } from '@causeway/tools/runtime/manifest';
import { eventually } from '../e2e/eventually.ts';
import { ask } from './http-request.ts';
import {
  type CollectedLine,
  type CollectedPoint,
  type CollectedSpan,
  type CollectorPorts,
  type OtlpCollector,
  startOtlpCollector,
} from './otlp-collector.ts';

/** {@link OtlpCollector}, and which program it is. */
export type TraceCollector = OtlpCollector & { readonly name: string };

/**
 * The OpenTelemetry collector, where `./causeway test` could build it (tools/runtime/otel-collector.ts); else our own in its place.
 *
 * @param certificate of gRPC over TLS; absent: it is in the clear
 */
export async function startTraceCollector(
  ports: CollectorPorts,
  certificate?: TestCertificate,
): Promise<TraceCollector> {
  const directory = process.env['CAUSEWAY_RUNTIME'] ?? path.join(homedir(), '.causeway/runtime');
  const manifest = path.join(directory, 'otel-collector.json');
  if (existsSync(manifest)) return startOtelCollector(manifest, ports, certificate);
  return {
    ...(await startOtlpCollector(ports, certificate)),
    name: 'a receiver of the tests (there is no OpenTelemetry collector)',
  };
}

/** What the collector has read it passes on at once, as JSON; a request is answered when that is done. */
async function startOtelCollector(
  manifest: string,
  ports: CollectorPorts,
  certificate: TestCertificate | undefined,
): Promise<TraceCollector> {
  const { program, module } = JSON.parse(readFileSync(manifest, 'utf8')) as GoProgramManifest;
  const collected: Collected = { spans: [], lines: [], points: [] };
  const sink = createSink(collected).listen(0, '127.0.0.1');
  await once(sink, 'listening');
  const settings = settingsOf(ports, (sink.address() as AddressInfo).port, certificate);
  const child = spawn(program, [`--config=yaml:${JSON.stringify(settings)}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    sink.closeAllConnections();
    await once(sink.close(), 'close');
  };
  try {
    await eventually(async () => {
      if ((await ask(ports.http, '/')).status !== 404) throw new Error('the collector is not ready');
    });
  } catch (error) {
    await close();
    throw error;
  }
  return { name: module, port: ports.http, grpcPort: ports.grpc, ...collected, close };
}

function settingsOf({ http, grpc }: CollectorPorts, sink: number, certificate: TestCertificate | undefined): object {
  const tls = certificate && { cert_pem: certificate.chainPem, key_pem: certificate.keyPem };
  const protocols = {
    http: { endpoint: `127.0.0.1:${http}` },
    grpc: { endpoint: `127.0.0.1:${grpc}`, ...(tls === undefined ? {} : { tls }) },
  };
  const pipeline = { receivers: ['otlp'], exporters: ['otlphttp'] };
  const passedOn = {
    endpoint: `http://127.0.0.1:${sink}`,
    encoding: 'json',
    compression: 'none',
    sending_queue: { enabled: false },
    retry_on_failure: { enabled: false },
  };
  return {
    receivers: { otlp: { protocols } },
    exporters: { otlphttp: passedOn },
    service: {
      telemetry: { metrics: { level: 'none' }, logs: { level: 'error' } },
      pipelines: { traces: pipeline, logs: pipeline, metrics: pipeline },
    },
  };
}

interface Collected {
  readonly spans: CollectedSpan[];
  readonly lines: CollectedLine[];
  readonly points: CollectedPoint[];
}

function createSink({ spans, lines, points }: Collected): Server {
  return createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const said: unknown = JSON.parse(Buffer.concat(parts).toString());
      if (request.url === '/v1/traces') spans.push(...spansOf(said as TracesData));
      if (request.url === '/v1/logs') lines.push(...linesOf(said as LogsData));
      if (request.url === '/v1/metrics') points.push(...pointsOf(said as MetricsData));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
}

/** JSON of the protobuf definitions of OTLP (opentelemetry-proto 1.3, trace/v1/trace.proto); ids are hexadecimal. */
interface TracesData {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly { readonly spans: readonly JsonSpan[] }[];
  }[];
}

interface JsonSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly traceState?: string;
  readonly name: string;
  readonly kind: number;
  readonly status: { readonly code?: number };
  readonly attributes: readonly KeyValue[];
}

interface KeyValue {
  readonly key: string;
  /** 64 bits do not fit into a number of JSON, so that is a text. */
  readonly value: { readonly stringValue?: string; readonly intValue?: string };
}

function spansOf({ resourceSpans }: TracesData): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        traceId: span.traceId,
        spanId: span.spanId,
        parentId: span.parentSpanId,
        traceState: span.traceState ?? '',
        name: span.name,
        kind: span.kind,
        status: span.status.code ?? 0,
        attributes: attributesOf(span.attributes),
        resource: attributesOf(resource.attributes),
      })),
    ),
  );
}

/** logs/v1/logs.proto. */
interface LogsData {
  readonly resourceLogs: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeLogs: readonly {
      readonly logRecords: readonly { readonly body?: { readonly stringValue?: string } }[];
    }[];
  }[];
}

function linesOf({ resourceLogs }: LogsData): CollectedLine[] {
  return resourceLogs.flatMap(({ resource, scopeLogs }) =>
    scopeLogs.flatMap(({ logRecords }) =>
      logRecords.map(({ body }) => ({ body: body?.stringValue ?? '', resource: attributesOf(resource.attributes) })),
    ),
  );
}

/** metrics/v1/metrics.proto. */
interface MetricsData {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeMetrics: readonly { readonly metrics: readonly JsonMetric[] }[];
  }[];
}

type JsonMetric = { readonly name: string } & Readonly<
  Partial<
    Record<
      CollectedPoint['type'],
      { readonly aggregationTemporality?: number; readonly dataPoints: readonly JsonPoint[] }
    >
  >
>;

interface JsonPoint {
  readonly attributes?: readonly KeyValue[];
  readonly asDouble?: number;
  readonly count?: string;
  readonly bucketCounts?: readonly string[];
  readonly explicitBounds?: readonly number[];
}

function pointsOf({ resourceMetrics }: MetricsData): CollectedPoint[] {
  return resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }) =>
      metrics.flatMap((metric) =>
        (['gauge', 'sum', 'histogram'] as const).flatMap((type) =>
          (metric[type]?.dataPoints ?? []).map((point) => ({
            name: metric.name,
            type,
            temporality: metric[type]?.aggregationTemporality ?? 0,
            value: type === 'histogram' ? Number(point.count) : (point.asDouble ?? Number.NaN),
            buckets: (point.bucketCounts ?? []).map(Number),
            bounds: point.explicitBounds ?? [],
            attributes: attributesOf(point.attributes ?? []),
            resource: attributesOf(resource.attributes),
          })),
        ),
      ),
    ),
  );
}

function attributesOf(pairs: readonly KeyValue[]): Readonly<Record<string, string | number>> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]));
}
