import { duration } from '../gateway-api/names.ts';
import { policyStatus } from '../gateway-api/policy-status.ts';
import type { ObjectOfKind } from '../meta/crd.ts';
import {
  array,
  boolean,
  checked,
  integer,
  number,
  object,
  oneOf,
  optional,
  string,
  type TypeOf,
} from '../meta/schema.ts';
import { envoyGatewayKind, unserved, unservedObject } from './bundle.ts';
import { compressor } from './compressor.ts';
import { dns } from './dns.ts';
import { healthCheck } from './health-check.ts';
import { httpStatus } from './http-status.ts';
import { loadBalancer } from './load-balancer.ts';
import { policyTargetFields, targetRules } from './policy-target.ts';
import { rateLimit } from './rate-limit.ts';
import { responseOverrides } from './response-override.ts';
import { size } from './size.ts';
import { tcpKeepalive } from './tcp-keepalive.ts';
import { customTags, samplingFraction } from './tracing.ts';

/** How requests are sent to backends. Source: Envoy Gateway v1.7, BackendTrafficPolicy. */
export type BackendTrafficPolicy = ObjectOfKind<typeof BackendTrafficPolicyKind>;

const TRIGGERS = [
  '5xx',
  'gateway-error',
  'reset',
  'reset-before-request',
  'connect-failure',
  'retriable-4xx',
  'refused-stream',
  'retriable-status-codes',
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
] as const;

const retry = object('Requests that fail are sent again.', {
  numRetries: optional(integer('How often.', { minimum: 0, default: 2, format: 'int32' })),
  numAttemptsPerPriority: optional(unserved('Attempts before other endpoints are tried.')),
  perRetry: optional(
    object('Each attempt.', {
      timeout: optional(duration('How long it may take.')),
      backOff: optional(
        object('How long is waited before it; twice as long with each.', {
          baseInterval: optional(duration('At least.')),
          maxInterval: optional(duration('At most; absent: ten times as long.')),
        }),
      ),
    }),
  ),
  retryOn: optional(
    object('After which failures.', {
      triggers: optional(array('Kinds of failures.', oneOf('Kind.', TRIGGERS))),
      httpStatusCodes: optional(array('Statuses of answers.', httpStatus('Status.'))),
    }),
  ),
});
export type Retry = TypeOf<typeof retry>;

const timeout = object('How long things may take; 0s is without limit.', {
  tcp: optional(object('Connections.', { connectTimeout: optional(duration('Until one is there.')) })),
  http: optional(
    object('Requests.', {
      requestTimeout: optional(duration('Until the answer is there.')),
      connectionIdleTimeout: optional(duration('How long a connection to a backend waits for requests.')),
      maxConnectionDuration: optional(duration('How long requests begin on one connection to a backend.')),
      maxStreamDuration: optional(duration('How long a request lives, whatever comes meanwhile.')),
    }),
  ),
});
export type BackendTimeout = TypeOf<typeof timeout>;

const percentage = optional(number('Share of the requests in percent.', { minimum: 0, maximum: 100, default: 100 }));

const faultInjection = checked(
  object('Requests fail on purpose.', {
    delay: optional(object('They take longer.', { fixedDelay: duration('How long.'), percentage })),
    abort: optional(
      checked(
        object('They are answered here.', {
          httpStatus: optional(integer('Status.', { minimum: 200, maximum: 600, format: 'int32' })),
          grpcStatus: optional(integer('Status of gRPC, and for other requests what is like it.', { format: 'int32' })),
          percentage,
        }),
        {
          message: 'httpStatus and grpcStatus cannot be simultaneously defined.',
          rule: '!(has(self.httpStatus) && has(self.grpcStatus))',
        },
        {
          message: 'httpStatus and grpcStatus are set at least one.',
          rule: 'has(self.httpStatus) || has(self.grpcStatus)',
        },
      ),
    ),
  }),
  { message: 'Delay and abort faults are set at least one.', rule: 'has(self.delay) || has(self.abort)' },
);
export type FaultInjection = TypeOf<typeof faultInjection>;

const count = { minimum: 0, maximum: 4_294_967_295, format: 'int64' } as const;

