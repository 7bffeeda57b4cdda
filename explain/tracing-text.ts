import type { RequestView } from '@causeway/dataplane/policy/request-view';
import { continuesSampled, isTraceparent, traceIdOf } from '@causeway/dataplane/policy/tracing';
import type { TracingIR } from '@causeway/ir/gateway';
import { collectorName } from '@causeway/targets/nginx/collector/collector-name';
import { renderTracing } from '@causeway/targets/nginx/steps';

/** Whether a request becomes a span, and where it goes. */
export function tracingText(tracing: TracingIR, request: RequestView): string {
  const collector = collectorName(tracing.export.collector);
  const incoming = tracing.trustIncoming ? request.header('traceparent') : undefined;
  if (incoming !== undefined && isTraceparent(incoming)) {
    const sampled = continuesSampled(renderTracing(tracing), incoming);
    return `traced: trace ${traceIdOf(incoming)} goes on, ${sampled ? `its span goes to ${collector}` : 'not sampled'}`;
  }
  return `traced: begins a trace; spans of ${Number((tracing.sampler.share * 100).toFixed(4))} % go to ${collector}`;
}
