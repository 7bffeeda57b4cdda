import { httpHeader } from '../gateway-api/header-modifier.ts';
import { array, boolean, checked, integer, map, object, oneOf, optional, string } from '../meta/schema.ts';
import { backendCluster, TOLD_AT_HOST } from './backend-cluster.ts';
import { compressor } from './compressor.ts';
import { stringMatch } from './string-match.ts';

const openTelemetry = checked(
  object('A collector of OpenTelemetry.', {
    ...backendCluster('The collector.'),
    host: optional(string('Deprecated: its name.')),
    port: optional(integer('Deprecated: its port.', { minimum: 0, maximum: 65_535, format: 'int32', default: 4317 })),
    reportCountersAsDeltas: optional(boolean('Counters say what came since the last time.')),
    reportHistogramsAsDeltas: optional(boolean('Histograms say what came since the last time.')),
    headers: optional(array('Headers of what is sent.', httpHeader, { minItems: 1, maxItems: 32 })),
    resourceAttributes: optional(map('Attributes of the resource.', string('Value.'))),
  }),
  ...TOLD_AT_HOST,
);

/** Source: Envoy Gateway v1.7, ProxyMetrics. */
export const proxyMetrics = object('Metrics.', {
  prometheus: optional(
    object('They can be asked for.', {
      disable: optional(boolean('They cannot.')),
      compression: optional(compressor),
    }),
  ),
  sinks: optional(
    array(
      'Who is sent them.',
      checked(
        object('One of them.', {
          type: oneOf('What it speaks.', ['OpenTelemetry'], { default: 'OpenTelemetry' }),
          openTelemetry: optional(openTelemetry),
        }),
        {
          message: 'If MetricSink type is OpenTelemetry, openTelemetry field needs to be set.',
          rule: "self.type == 'OpenTelemetry' ? has(self.openTelemetry) : !has(self.openTelemetry)",
        },
      ),
      { maxItems: 16 },
    ),
  ),
  matches: optional(array('Which of them.', stringMatch('Names like this.'))),
  enableVirtualHostStats: optional(boolean('Those of hosts, too.')),
  enablePerEndpointStats: optional(boolean('Those of endpoints, too.')),
  enableRequestResponseSizesStats: optional(boolean('Those of sizes, too.')),
  clusterStatName: optional(string('How those of groups of endpoints are called.')),
});
