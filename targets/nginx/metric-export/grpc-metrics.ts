/** Sends metrics to a collector by gRPC. Loaded only where there are such. Source: OpenTelemetry Protocol 1.3, MetricsService. */
import type { CollectorIR, MetricSinkIR } from '@causeway/ir/gateway';
import { CollectorChannel, type CollectorReach } from '../collector/channel.ts';
import type { ExportSender } from '../collector/export-queue.ts';
import { otlpRequest } from '../collector/otlp-request.ts';
import { metricMessages, type SentPoint } from './otlp-metrics.ts';

const EXPORT = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';

/** @throws Error where the collector cannot be found */
export async function openMetricSink(
  collector: CollectorIR,
  {
    resource,
    deltas,
    turn,
    reach,
  }: Pick<MetricSinkIR, 'deltas' | 'resource'> & { readonly turn: number; readonly reach: CollectorReach },
): Promise<ExportSender<SentPoint>> {
  const channel = await CollectorChannel.open(collector, turn, reach);
  const request = otlpRequest(resource);
  return {
    send: (points) => channel.call(EXPORT, request(metricMessages(points, deltas))),
    close: () => channel.close(),
    get isStale() {
      return channel.isStale;
    },
  };
}
