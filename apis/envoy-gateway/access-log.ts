import { httpHeader } from '../gateway-api/header-modifier.ts';
import { array, boolean, checked, integer, map, object, oneOf, optional, string, type TypeOf } from '../meta/schema.ts';
import { backendCluster, TOLD, TOLD_AT_HOST } from './backend-cluster.ts';

const TEXT = "has(self.type) && self.type == 'Text'";
const JSON_TYPE = "has(self.type) && self.type == 'JSON'";

const format = checked(
  object('What it says; absent: JSON.', {
    type: optional(oneOf('Which.', ['Text', 'JSON'])),
    text: optional(string('A line, with commands of Envoy.')),
    json: optional(map('Names and commands of Envoy.', string('Command.'))),
  }),
  {
    message: 'If AccessLogFormat type is Text, text field needs to be set.',
    rule: `!(${TEXT}) || has(self.text)`,
  },
  {
    message: 'If AccessLogFormat type is Text, json field must not be set.',
    rule: `!(${TEXT}) || !has(self.json)`,
  },
  {
    message: 'If AccessLogFormat type is JSON, json field needs to be set.',
    rule: `!(${JSON_TYPE}) || has(self.json)`,
  },
  {
    message: 'If AccessLogFormat type is JSON, text field must not be set.',
    rule: `!(${JSON_TYPE}) || !has(self.text)`,
  },
  {
    message: 'If AccessLogFormat type is unset, at least one of text or json must be set.',
    rule: 'has(self.type) || has(self.text) || has(self.json)',
  },
);

const headerNames = (of: string) => optional(array(of, string('Name.')));

const als = checked(
  object('A service of Envoy.', {
    ...backendCluster('The service.'),
    logName: optional(string('Name of the log.', { minLength: 1 })),
    type: oneOf('Of requests or of connections.', ['HTTP', 'TCP']),
    http: optional(
      object('What is told of requests besides.', {
        requestHeaders: headerNames('Headers of requests.'),
        responseHeaders: headerNames('Headers of answers.'),
        responseTrailers: headerNames('Trailers of answers.'),
      }),
    ),
  }),
  {
    message: 'The http field may only be set when type is HTTP.',
    rule: "self.type == 'HTTP' || !has(self.http)",
  },
  {
    message: 'must have at least one backend in backendRefs',
    rule: 'has(self.backendRefs) && self.backendRefs.size() > 0',
  },
  ...TOLD,
);

const openTelemetry = checked(
  object('A collector of OpenTelemetry.', {
    ...backendCluster('The collector.'),
    host: optional(string('Deprecated: its name.')),
    port: optional(integer('Deprecated: its port.', { minimum: 0, format: 'int32', default: 4317 })),
    resources: optional(map('Deprecated: attributes of the resource.', string('Value.'))),
    resourceAttributes: optional(map('Attributes of the resource.', string('Value.'))),
    headers: optional(array('Headers of what is sent.', httpHeader, { minItems: 1, maxItems: 32 })),
  }),
  {
    message: 'either resources or resourceAttributes can be set, not both',
    rule: '!has(self.resources) || !has(self.resourceAttributes)',
  },
  ...TOLD_AT_HOST,
);

const needs = (type: string, field: string) => ({
  message: `If AccessLogSink type is ${type}, ${field} field needs to be set.`,
  rule: `self.type == '${type}' ? has(self.${field}) : !has(self.${field})`,
});

const sink = checked(
  object('One of them.', {
    type: oneOf('Which.', ['ALS', 'File', 'OpenTelemetry']),
    als: optional(als),
    file: optional(
      object('A file.', { path: string('Its path; /dev/stdout is the output of the pod.', { minLength: 1 }) }),
    ),
    openTelemetry: optional(openTelemetry),
  }),
  needs('ALS', 'als'),
  needs('File', 'file'),
  needs('OpenTelemetry', 'openTelemetry'),
);

/** Source: Envoy Gateway v1.7, ProxyAccessLog. */
export const accessLog = object('What is told of requests.', {
  disable: optional(boolean('Nothing.')),
  settings: optional(
    array(
      'Where it is told, and how.',
      object('One way.', {
        format: optional(format),
        matches: optional(array('Conditions in CEL, of which one must hold.', string('Condition.'), { maxItems: 10 })),
        sinks: array('Where.', sink, { minItems: 1, maxItems: 50 }),
        type: optional(oneOf('Of connections, or of requests; absent: both.', ['Listener', 'Route'])),
      }),
      { minItems: 1, maxItems: 50 },
    ),
  ),
});
export type ProxyAccessLog = TypeOf<typeof accessLog>;
