import type { EnvoyProxySpec } from '@causeway/apis/envoy-gateway/envoy-proxy';
import type { ObjectKey } from '@causeway/apis/meta/object';
import type { InstanceIR, MetricSinkIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import type { Tell } from '../policy/tell.ts';
import { collectorOf } from './collector.ts';

/** Endpoints and sizes are told, whatever is asked for. */
const SERVED: ReadonlySet<string> = new Set([
  'enablePerEndpointStats',
  'enableRequestResponseSizesStats',
  'prometheus',
  'sinks',
]);

type Metrics = NonNullable<NonNullable<EnvoyProxySpec['telemetry']>['metrics']>;
type Sink = NonNullable<Metrics['sinks']>[number];

/**
 * What an EnvoyProxy says of metrics.
 *
 * Source: Envoy Gateway v1.7, ProxyMetrics.
 *
 * @param proxy key of the EnvoyProxy that says so
 */
export function metricsOf(
  view: View,
  proxy: ObjectKey,
  { telemetry }: EnvoyProxySpec,
  tell: Tell,
): Partial<Pick<InstanceIR, 'metrics' | 'metricSinks'>> {
  const asked = telemetry?.metrics;
  if (asked === undefined) return {};
  const field = 'spec.telemetry.metrics';
  for (const name of Object.keys(asked)) if (!SERVED.has(name)) tell(`${field}.${name}`, '');
  const metricSinks = (asked.sinks ?? []).flatMap((sink, index) =>
    sinkOf(view, proxy, sink, (name, why) => tell(`${field}.sinks[${index}].openTelemetry.${name}`, why)),
  );
  return { ...pageOf(asked.prometheus ?? {}, field, tell), ...(metricSinks.length === 0 ? {} : { metricSinks }) };
}

function pageOf(
  { disable, compression }: NonNullable<Metrics['prometheus']>,
  field: string,
  tell: Tell,
): Partial<Pick<InstanceIR, 'metrics'>> {
  if (disable === true) return { metrics: 'none' };
  if (compression === undefined) return {};
  if (compression.type === 'Gzip') return { metrics: 'gzip' };
  if (compression.type === 'Brotli') return { metrics: 'br' };
  tell(`${field}.prometheus.compression`, `${compression.type} is not served`);
  return {};
}

function sinkOf(
  view: View,
  proxy: ObjectKey,
  { openTelemetry }: Sink,
  tell: (field: string, message: string) => void,
): readonly MetricSinkIR[] {
  const collector = openTelemetry && collectorOf(view, proxy, openTelemetry, tell);
  if (collector === undefined) return [];
  const { resourceAttributes, reportCountersAsDeltas, reportHistogramsAsDeltas } = openTelemetry ?? {};
  return [
    {
      collector,
      resource: resourceAttributes ?? {},
      deltas: { counters: reportCountersAsDeltas === true, histograms: reportHistogramsAsDeltas === true },
    },
  ];
}
