import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import path from 'node:path';
import type { GoProgramManifest } from '@causeway/tools/runtime/manifest';
import { eventually } from '../e2e/eventually.ts';
import { ask } from './http-request.ts';
import { type CollectedSpan, type CollectorPorts, type OtlpCollector, startOtlpCollector } from './otlp-collector.ts';

/** {@link OtlpCollector}, and which program it is. */
export type TraceCollector = OtlpCollector & { readonly name: string };

/** The OpenTelemetry collector, where `./causeway test` could build it (tools/runtime/otel-collector.ts); else our own in its place. */
export async function startTraceCollector(ports: CollectorPorts): Promise<TraceCollector> {
  const directory = process.env['CAUSEWAY_RUNTIME'] ?? path.join(homedir(), '.causeway/runtime');
  const manifest = path.join(directory, 'otel-collector.json');
  if (existsSync(manifest)) return startOtelCollector(manifest, ports);
  return {
    ...(await startOtlpCollector(ports)),
    name: 'a receiver of the tests (there is no OpenTelemetry collector)',
  };
}

/** What the collector has read it passes on at once, as JSON; a request is answered when that is done. */
async function startOtelCollector(manifest: string, ports: CollectorPorts): Promise<TraceCollector> {
  const { program, module } = JSON.parse(readFileSync(manifest, 'utf8')) as GoProgramManifest;
  const spans: CollectedSpan[] = [];
  const sink = createSink(spans).listen(0, '127.0.0.1');
  await once(sink, 'listening');
  const settings = settingsOf(ports, (sink.address() as AddressInfo).port);
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
  return { name: module, port: ports.http, grpcPort: ports.grpc, spans, close };
}

function settingsOf({ http, grpc }: CollectorPorts, sink: number): object {
  const protocols = { http: { endpoint: `127.0.0.1:${http}` }, grpc: { endpoint: `127.0.0.1:${grpc}` } };
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
      pipelines: { traces: { receivers: ['otlp'], exporters: ['otlphttp'] } },
    },
  };
}

function createSink(spans: CollectedSpan[]): Server {
  return createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      spans.push(...spansOf(JSON.parse(Buffer.concat(parts).toString()) as TracesData));
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

function attributesOf(pairs: readonly KeyValue[]): Readonly<Record<string, string | number>> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]));
}
