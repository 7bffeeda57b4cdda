import type { ObjectOfKind } from '../meta/crd.ts';
import { array, checked, object, optional } from '../meta/schema.ts';
import { AGE_COLUMN, deprecation, gatewayApiKind } from './bundle.ts';
import { hostname } from './names.ts';
import { routeParentFields } from './parent-reference.ts';
import { routeStatus } from './route-status.ts';
import { manyStreamRules, streamRules } from './stream-rule.ts';

/** Where TLS connections go, by the name that the client asks for. Source: Gateway API, TLSRoute. */
export type TLSRoute = ObjectOfKind<typeof TLSRouteKind>;

const MOST_HOSTNAMES = 1024;
const NAME = '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)$';

const DESCRIPTION = 'Names (SNI) of the connections; `*.` stands for one or more labels.';

const hostnames = checked(
  array(DESCRIPTION, hostname('Name.'), { minItems: 1, maxItems: MOST_HOSTNAMES, list: 'atomic' }),
  { message: 'Hostnames cannot contain an IP', rule: 'self.all(h, !isIP(h))' },
  {
    message: 'Hostnames must be valid based on RFC-1123',
    rule: `self.all(h, h.contains('*') || h.matches('${NAME}'))`,
  },
  {
    message: 'Wildcards on hostnames must be the first label, and the rest of hostname must be valid based on RFC-1123',
    rule: `self.all(h, !h.contains('*') || (h.startsWith('*.') && h.substring(2).matches('${NAME}')))`,
  },
);

const described = {
  description: 'Where TLS connections of a Gateway go.',
  status: routeStatus,
  columns: [AGE_COLUMN],
};

const spec = object('Where connections go.', { ...routeParentFields, hostnames, rules: streamRules });

const oldSpec = object('Where connections go.', {
  ...routeParentFields,
  hostnames: optional(array(DESCRIPTION, hostname('Name.'), { maxItems: MOST_HOSTNAMES, list: 'atomic' })),
  rules: manyStreamRules,
});

export const TLSRouteKind = gatewayApiKind({
  kind: 'TLSRoute',
  plural: 'tlsroutes',
  storage: 'v1',
  versions: [
    { name: 'v1', ...described, spec },
    { name: 'v1alpha2', deprecationWarning: deprecation('TLSRoute', 'v1alpha2'), ...described, spec: oldSpec },
    { name: 'v1alpha3', deprecationWarning: deprecation('TLSRoute', 'v1alpha3'), ...described, spec },
  ],
});
