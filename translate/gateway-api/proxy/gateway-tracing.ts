import type { CustomTag, ProxyTracing } from '@causeway/apis/envoy-gateway/tracing';
import type { ObjectKey } from '@causeway/apis/meta/object';
import type { SpanTagIR, TracingIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { isSecretHeader } from '../operator-text.ts';
import { collectorOf } from './collector.ts';

const QUEUE = 2048;
const FLUSH_MS = 1000;

/** Tracing, but for the name of the Gateway. */
export type ProxyTracingIR = TracingIR & {
  /** Attribute service.name; absent: it follows from the Gateway. */
  readonly service?: string;
};

/** The filter of the requests of a Gateway. */
export function tracingOf({ namespace, name }: ObjectKey, { service, ...tracing }: ProxyTracingIR): TracingIR {
  const resource = { 'service.name': service ?? `${name}.${namespace}`, ...tracing.export.resource };
  return { ...tracing, export: { ...tracing.export, resource } };
}

/**
 * Which requests of a Gateway become spans, and who takes them.
 *
 * Source: GW-46; Envoy Gateway v1.7, ProxyTracing.
 *
 * @param proxy key of the EnvoyProxy that says so
 * @param tell told of what has no effect, with the field
 * @returns undefined when nobody can take spans, which is told
 */
export function gatewayTracing(
  view: View,
  proxy: ObjectKey,
  tracing: ProxyTracing,
  tell: (field: string, message: string) => void,
): ProxyTracingIR | undefined {
  const { provider, customTags = {}, samplingRate, samplingFraction } = tracing;
  const { type, serviceName, openTelemetry = {} } = provider;
  if (type !== 'OpenTelemetry') {
    tell('provider.type', `${type} is not served`);
    return undefined;
  }
  const collector = collectorOf(view, proxy, { ...provider, headers: openTelemetry.headers }, (field, why) =>
    tell(field === 'headers' ? `provider.openTelemetry.${field}` : `provider.${field}`, why),
  );
  if (collector === undefined) {
    tell('provider', 'requests are not traced');
    return undefined;
  }
  const share = samplingFraction === undefined ? (samplingRate ?? 100) / 100 : shareOf(samplingFraction);
  const tags = tagsOf(customTags, tell);
  return {
    type: 'tracing',
    sampler: { share, followsParent: share > 0 },
    trustIncoming: true,
    name: [{ variable: 'request_method' }, ' ', { variable: 'request_uri' }],
    attributes: {
      upstream: true,
      requestHeaders: false,
      responseHeaders: false,
      ...(Object.keys(tags).length === 0 ? {} : { tags }),
    },
    export: { collector, queue: QUEUE, flushMs: FLUSH_MS, resource: openTelemetry.resourceAttributes ?? {} },
    ...(serviceName === undefined ? {} : { service: serviceName }),
  };
}

export function shareOf({ numerator, denominator = 100 }: NonNullable<ProxyTracing['samplingFraction']>): number {
  return numerator / denominator;
}

/** @param tell told of tags that have no effect, with the field */
export function tagsOf(
  customTags: Readonly<Record<string, CustomTag>>,
  tell: (field: string, message: string) => void,
): Readonly<Record<string, SpanTagIR>> {
  return Object.fromEntries(
    Object.entries(customTags).flatMap(([name, tag]) => {
      const found = tagOf(tag, (message) => tell(`customTags.${name}`, message));
      return found === undefined ? [] : [[name, found] as const];
    }),
  );
}

/** Of the environment only the default counts: what stands there is the data plane's own. */
function tagOf(
  { type, literal, environment, requestHeader }: CustomTag,
  tell: (message: string) => void,
): SpanTagIR | undefined {
  if (type === 'Literal') return { value: literal?.value ?? '' };
  if (type === 'Environment') {
    const value = environment?.defaultValue;
    if (value === undefined) tell('of the environment only defaultValue has an effect');
    return value === undefined ? undefined : { value };
  }
  const header = requestHeader?.name.toLowerCase() ?? '';
  if (isSecretHeader(header)) {
    tell(`header ${header} is told to nobody`);
    return undefined;
  }
  const otherwise = requestHeader?.defaultValue;
  return { header, ...(otherwise === undefined ? {} : { otherwise }) };
}
