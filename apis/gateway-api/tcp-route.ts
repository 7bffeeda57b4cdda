import type { ObjectOfKind } from '../meta/crd.ts';
import { object, type Schema } from '../meta/schema.ts';
import { AGE_COLUMN, deprecation, gatewayApiKind } from './bundle.ts';
import { routeParentFields } from './parent-reference.ts';
import { routeStatus } from './route-status.ts';
import { manyStreamRules, type StreamRule, streamRules } from './stream-rule.ts';

/** Where TCP connections go. Source: Gateway API, TCPRoute. */
export type TCPRoute = ObjectOfKind<typeof TCPRouteKind>;

const routeSpec = (rules: Schema<readonly StreamRule[]>) =>
  object('Where connections go.', { ...routeParentFields, rules });

const described = {
  description: 'Where TCP connections of a Gateway go.',
  status: routeStatus,
  columns: [AGE_COLUMN],
};

export const TCPRouteKind = gatewayApiKind({
  kind: 'TCPRoute',
  plural: 'tcproutes',
  storage: 'v1',
  versions: [
    { name: 'v1', ...described, spec: routeSpec(streamRules) },
    {
      name: 'v1alpha2',
      deprecationWarning: deprecation('TCPRoute', 'v1alpha2'),
      ...described,
      spec: routeSpec(manyStreamRules),
    },
  ],
});
