import { defineKind, type ObjectOfKind } from '../meta/crd.ts';
import { integer, object, optional, string } from '../meta/schema.ts';
import { timeout } from './policy-config.ts';

/** Timeouts towards the backends of a Gateway or a route, as ALB has them. Source: spec ALB section 2.5. */
export type TimeoutPolicy = ObjectOfKind<typeof TimeoutPolicyKind>;

const spec = object('Whose timeouts, and which.', {
  targetRef: object('A Gateway, an HTTPRoute or a TCPRoute of the same namespace.', {
    group: string('gateway.networking.k8s.io.'),
    kind: string('Gateway, HTTPRoute or TCPRoute.', { minLength: 1 }),
    name: string('Its name.', { minLength: 1, maxLength: 253 }),
    namespace: optional(string('Its namespace; another than that of the policy: without effect.', { maxLength: 253 })),
    sectionName: optional(
      string('Only a listener of that name, or a rule; absent: all of it.', { minLength: 1, maxLength: 253 }),
    ),
    sectionIndex: optional(
      integer('Only the listener or rule with that number, counted from 0; sectionName comes first.', { minimum: 0 }),
    ),
  }),
  default: optional(timeout),
  override: optional(timeout),
});

export const TimeoutPolicyKind = defineKind({
  names: {
    group: 'gateway.crd.alauda.io',
    version: 'v1alpha1',
    kind: 'TimeoutPolicy',
    plural: 'timeoutpolicies',
    singular: 'timeoutpolicy',
    shortNames: ['timeout'],
    categories: [],
    namespaced: true,
    statusSubresource: false,
  },
  versions: [
    {
      name: 'v1alpha1',
      description:
        'Timeouts towards backends; of each the last that is said of: default of the Gateway, default and override of the route, override of the Gateway.',
      spec,
      columns: [],
    },
  ],
});
