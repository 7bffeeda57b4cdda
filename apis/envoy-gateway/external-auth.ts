import { duration } from '../gateway-api/names.ts';
import { array, boolean, checked, integer, object, oneOf, optional, string, type TypeOf } from '../meta/schema.ts';
import { ASKED, backendCluster } from './backend-cluster.ts';

const http = checked(
  object('A service that speaks HTTP: an answer 200 lets the request in.', {
    ...backendCluster('The service.'),
    path: optional(string('Put before the path of the request.')),
    headersToBackend: optional(array('Headers of its answer that the backend gets.', string('Name.'))),
  }),
  ...ASKED,
);

const grpc = checked(
  object('A service that speaks the protocol of Envoy, envoy.service.auth.v3.Authorization.', {
    ...backendCluster('The service.'),
  }),
  ...ASKED,
);

/** Another service is asked whether a request may pass. Source: GW-38. */
export const externalAuth = checked(
  object('Another service is asked.', {
    http: optional(http),
    grpc: optional(grpc),
    headersToExtAuth: optional(array('Headers of the request that it gets besides.', string('Name.'))),
    bodyToExtAuth: optional(
      object('It gets the body.', {
        maxRequestBytes: integer('Longer ones are answered 413.', { minimum: 1, format: 'int32' }),
      }),
    ),
    timeout: optional(duration('How long it may take; absent: 10s.')),
    failOpen: optional(boolean('Requests pass while it cannot be asked.', { default: false })),
    recomputeRoute: optional(boolean('The route is looked for again.')),
    contextExtensions: optional(
      array(
        'Further facts for it.',
        object('A fact.', {
          name: string('Name.', { minLength: 1, maxLength: 253 }),
          type: optional(oneOf('Where its value stands.', ['Value', 'ValueRef'], { default: 'Value' })),
          value: optional(string('Value.')),
          valueRef: optional(
            object('A key of a ConfigMap or Secret.', {
              group: string('API group, "" for core.', { maxLength: 253 }),
              kind: oneOf('Kind.', ['ConfigMap', 'Secret']),
              name: string('Name.', { minLength: 1, maxLength: 253 }),
              key: string('Key.', { minLength: 1, maxLength: 253 }),
            }),
          ),
        }),
        { list: ['name'] },
      ),
    ),
  }),
  {
    message: 'one of grpc or http must be specified',
    rule: 'has(self.grpc) || has(self.http)',
  },
  {
    message: 'only one of grpc or http can be specified',
    rule: '!(has(self.grpc) && has(self.http))',
  },
);
export type ExternalAuth = TypeOf<typeof externalAuth>;
