/**
 * Sends spans by OTLP, with the libraries of OpenTelemetry. Loaded only where requests are traced.
 *
 * Source: OpenTelemetry Protocol 1.3; spec ALB-101.
 */
import { lookup as dnsLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isLinkLocal } from '@causeway/apis/meta/address';
import { VERSION } from '@causeway/apis/meta/version';
import type { CollectorIR, CollectorUrlIR } from '@causeway/ir/gateway';
import {
  createTraceState,
  type HrTime,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
} from '@opentelemetry/api';
import { OTLPTraceExporter as HttpExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { CollectorChannel, type CollectorReach } from '../collector/channel.ts';
import type { ExportSender } from '../collector/export-queue.ts';
import type { TracedRequest } from './traced-request.ts';

/** Where OTLP over HTTP takes traces, behind the path of the address. */
const TRACES = 'v1/traces';
const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const SCOPE = { name: 'causeway', version: VERSION };

/**
 * @param resource attributes of all spans
 * @param at which turn it is, see {@link CollectorChannel.open}
 */
export async function openCollector(
  collector: CollectorIR | CollectorUrlIR,
  resource: Readonly<Record<string, string>>,
  at: { readonly turn: number; readonly reach: CollectorReach },
): Promise<ExportSender<TracedRequest>> {
  const ofSpans = resourceFromAttributes(resource);
  if ('url' in collector && collector.protocol === 'http') return httpSender(collector, ofSpans);
  const channel = await CollectorChannel.open(collector, at.turn, at.reach);
  return {
    send: (spans) => {
      const question = ProtobufTraceSerializer.serializeRequest(spans.map((span) => readableSpan(span, ofSpans)));
      return question === undefined ? Promise.resolve('no spans') : channel.call(EXPORT, Buffer.from(question));
    },
    close: () => channel.close(),
    get isStale() {
      return channel.isStale;
    },
  };
}

/** The certificate of the collector is not verified, as ALB does. */
function httpSender({ url, timeoutMs }: CollectorUrlIR, resource: Resource): ExportSender<TracedRequest> {
  const given = new URL(url);
  const base = given.pathname.endsWith('/') ? given : new URL(`${given.pathname}/`, given);
  const exporter = new HttpExporter({
    url: new URL(TRACES, base).href,
    timeoutMillis: timeoutMs,
    httpAgentOptions: { keepAlive: true, lookup, rejectUnauthorized: false },
  });
  return {
    send: (spans) =>
      new Promise((resolve) => {
        exporter.export(
          spans.map((span) => readableSpan(span, resource)),
          ({ code, error }) => resolve(code === 0 ? undefined : (error?.message ?? 'the export failed')),
        );
      }),
    close: () => exporter.shutdown(),
  };
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
