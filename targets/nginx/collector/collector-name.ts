import type { CollectorIR, CollectorUrlIR } from '@causeway/ir/gateway';

/** What a collector is called when people are told of it: `https://otel.example:4318`, or `collector.monitoring.svc:4317`. */
export function collectorName(collector: CollectorIR | CollectorUrlIR): string {
  if ('url' in collector) return collector.url;
  return collector.services.map(({ host, port }) => `${host}:${port}`).join(', ');
}
