import { type OtelConfig, otelMistake, readCollector, readFraction } from '@causeway/apis/gateway/otel';
import type { RuleSpec } from '@causeway/apis/gateway/rule';
import { readTemplate } from '@causeway/apis/gateway/template';
import type { SamplerIR, SpanExportIR, TracingIR } from '@causeway/ir/gateway';
import type { Problem } from './problem.ts';

const QUEUE = 2048;
const FLUSH_SECONDS = 2;
const TIMEOUT_SECONDS = 10;
const FRACTION = 0.5;
const SPAN_NAME = '$request_method $request_uri';

/**
 * The merged settings of all levels -> tracing. What cannot be read is as if absent.
 *
 * Source: spec ALB-101.
 *
 * @param own settings of the Rule itself
 */
export function translateTracing(
  otel: OtelConfig | undefined,
  own: Pick<NonNullable<RuleSpec['config']>, 'otel' | 'spanName' | 'trustIncomingSpan'>,
  object: Problem['object'],
): { readonly filters: readonly TracingIR[]; readonly problems: readonly Problem[] } {
  const invalid = (message: string): Problem => ({ object, reason: 'InvalidField', message, severity: 'Warning' });
  const mistake = own.otel && otelMistake(own.otel, 'spec.config.otel');
  const problems = mistake === undefined ? [] : [invalid(mistake)];
  if (otel?.enable !== true) return { filters: [], problems };
  const spans = translateExport(otel);
  if (spans === undefined) {
    const field = 'spec.config.otel.exporter.collector.address';
    return { filters: [], problems: [...problems, invalid(`${field}: Required value; requests are not traced`)] };
  }
  const { flags = {} } = otel;
  const name = readTemplate(own.spanName || SPAN_NAME);
  if (typeof name === 'string') problems.push(invalid(`spec.config.spanName: ${name}`));
  const tracing: TracingIR = {
    type: 'tracing',
    sampler: translateSampler(otel.sampler),
    trustIncoming: own.trustIncomingSpan ?? flags.notrust_incoming_span !== true,
    name: typeof name === 'string' ? [{ variable: 'request_method' }, ' ', { variable: 'request_uri' }] : name,
    attributes: {
      upstream: flags.hide_upstream_attrs !== true,
      requestHeaders: flags.report_http_request_header === true,
      responseHeaders: flags.report_http_response_header === true,
    },
    export: spans,
  };
  return { filters: [tracing], problems };
}

/** @returns undefined without a collector to which spans may go */
function translateExport({ exporter = {}, resource = {} }: OtelConfig): SpanExportIR | undefined {
  const { collector = {}, batch_span_processor: batch = {} } = exporter;
  const url = readCollector(collector.address ?? '');
  if (typeof url === 'string') return undefined;
  return {
    collector: {
      url: url.href,
      protocol: collector.protocol ?? 'http',
      timeoutMs: (collector.request_timeout || TIMEOUT_SECONDS) * 1000,
    },
    queue: batch.max_queue_size || QUEUE,
    flushMs: (batch.inactive_timeout || FLUSH_SECONDS) * 1000,
    resource,
  };
}

function translateSampler(sampler: OtelConfig['sampler']): SamplerIR {
  const { name = 'always_on', options = {} } = sampler ?? {};
  const followsParent = name === 'parent_base';
  return { share: shareOf(followsParent ? options.parent_name : name, options.fraction), followsParent };
}

/** Share of the trace ids that are sampled. */
function shareOf(sampler: string | undefined, fraction: string | undefined): number {
  if (sampler === 'always_off') return 0;
  return sampler === 'trace_id_ratio' ? (readFraction(fraction ?? '') ?? FRACTION) : 1;
}
