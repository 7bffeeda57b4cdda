import { httpHeader } from '../gateway-api/header-modifier.ts';
import { array, checked, integer, map, object, oneOf, optional, string, type TypeOf } from '../meta/schema.ts';
import { backendCluster, TOLD_AT_HOST } from './backend-cluster.ts';

const tagged = object('A header of requests, or a variable of the data plane.', {
  name: string('Its name.', { minLength: 1 }),
  defaultValue: optional(string('Where there is none.')),
});

const customTag = object('An attribute of spans.', {
  type: oneOf('What it is.', ['Literal', 'Environment', 'RequestHeader'], { default: 'Literal' }),
  literal: optional(object('The same for all.', { value: string('Value.') })),
  environment: optional(tagged),
  requestHeader: optional(tagged),
});
export type CustomTag = TypeOf<typeof customTag>;

const provider = checked(
  object(
    'Who takes spans.',
    {
      type: oneOf(
        'What it speaks; only OpenTelemetry (OTLP by gRPC) is served.',
        ['OpenTelemetry', 'Zipkin', 'Datadog'],
        {
          default: 'OpenTelemetry',
        },
      ),
      ...backendCluster('Services of collectors.'),
      host: optional(string('Deprecated: its name.')),
      port: optional(integer('Deprecated: its port.', { minimum: 0, format: 'int32', default: 4317 })),
      openTelemetry: optional(
        object(
          'What OpenTelemetry is told besides.',
          {
            headers: optional(array('Headers of what is sent.', httpHeader, { minItems: 1, maxItems: 32 })),
            resourceAttributes: optional(map('Attributes of the resource.', string('Value.'))),
          },
          { preserveUnknown: true },
        ),
      ),
      serviceName: optional(
        checked(string('Attribute service.name of spans; absent: `<gateway>.<namespace>`.'), {
          message: 'serviceName cannot be empty if provided',
          rule: "self != ''",
        }),
      ),
    },
    { preserveUnknown: true },
  ),
  ...TOLD_AT_HOST,
);

/** Which share of the requests. */
export const samplingFraction = optional(
  checked(
    object('Share of the requests.', {
      numerator: integer('Numerator.', { minimum: 0, format: 'int32' }),
      denominator: optional(integer('Denominator.', { minimum: 1, format: 'int32', default: 100 })),
    }),
    {
      message: 'numerator must be less than or equal to denominator',
      rule: 'self.numerator <= self.denominator',
    },
  ),
);

export const customTags = optional(map('Attributes of spans, by name.', customTag));

/** Source: GW-46; Envoy Gateway v1.7, ProxyTracing. */
export const tracing = checked(
  object(
    'Which requests become spans, and who takes these.',
    {
      samplingRate: optional(
        integer('Percent of the requests; absent: 100.', { minimum: 0, maximum: 100, format: 'int32' }),
      ),
      samplingFraction,
      customTags,
      provider,
    },
    { preserveUnknown: true },
  ),
  {
    message: 'only one of samplingRate or samplingFraction can be specified',
    rule: '!(has(self.samplingRate) && has(self.samplingFraction))',
  },
);
export type ProxyTracing = TypeOf<typeof tracing>;
