import type { ObjectOfKind } from '../meta/crd.ts';
import { array, checked, integer, object, optional } from '../meta/schema.ts';
import { AGE_COLUMN, gatewayApiKind } from './bundle.ts';
import { duration } from './names.ts';
import { localReference } from './object-reference.ts';
import { policyStatus } from './policy-status.ts';
import { sessionPersistence } from './session-persistence.ts';

/** How requests are sent to backends. Source: Gateway API, XBackendTrafficPolicy, which upstream still tries out. */
export type XBackendTrafficPolicy = ObjectOfKind<typeof XBackendTrafficPolicyKind>;

const retryConstraint = object('A bound on retries, so that they do not bury a backend that fails.', {
  budget: optional(
    object(
      'Retries as a share of all requests.',
      {
        percent: optional(integer('How many of 100 may be retries.', { minimum: 0, maximum: 100, default: 20 })),
        interval: optional(
          checked(duration('Over how long they are counted.', { default: '10s' }), {
            message: 'interval cannot be greater than one hour or less than one second',
            rule: "duration(self) >= duration('1s') && duration(self) <= duration('1h')",
          }),
        ),
      },
      { default: { percent: 20, interval: '10s' } },
    ),
  ),
  minRetryRate: optional(
    object(
      'How many are allowed in any case.',
      {
        count: optional(integer('How many.', { minimum: 1, maximum: 1_000_000 })),
        interval: optional(
          checked(duration('In how long.'), {
            message: 'interval cannot be greater than one hour',
            rule: "duration(self) != duration('0s') && duration(self) <= duration('1h')",
          }),
        ),
      },
      { default: { count: 10, interval: '1s' } },
    ),
  ),
});

const spec = object('Which backends, and how requests are sent there.', {
  targetRefs: array('Backends, as a rule Services.', localReference('A backend.'), {
    minItems: 1,
    maxItems: 16,
    list: ['group', 'kind', 'name'],
  }),
  retryConstraint: optional(retryConstraint),
  sessionPersistence: optional(sessionPersistence),
});

export const XBackendTrafficPolicyKind = gatewayApiKind({
  kind: 'XBackendTrafficPolicy',
  plural: 'xbackendtrafficpolicies',
  shortNames: ['xbtrafficpolicy'],
  experimentalGroup: true,
  policy: 'Direct',
  storage: 'v1alpha1',
  versions: [
    {
      name: 'v1alpha1',
      description: 'How requests are sent to backends.',
      spec,
      status: policyStatus,
      columns: [AGE_COLUMN],
    },
  ],
});
