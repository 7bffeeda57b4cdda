import { isHost } from '@causeway/apis/gateway/host';
import type { OtelConfig } from '@causeway/apis/gateway/otel';

const HOST = 'otlp-collector-host';
const PORT = 'otlp-collector-port';
const SAMPLER = 'otel-sampler';
const RATIO = 'otel-sampler-ratio';
const SERVICE = 'otel-service-name';

const GRPC_PORT = '4317';
const SAMPLERS: Readonly<Record<string, string>> = {
  AlwaysOn: 'always_on',
  AlwaysOff: 'always_off',
  TraceIdRatioBased: 'trace_id_ratio',
};

/** Names of the options that say where spans go, and which requests have one. */
export const TRACE_EXPORTER_OPTIONS: ReadonlySet<string> = new Set([HOST, PORT, SAMPLER, RATIO, SERVICE]);

/**
 * The collector of spans as the ConfigMap of ingress-nginx names it, spoken to by gRPC; `enable-opentelemetry` switches tracing on.
 * undefined: nobody is traced.
 *
 * Source: ingress-nginx, ConfigMaps, otlp-collector-*, otel-*.
 */
export function readTraceExporter(options: ReadonlyMap<string, string>, mistakes: string[]): OtelConfig | undefined {
  const readable = (name: string, isGood: (text: string) => boolean): string | undefined => {
    const text = options.get(name) ?? '';
    if (text === '' || isGood(text)) return text === '' ? undefined : text;
    mistakes.push(
      `spec.controller.config.${name}: ${JSON.stringify(text)} is not a value it takes; the default is used`,
    );
    return undefined;
  };
  const host = readable(HOST, isHost);
  const port = readable(PORT, (text) => /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535) ?? GRPC_PORT;
  const sampler = readable(SAMPLER, (text) => Object.hasOwn(SAMPLERS, text));
  const fraction = readable(RATIO, (text) => /^(0(\.\d+)?|1(\.0+)?)$/.test(text));
  const service = readable(SERVICE, (text) => text.length <= 256);
  if (host === undefined) return undefined;
  return {
    enable: false,
    exporter: { collector: { address: `http://${host}:${port}`, protocol: 'grpc' } },
    ...(sampler === undefined
      ? {}
      : { sampler: { name: SAMPLERS[sampler] ?? '', ...(fraction === undefined ? {} : { options: { fraction } }) } }),
    ...(service === undefined ? {} : { resource: { 'service.name': service } }),
  };
}
