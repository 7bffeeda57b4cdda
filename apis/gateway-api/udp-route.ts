import type { ObjectOfKind } from '../meta/crd.ts';
import { object, type Schema } from '../meta/schema.ts';
import { AGE_COLUMN, deprecation, gatewayApiKind } from './bundle.ts';
import { routeParentFields } from './parent-reference.ts';
import { routeStatus } from './route-status.ts';
import { manyStreamRules, type StreamRule, streamRules } from './stream-rule.ts';

/** Where UDP datagrams go. Source: Gateway API, UDPRoute. */
export type UDPRoute = ObjectOfKind<typeof UDPRouteKind>;

const routeSpec = (rules: Schema<readonly StreamRule[]>) =>
  object('Where datagrams go.', { ...routeParentFields, rules });

const described = {
  description: 'Where UDP datagrams of a Gateway go.',
  status: routeStatus,
  columns: [AGE_COLUMN],
};

export const UDPRouteKind = gatewayApiKind({
  kind: 'UDPRoute',
  plural: 'udproutes',
  storage: 'v1',
  versions: [
    { name: 'v1', ...described, spec: routeSpec(streamRules) },
    {
      name: 'v1alpha2',
      deprecationWarning: deprecation('UDPRoute', 'v1alpha2'),
      ...described,
      spec: routeSpec(manyStreamRules),
    },
  ],
});
