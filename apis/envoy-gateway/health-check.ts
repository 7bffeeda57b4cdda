import { duration, preciseHostname } from '../gateway-api/names.ts';
import { array, boolean, checked, integer, object, oneOf, optional, string, type TypeOf } from '../meta/schema.ts';
import { httpStatus } from './http-status.ts';

function payload(description: string) {
  return optional(
    checked(
      object(description, {
        type: oneOf('How it is written.', ['Text', 'Binary']),
        text: optional(string('As it is.')),
        binary: optional(string('In base64.', { format: 'byte' })),
      }),
      {
        message: 'If payload type is Text, text field needs to be set.',
        rule: "self.type == 'Text' ? has(self.text) : !has(self.text)",
      },
      {
        message: 'If payload type is Binary, binary field needs to be set.',
        rule: "self.type == 'Binary' ? has(self.binary) : !has(self.binary)",
      },
    ),
  );
}

const http = object('A request.', {
  hostname: optional(preciseHostname('Host; absent: the first of the route, else the address of the endpoint.')),
  path: string('Path.', { minLength: 1, maxLength: 1024 }),
  method: optional(string('Method; absent: GET.')),
  expectedStatuses: optional(array('Statuses of one that is well; absent: 200.', httpStatus('Status.'))),
  expectedResponse: payload('What the body of one that is well has in it.'),
});

const tcp = object('A connection.', {
  send: payload('What is sent.'),
  receive: payload('What comes back of one that is well; absent: nothing needs to.'),
});

const threshold = { minimum: 1, format: 'int32' } as const;

const active = checked(
  object('They are asked.', {
    type: oneOf('How.', ['HTTP', 'TCP', 'GRPC']),
    timeout: optional(duration('How long an answer may take.', { default: '1s' })),
    interval: optional(duration('Between two questions.', { default: '3s' })),
    initialJitter: optional(duration('The first question comes at a random moment before that; absent: at once.')),
    unhealthyThreshold: optional(
      integer('So many failures in a row, and it gets no requests.', { ...threshold, default: 3 }),
    ),
    healthyThreshold: optional(integer('So many good answers in a row, and it is back.', { ...threshold, default: 1 })),
    http: optional(http),
    tcp: optional(tcp),
    grpc: optional(
      object('A call of grpc.health.v1.Health/Check.', {
        service: optional(string('Which service; absent: the server as a whole.')),
      }),
    ),
  }),
  {
    message: 'If Health Checker type is HTTP, http field needs to be set.',
    rule: "self.type == 'HTTP' ? has(self.http) : !has(self.http)",
  },
  {
    message: 'If Health Checker type is TCP, tcp field needs to be set.',
    rule: "self.type == 'TCP' ? has(self.tcp) : !has(self.tcp)",
  },
  {
    message: 'The grpc field can only be set if the Health Checker type is GRPC.',
    rule: "has(self.grpc) ? self.type == 'GRPC' : true",
  },
);

const passive = object('Their answers are watched.', {
  consecutive5XxErrors: optional(integer('So many in a row; absent: 5.', { minimum: 0, format: 'int32' })),
  baseEjectionTime: optional(duration('How long they are avoided; absent: 30s.')),
  maxEjectionPercent: optional(integer('Of all at once; absent: 10.', { minimum: 0, maximum: 100, format: 'int32' })),
  interval: optional(
    duration('Whose failures failurePercentageThreshold is about; absent: 3s. What fails in a row is avoided at once.'),
  ),
  consecutiveGatewayErrors: optional(
    integer('So many answers 502 to 504 in a row; absent: they count as all from 500 on.', {
      minimum: 0,
      format: 'int32',
    }),
  ),
  consecutiveLocalOriginFailures: optional(
    integer('So many attempts without an answer in a row, where these are counted apart; absent: 5.', {
      minimum: 0,
      format: 'int32',
    }),
  ),
  splitExternalLocalOriginErrors: optional(
    boolean('Attempts without an answer are counted apart; absent: each counts as an answer 503.'),
  ),
  failurePercentageThreshold: optional(
    integer('So many in 100 of its attempts of an interval, where 5 of them have 50 attempts.', {
      minimum: 0,
      maximum: 100,
      format: 'int32',
    }),
  ),
  alwaysEjectOneEndpoint: optional(boolean('One may always be avoided, as it may without this.')),
});

/** Which endpoints get requests. Source: GW-45; Envoy Gateway v1.7, HealthCheck. */
export const healthCheck = object('Which endpoints are well.', {
  active: optional(active),
  passive: optional(passive),
  panicThreshold: optional(
    integer('Where fewer of them are well than so many in 100, all are used; absent: 50.', {
      minimum: 0,
      maximum: 100,
      format: 'int32',
    }),
  ),
});
export type HealthCheck = TypeOf<typeof healthCheck>;
export type ActiveHealthCheck = TypeOf<typeof active>;
