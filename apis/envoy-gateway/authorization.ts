import { array, checked, object, oneOf, optional, string, type TypeOf } from '../meta/schema.ts';
import { jwtPrincipal } from './jwt.ts';
import { network } from './network.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'] as const;
const ACTIONS = ['Allow', 'Deny'] as const;

const principal = checked(
  object('Whose requests; all that is said must hold.', {
    clientCIDRs: optional(array('Networks of the client, as it was detected.', network('CIDR.'), { minItems: 1 })),
    sourceCIDRs: optional(array('Networks of the peer of the connection.', network('CIDR.'), { minItems: 1 })),
    headers: optional(
      array(
        'Headers, all of them.',
        object('One header.', {
          name: string('Name.', { minLength: 1, maxLength: 256 }),
          values: array('One of these.', string('Value.'), { minItems: 1, maxItems: 256 }),
        }),
        { minItems: 1, maxItems: 256 },
      ),
    ),
    jwt: optional(jwtPrincipal),
  }),
  {
    message: 'at least one of clientCIDRs, sourceCIDRs, jwt, or headers must be specified',
    rule: 'has(self.clientCIDRs) || has(self.sourceCIDRs) || has(self.jwt) || has(self.headers)',
  },
);

/** Which requests get through. Source: GW-39. */
export const authorization = object('Which requests get through.', {
  defaultAction: optional(oneOf('For those that no rule is for; absent: Deny.', ACTIONS)),
  rules: optional(
    array(
      'In this order; the first that is for a request decides.',
      object('A rule.', {
        name: optional(string('For people.', { minLength: 1, maxLength: 253 })),
        action: oneOf('What happens.', ACTIONS),
        principal,
        operation: optional(
          object('What is asked for.', {
            methods: array('One of these methods.', oneOf('Method.', METHODS), { minItems: 1, maxItems: 16 }),
          }),
        ),
      }),
    ),
  ),
});
export type Authorization = TypeOf<typeof authorization>;
