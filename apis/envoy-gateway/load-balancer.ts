import { duration } from '../gateway-api/names.ts';
import { array, checked, integer, map, object, oneOf, optional, string, type TypeOf } from '../meta/schema.ts';

const named = object('By its name.', { name: string('Name.') });

const hashOn = ['SourceIP', 'Header', 'Headers', 'Cookie', 'QueryParams'] as const;

function needs(type: string, field: string): { readonly message: string; readonly rule: string } {
  return {
    message: `If consistent hash type is ${field}, the ${field} field must be set.`,
    rule: `self.type == '${type}' ? has(self.${field}) : !has(self.${field})`,
  };
}

const consistentHash = checked(
  object('Requests with the same value go to the same endpoint.', {
    type: oneOf('Which value.', hashOn),
    header: optional(named),
    headers: optional(array('Headers, taken together.', named)),
    cookie: optional(
      object('A cookie; where it is absent it is made.', {
        name: string('Name.'),
        ttl: optional(duration('How long it lives; absent: as long as the browser is open.')),
        attributes: optional(map('Further attributes.', string('Value.'))),
      }),
    ),
    queryParams: optional(array('Parameters of the query, taken together.', named)),
    tableSize: optional(
      integer('Size of the table of hashes, a prime.', {
        minimum: 2,
        maximum: 5_000_011,
        default: 65_537,
        format: 'int64',
      }),
    ),
  }),
  needs('Header', 'header'),
  needs('Headers', 'headers'),
  needs('Cookie', 'cookie'),
  needs('QueryParams', 'queryParams'),
);

const zoneAware = object('Endpoints of the zone of the data plane first.', {
  preferLocal: optional(
    object('As many requests as leave all endpoints an equal share.', {
      force: optional(
        object('All requests.', {
          minEndpointsInZoneThreshold: optional(
            integer('While the zone has so many endpoints; absent: 1.', { minimum: 0, format: 'int32' }),
          ),
        }),
      ),
      minEndpointsThreshold: optional(
        integer('While there are so many endpoints in all; absent: 6.', { minimum: 0, format: 'int64' }),
      ),
      percentageEnabled: optional(
        integer('Of so many requests in 100; absent: of all.', { minimum: 0, maximum: 100, format: 'int32' }),
      ),
    }),
  ),
});

/** How an endpoint is chosen. Source: GW-45. */
export const loadBalancer = checked(
  object('How an endpoint is chosen.', {
    type: oneOf('How.', ['ConsistentHash', 'LeastRequest', 'Random', 'RoundRobin']),
    consistentHash: optional(consistentHash),
    slowStart: optional(
      object('New endpoints get their share only after a while.', { window: duration('After how long.') }),
    ),
    zoneAware: optional(zoneAware),
    endpointOverride: optional(
      object('Requests may name their endpoint.', {
        extractFrom: array(
          'Where; the first that is there counts.',
          object('A place.', {
            header: optional(string('A header: `address:port`, or several with commas in between.', { minLength: 1 })),
          }),
          { minItems: 1, maxItems: 10 },
        ),
      }),
    ),
  }),
  {
    message: 'If LoadBalancer type is consistentHash, consistentHash field needs to be set.',
    rule: "self.type == 'ConsistentHash' ? has(self.consistentHash) : !has(self.consistentHash)",
  },
  {
    message: 'Currently SlowStart is only supported for RoundRobin and LeastRequest load balancers.',
    rule: "self.type in ['Random', 'ConsistentHash'] ? !has(self.slowStart) : true",
  },
  {
    message: 'Currently ZoneAware is only supported for LeastRequest, Random, and RoundRobin load balancers.',
    rule: "self.type == 'ConsistentHash' ? !has(self.zoneAware) : true",
  },
);
export type LoadBalancer = TypeOf<typeof loadBalancer>;