const circuitBreaker = object('How much may be under way; what is beyond is answered 503.', {
  maxParallelRequests: optional(integer('Requests.', count)),
  maxConnections: optional(integer('Connections; absent: 1024 with maxPendingRequests.', count)),
  maxPendingRequests: optional(
    integer('Requests that wait for a connection; absent: 1024 with maxConnections.', count),
  ),
  maxParallelRetries: optional(integer('Requests that are sent again; others keep the answer that they have.', count)),
  maxRequestsPerConnection: optional(integer('Requests of one connection; 0 or absent: no limit.', count)),
  perEndpoint: optional(
    object('Each endpoint.', { maxConnections: optional(integer('Connections; absent: 1024.', count)) }),
  ),
});

/** Source: Envoy Gateway v1.7, BackendConnection. */
const connection = object('Connections to backends. Not served.', {
  bufferLimit: optional(size('Buffer of one.')),
  socketBufferLimit: optional(size('The same in the kernel.')),
  preconnect: optional(
    object('Connections are opened before they are needed.', {
      perEndpointPercent: optional(
        integer('How many, in percent of those in use.', { minimum: 100, maximum: 300, format: 'int32' }),
      ),
      predictivePercent: optional(integer('The same over all endpoints.', { minimum: 100, format: 'int32' })),
    }),
  ),
});

const upgrade = checked(
  object('A protocol.', { type: string('websocket is always served.'), connect: optional(unservedObject('CONNECT.')) }),
  {
    message: 'The connect configuration is only allowed when the type is CONNECT.',
    rule: "!has(self.connect) || self.type == 'CONNECT'",
  },
);

const spec = checked(
  object('How requests are sent to backends, and where that holds.', {
    ...policyTargetFields,
    mergeType: optional(
      oneOf('How it is put together with the policy of the Gateway.', ['StrategicMerge', 'JSONMerge']),
    ),
    timeout: optional(timeout),
    settings: optional(
      object('Deprecated: what stands here belongs one level higher.', {
        timeout: optional(unserved('As timeout, of which the other one wins.')),
      }),
    ),
    retry: optional(retry),
    loadBalancer: optional(loadBalancer),
    rateLimit: optional(rateLimit),
    faultInjection: optional(faultInjection),
    requestBuffer: optional(object('Requests are read whole first.', { limit: size('Longer ones are answered 413.') })),
    healthCheck: optional(healthCheck),
    circuitBreaker: optional(circuitBreaker),
    compression: optional(array('Deprecated: see compressor.', compressor)),
    compressor: optional(array('How answers are made smaller.', compressor)),
    connection: optional(connection),
    dns: optional(dns),
    http2: optional(unserved('Settings of HTTP/2.')),
    httpUpgrade: optional(array('Protocols that clients may change to.', upgrade)),
    proxyProtocol: optional(
      object('Endpoints of TCPRoutes are told the client.', { version: oneOf('How.', ['V1', 'V2']) }),
    ),
    responseOverride: optional(responseOverrides),
    routingType: optional(oneOf('Where requests for a Service go; absent: to its endpoints.', ['Endpoint', 'Service'])),
    tcpKeepalive: optional(tcpKeepalive),
    telemetry: optional(
      object('What is measured, instead of what the EnvoyProxy of the Gateway says.', {
        metrics: optional(unserved('Metrics.')),
        tracing: optional(object('Which requests become spans.', { samplingFraction, customTags })),
      }),
    ),
    useClientProtocol: optional(boolean('Backends are spoken to in the version of HTTP that the client speaks.')),
  }),
  ...targetRules(['Gateway', 'HTTPRoute', 'GRPCRoute', 'TCPRoute', 'UDPRoute', 'TLSRoute']),
  {
    message: 'either compression or compressor can be set, not both',
    rule: '!has(self.compression) || !has(self.compressor)',
  },
  {
    message: 'predictivePercent in preconnect policy only works with RoundRobin or Random load balancers',
    rule: "!has(self.connection) || !has(self.connection.preconnect) || !has(self.connection.preconnect.predictivePercent) || (has(self.loadBalancer) && self.loadBalancer.type in ['Random', 'RoundRobin'])",
  },
);
export type CircuitBreaker = TypeOf<typeof circuitBreaker>;
export type BackendTrafficPolicySpec = TypeOf<typeof spec>;

export const BackendTrafficPolicyKind = envoyGatewayKind({
  kind: 'BackendTrafficPolicy',
  plural: 'backendtrafficpolicies',
  shortName: 'btp',
  description: 'How requests are sent to backends.',
  spec,
  status: policyStatus,
});
