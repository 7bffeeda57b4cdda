/**
 * Sends spans by OTLP, with the libraries of OpenTelemetry. Loaded only where requests are traced.
 *
 * Source: OpenTelemetry Protocol 1.3; spec ALB-101.
 */
import { lookup as dnsLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isLinkLocal } from '@causeway/apis/meta/address';
import { VERSION } from '@causeway/apis/meta/version';
import type { SpanExportIR } from '@causeway/ir/gateway';
import { credentials } from '@grpc/grpc-js';
import {
  createTraceState,
  type HrTime,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
} from '@opentelemetry/api';
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as HttpExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { collectorAddress, type LocateService } from '../collector-address.ts';
import type { ExportSender } from '../export-queue.ts';
import type { TracedRequest } from './traced-request.ts';

/** Where OTLP over HTTP takes traces, behind the path of the address. */
const TRACES = 'v1/traces';
const SCOPE = { name: 'causeway', version: VERSION };

/** @param resource attributes of all spans */
export async function openCollector(
  { collector }: SpanExportIR,
  resource: Readonly<Record<string, string>>,
  locate: LocateService,
): Promise<ExportSender<TracedRequest>> {
  const { url, protocol, timeoutMs } = collector;
  const exporter =
    protocol === 'grpc' ? await grpcExporter(new URL(url), timeoutMs, locate) : httpExporter(new URL(url), timeoutMs);
  const ofSpans = resourceFromAttributes(resource);
  return {
    send: (spans) =>
      new Promise((resolve) => {
        exporter.export(
          spans.map((span) => readableSpan(span, ofSpans)),
          ({ code, error }) => resolve(code === 0 ? undefined : (error?.message ?? 'the export failed')),
        );
      }),
    close: () => exporter.shutdown(),
  };
}

/** The certificate of the collector is not verified, as ALB does. */
function httpExporter(url: URL, timeoutMs: number): SpanExporter {
  const base = url.pathname.endsWith('/') ? url : new URL(`${url.pathname}/`, url);
  return new HttpExporter({
    url: new URL(TRACES, base).href,
    timeoutMillis: timeoutMs,
    httpAgentOptions: { keepAlive: true, lookup, rejectUnauthorized: false },
  });
}

/** The name is looked up here, and not by the library, to see where it leads. */
async function grpcExporter(url: URL, timeoutMs: number, locate: LocateService): Promise<SpanExporter> {
  const secure = url.protocol === 'https:';
  const authority = await collectorAddress(url, locate);
  return new GrpcExporter({
    url: `${url.protocol}//${authority}`,
    timeoutMillis: timeoutMs,
    credentials: secure
      ? credentials.createSsl(null, null, null, { rejectUnauthorized: false })
      : credentials.createInsecure(),
  });
}

/** IPv4 first, and never what only the machine itself may reach (design D12). */
const lookup: LookupFunction = (host, options, callback) => {
  dnsLookup(host, { all: true, order: 'ipv4first' }, (error, found) => {
    const allowed = error === null ? found.filter(({ address }) => !isLinkLocal(address)) : [];
    const [first] = allowed;
    if (first === undefined) callback(error ?? new Error(`${host} has link-local addresses only`), '', 0);
    else if (options.all === true) callback(null, allowed);
    else callback(null, first.address, first.family);
  });
};

function readableSpan({ record, attributes, failed }: TracedRequest, resource: Resource): ReadableSpan {
  const { traceId, spanId, parentId, traceState, beganMs, endedMs } = record;
  const context: SpanContext = {
    traceId,
    spanId,
    traceFlags: TraceFlags.SAMPLED,
    ...(traceState !== undefined && { traceState: createTraceState(traceState) }),
  };
  return {
    name: record.name,
    kind: SpanKind.SERVER,
    spanContext: () => context,
    ...(parentId !== undefined && {
      parentSpanContext: { traceId, spanId: parentId, traceFlags: TraceFlags.SAMPLED, isRemote: true },
    }),
    startTime: hrTime(beganMs),
    endTime: hrTime(endedMs),
    duration: hrTime(Math.max(0, endedMs - beganMs)),
    status: { code: failed ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
    attributes,
    links: [],
    events: [],
    ended: true,
    resource,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function hrTime(ms: number): HrTime {
  return [Math.floor(ms / 1000), Math.round(ms % 1000) * 1_000_000];
}
