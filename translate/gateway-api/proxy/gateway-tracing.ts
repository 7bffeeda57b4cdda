import { ENVOY_GATEWAY_GROUP } from '@causeway/apis/envoy-gateway/bundle';
import type { CustomTag, ProxyTracing } from '@causeway/apis/envoy-gateway/tracing';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { SpanTagIR, TracingIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { resolveBackend } from '../backend/backend-ref.ts';
import { isSecretHeader } from './log-format.ts';

const GRPC_PORT = 4317;
const TIMEOUT_MS = 10_000;
const QUEUE = 2048;
const FLUSH_MS = 1000;

/** Tracing, but for the name of the Gateway. */
export type ProxyTracingIR = Omit<TracingIR, 'export'> & {
  readonly export: Omit<TracingIR['export'], 'resource'>;
  /** Attribute service.name; absent: it follows from the Gateway. */
  readonly service?: string;
};

/** The filter of the requests of a Gateway. */
export function tracingOf({ namespace, name }: ObjectKey, { service, ...tracing }: ProxyTracingIR): TracingIR {
  const resource = { 'service.name': service ?? `${name}.${namespace}` };
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
  const { type, serviceName } = provider;
  if (type !== 'OpenTelemetry') {
    tell('provider.type', `${type} is not served`);
    return undefined;
  }
  const url = collectorOf(view, proxy, provider, (field, why) =>
    tell(`provider.${field}`, `${why}; requests are not traced`),
  );
  if (url === undefined) return undefined;
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
    export: { collector: { url, protocol: 'grpc', timeoutMs: TIMEOUT_MS }, queue: QUEUE, flushMs: FLUSH_MS },
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

/**
 * Where an EnvoyProxy has telemetry taken by gRPC.
 *
 * @param tell told why it is undefined, with the field
 */
export function collectorOf(
  view: View,
  { namespace }: ObjectKey,
  { backendRefs = [], host, port = GRPC_PORT }: Pick<ProxyTracing['provider'], 'backendRefs' | 'host' | 'port'>,
  tell: (field: string, message: string) => void,
): string | undefined {
  const [first] = backendRefs;
  if (first === undefined) {
    tell('host', `${host ?? ''}:${port}: only backendRefs are served`);
    return undefined;
  }
  const resolved = resolveBackend(view, { group: ENVOY_GATEWAY_GROUP, kind: 'EnvoyProxy', namespace }, first);
  if ('reason' in resolved) {
    tell('backendRefs', resolved.message);
    return undefined;
  }
  const { service, host: ofBackend, tls, refused } = resolved;
  if (tls !== undefined || refused !== undefined) {
    tell('backendRefs', `${objectKeyText(service)}: TLS is not spoken to collectors`);
    return undefined;
  }
  return `http://${ofBackend ?? `${service.name}.${service.namespace}.svc`}:${resolved.port}`;
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
