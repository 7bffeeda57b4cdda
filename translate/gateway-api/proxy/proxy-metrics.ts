import type { EnvoyProxySpec } from '@causeway/apis/envoy-gateway/envoy-proxy';
import type { InstanceIR } from '@causeway/ir/gateway';
import type { Tell } from '../policy/tell.ts';

/** Endpoints are told one by one, whatever is asked for. */
const ALWAYS: ReadonlySet<string> = new Set(['enablePerEndpointStats', 'prometheus']);

/**
 * What an EnvoyProxy says of metrics.
 *
 * Source: Envoy Gateway v1.7, ProxyMetrics.
 */
export function metricsOf({ telemetry }: EnvoyProxySpec, tell: Tell): Partial<Pick<InstanceIR, 'metrics'>> {
  const asked = telemetry?.metrics;
  if (asked === undefined) return {};
  const field = 'spec.telemetry.metrics';
  for (const name of Object.keys(asked)) if (!ALWAYS.has(name)) tell(`${field}.${name}`, '');
  const { disable, compression } = asked.prometheus ?? {};
  if (disable === true) return { metrics: 'none' };
  if (compression === undefined) return {};
  if (compression.type === 'Gzip') return { metrics: 'gzip' };
  if (compression.type === 'Brotli') return { metrics: 'br' };
  tell(`${field}.prometheus.compression`, `${compression.type} is not served`);
  return {};
}
