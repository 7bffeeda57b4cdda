/**
 * Tracing by OpenTelemetry, under spec.config of ALB2, Frontend and Rule, and as an annotation of Ingresses.
 *
 * Source: spec ALB section 2.4, ALB-101.
 */
import { isIP } from 'node:net';
import { isLinkLocal } from '../meta/address.ts';
import { boolean, integer, map, object, oneOf, optional, string, type TypeOf } from '../meta/schema.ts';

export const SAMPLERS = ['always_on', 'always_off', 'trace_id_ratio', 'parent_base'] as const;

export const otel = object('Tracing by OpenTelemetry. Of several levels the fields are merged, the lower one wins.', {
  enable: boolean('Whether requests are traced.'),
  exporter: optional(
    object('Where spans go.', {
      collector: optional(
        object('OTLP collector.', {
          address: optional(string('URL; without scheme: http.')),
          request_timeout: optional(integer('Seconds; default 10.', { minimum: 0, maximum: 3600 })),
          protocol: optional(
            oneOf('How it is spoken to: protobuf in requests to /v1/traces, or gRPC; default http.', ['http', 'grpc']),
          ),
        }),
      ),
      batch_span_processor: optional(
        object('Batching.', {
          max_queue_size: optional(
            integer('Spans waiting at most, further ones are dropped; default 2048.', { minimum: 0, maximum: 65_536 }),
          ),
          inactive_timeout: optional(
            integer('Seconds after which a batch is sent; default 2.', { minimum: 0, maximum: 3600 }),
          ),
        }),
      ),
    }),
  ),
  sampler: optional(
    object('Which requests are traced.', {
      name: optional(string('always_on, always_off, trace_id_ratio or parent_base; default always_on.')),
      options: optional(
        object('Of the sampler.', {
          fraction: optional(string('Share of requests, "0" to "1"; default 0.5.')),
          parent_name: optional(string('Sampler of parent_base for requests that are in no trace yet.')),
        }),
      ),
    }),
  ),
  flags: optional(
    object('Written as a whole: a lower level replaces all four.', {
      hide_upstream_attrs: optional(boolean('Leave attributes of the backend out.')),
      notrust_incoming_span: optional(boolean('Start a new trace whatever the request says.')),
      report_http_request_header: optional(boolean('Add request headers to spans, but for those that identify users.')),
      report_http_response_header: optional(boolean('Add response headers to spans, but for cookies.')),
    }),
  ),
  resource: optional(map('Attributes of every span.', string('Value.'))),
});
export type OtelConfig = TypeOf<typeof otel>;

/**
 * What the schema cannot say of a configuration; undefined for nothing.
 *
 * @param field where it stands: `spec.config.otel`
 */
export function otelMistake({ exporter, sampler }: OtelConfig, field: string): string | undefined {
  const address = exporter?.collector?.address;
  const collector = address === undefined ? undefined : readCollector(address);
  if (typeof collector === 'string') return `${field}.exporter.collector.address: ${collector}`;
  const { fraction = '', parent_name: parent = '' } = sampler?.options ?? {};
  for (const name of [sampler?.name ?? '', parent]) {
    const known: readonly string[] = SAMPLERS;
    if (name !== '' && !known.includes(name)) return `${field}.sampler: supported values: ${SAMPLERS.join(', ')}`;
  }
  if (fraction === '' || readFraction(fraction) !== undefined) return undefined;
  return `${field}.sampler.options.fraction: must be a number from "0" to "1"`;
}

/** @returns undefined when the text is no number from 0 to 1 */
export function readFraction(text: string): number | undefined {
  return /^(0(\.\d+)?|1(\.0+)?)$/.test(text) ? Number(text) : undefined;
}

/** What the address of a collector is: a URL without path or with one, or what is wrong with it. */
export function readCollector(address: string): URL | string {
  const text = address.includes('://') ? address : `http://${address}`;
  if (!/^https?:\/\/[^\s/]/.test(text) || /[\s\p{Cc}]/u.test(text) || !URL.canParse(text)) {
    return 'must be an http or https URL';
  }
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'must hold no password';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return isIP(host) !== 0 && isLinkLocal(host) ? 'link-local addresses are refused' : url;
}
