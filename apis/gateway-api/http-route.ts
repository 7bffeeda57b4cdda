import type { ObjectOfKind } from '../meta/crd.ts';
import {
  array,
  checked,
  integer,
  object,
  optional,
  type Schema,
  type TypeOf,
  type ValidationRule,
} from '../meta/schema.ts';
import { AGE_COLUMN, gatewayApiKind } from './bundle.ts';
import { httpFilters } from './http-filter.ts';
import { EVERY_PATH, httpMatch } from './http-match.ts';
import { duration, hostname, sectionName } from './names.ts';
import { backend, weightedBackendFields } from './object-reference.ts';
import { routeParentFields, rulesWithUniqueNames } from './parent-reference.ts';
import { routeStatus } from './route-status.ts';
import { sessionPersistence } from './session-persistence.ts';

/** Where HTTP requests go. Source: Gateway API, HTTPRoute. */
export type HTTPRoute = ObjectOfKind<typeof HTTPRouteKind>;
export type HTTPRouteRule = TypeOf<typeof rule>;
export type HTTPBackendRef = NonNullable<HTTPRouteRule['backendRefs']>[number];

const MOST_RULES = 16;

const backendRef = backend(
  object('A backend, its share, and what is done to its requests alone.', {
    ...weightedBackendFields,
    filters: optional(httpFilters('Changes of the requests that go there, and of the answers.')),
  }),
);

const timeouts = checked(
  object('How long things may take.', {
    request: optional(duration('From the request of the client to the end of the answer; 0s: without limit.')),
    backendRequest: optional(duration('One request to a backend; a retry counts anew.')),
  }),
  {
    message: 'backendRequest timeout cannot be longer than request timeout',
    rule: "!has(self.request) || !has(self.backendRequest) || duration(self.request) == duration('0s') || duration(self.backendRequest) <= duration(self.request)",
  },
);

const retry = object('When a request is sent again.', {
  codes: optional(
    array('Statuses of the backend after which it is.', integer('Status.', { minimum: 400, maximum: 599 }), {
      list: 'set',
    }),
  ),
  attempts: optional(integer('How often at most.', { minimum: 1 })),
  backoff: optional(duration('Least time between two tries.')),
});

const ruleFields = object('Requests, what is done to them, and where they go.', {
  name: optional(sectionName('By which policies refer to the rule; unique in the route.')),
  matches: optional(
    array('Which requests; one of them suffices.', httpMatch, {
      maxItems: 64,
      list: 'atomic',
      default: [{ path: EVERY_PATH }],
    }),
  ),
  filters: optional(httpFilters('Changes of the request and of the answer.')),
  backendRefs: optional(
    array('Where they go, by weight; without any, and without a redirect, the answer is 500.', backendRef, {
      maxItems: 16,
      list: 'atomic',
    }),
  ),
  timeouts: optional(timeouts),
  retry: optional(retry),
  sessionPersistence: optional(sessionPersistence),
});

/** A filter that replaces the matched prefix needs exactly one. */
function needsPrefix(start: string, filter: 'RequestRedirect' | 'URLRewrite', backends: boolean): ValidationRule {
  const field = filter === 'URLRewrite' ? 'urlRewrite' : 'requestRedirect';
  const replaces = `has(f.${field}) && has(f.${field}.path) && f.${field}.path.type == 'ReplacePrefixMatch' && has(f.${field}.path.replacePrefixMatch)`;
  const inFilters = (of: string): string => `has(${of}.filters) && ${of}.filters.exists_one(f, ${replaces})`;
  const found = backends
    ? `has(self.backendRefs) && self.backendRefs.exists_one(b, ${inFilters('b')})`
    : inFilters('self');
  return {
    message: `${start} using ${filter} filter with path.replacePrefixMatch, exactly one PathPrefix match must be specified`,
    rule: `!(${found}) || (size(self.matches) == 1 && has(self.matches[0].path) && self.matches[0].path.type == 'PathPrefix')`,
  };
}

const rule: Schema<TypeOf<typeof ruleFields>> = checked(
  ruleFields,
  {
    message: 'RequestRedirect filter must not be used together with backendRefs',
    rule: '!has(self.backendRefs) || size(self.backendRefs) == 0 || !has(self.filters) || self.filters.all(f, !has(f.requestRedirect))',
  },
  needsPrefix('When', 'RequestRedirect', false),
  needsPrefix('When', 'URLRewrite', false),
  needsPrefix('Within backendRefs, when', 'RequestRedirect', true),
  needsPrefix('Within backendRefs, When', 'URLRewrite', true),
);

const rules = rulesWithUniqueNames(
  checked(
    array('What happens to requests; the most specific match of all routes decides.', rule, {
      minItems: 1,
      maxItems: MOST_RULES,
      list: 'atomic',
      default: [{ matches: [{ path: EVERY_PATH }] }],
    }),
    {
      message:
        'While 16 rules and 64 matches per rule are allowed, the total number of matches across all rules in a route must be less than 128',
      rule: 'self.map(r, size(r.matches)).sum() <= 128',
    },
  ),
);

const spec = object('Where requests go.', {
  ...routeParentFields,
  hostnames: optional(
    array('Only for these hosts; absent: all of the listener.', hostname('Host.'), { maxItems: 16, list: 'atomic' }),
  ),
  rules: optional(rules),
});

const version = {
  description: 'Where HTTP requests of a Gateway go.',
  spec,
  status: routeStatus,
  columns: [{ name: 'Hostnames', type: 'string', jsonPath: '.spec.hostnames' }, AGE_COLUMN],
} as const;

export const HTTPRouteKind = gatewayApiKind({
  kind: 'HTTPRoute',
  plural: 'httproutes',
  storage: 'v1',
  versions: [
    { name: 'v1', ...version },
    { name: 'v1beta1', ...version },
  ],
});
