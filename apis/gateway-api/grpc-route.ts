import type { ObjectOfKind } from '../meta/crd.ts';
import { array, checked, object, oneOf, optional, type Schema, string, type TypeOf } from '../meta/schema.ts';
import { AGE_COLUMN, gatewayApiKind } from './bundle.ts';
import { atMostOneOf, filterOfType } from './filter-type.ts';
import { headerModifier } from './header-modifier.ts';
import { headerName, hostname, sectionName } from './names.ts';
import { backend, localReference, weightedBackendFields } from './object-reference.ts';
import { routeParentFields, rulesWithUniqueNames } from './parent-reference.ts';
import { requestMirror } from './request-mirror.ts';
import { routeStatus } from './route-status.ts';
import { sessionPersistence } from './session-persistence.ts';

/** Where gRPC calls go. Source: Gateway API, GRPCRoute. */
export type GRPCRoute = ObjectOfKind<typeof GRPCRouteKind>;
export type GRPCRouteRule = TypeOf<typeof rule>;
export type GRPCRouteMatch = TypeOf<typeof match>;
export type GRPCRouteFilter = TypeOf<typeof filter>;

const MOST_RULES = 16;
const MOST_ENTRIES = 16;
const MOST_NAME = 1024;
const COMPARISON = ['Exact', 'RegularExpression'] as const;
const SERVICE = '(?i)\\.?[a-z_][a-z_0-9]*(\\.[a-z_][a-z_0-9]*)*';
const METHOD = '[A-Za-z_][A-Za-z_0-9]*';

const filter = object('One change.', {
  type: oneOf('Which; the field of that name has the settings.', [
    'ResponseHeaderModifier',
    'RequestHeaderModifier',
    'RequestMirror',
    'ExtensionRef',
  ]),
  requestHeaderModifier: optional(headerModifier('Headers of the call change.')),
  responseHeaderModifier: optional(headerModifier('Headers of the answer change.')),
  requestMirror: optional(requestMirror),
  extensionRef: optional(localReference('A filter of an implementation.')),
});

/** In what order their mistakes are told. */
const FIELDS = {
  RequestHeaderModifier: 'requestHeaderModifier',
  ResponseHeaderModifier: 'responseHeaderModifier',
  RequestMirror: 'requestMirror',
  ExtensionRef: 'extensionRef',
};

function filters(description: string): Schema<readonly GRPCRouteFilter[]> {
  return atMostOneOf(array(description, filterOfType(filter, FIELDS), { maxItems: MOST_ENTRIES, list: 'atomic' }), [
    'RequestHeaderModifier',
    'ResponseHeaderModifier',
  ]);
}

const method = checked(
  object('Condition on the method that is called.', {
    type: optional(oneOf('How names are compared.', COMPARISON, { default: 'Exact' })),
    service: optional(string('Full name of the service; absent: any.', { maxLength: MOST_NAME })),
    method: optional(string('Name of the method; absent: any.', { maxLength: MOST_NAME })),
  }),
  {
    message: "One or both of 'service' or 'method' must be specified",
    rule: '!has(self.type) || has(self.service) || has(self.method)',
  },
  validName('service', SERVICE),
  validName('method', METHOD),
);

function validName(field: string, name: string): { readonly message: string; readonly rule: string } {
  return {
    message: `${field} must only contain valid characters (matching ^${name}$)`,
    rule: `(has(self.type) && self.type != 'Exact') || !has(self.${field}) || self.${field}.matches(r"""^${name}$""")`,
  };
}

const match = object('Conditions, all of which must hold.', {
  method: optional(method),
  headers: optional(
    array(
      'Headers of the call.',
      object('Condition on a header.', {
        type: optional(oneOf('How it is compared.', COMPARISON, { default: 'Exact' })),
        name: headerName('Name, without regard to case.'),
        value: string('What it is compared with.', { minLength: 1, maxLength: 4096 }),
      }),
      { maxItems: MOST_ENTRIES, list: ['name'] },
    ),
  ),
});

const backendRef = backend(
  object('A backend, its share, and what is done to its calls alone.', {
    ...weightedBackendFields,
    filters: optional(filters('Changes of the calls that go there, and of the answers.')),
  }),
);

const rule = object('Calls, what is done to them, and where they go.', {
  name: optional(sectionName('By which policies refer to the rule; unique in the route.')),
  matches: optional(array('Which calls; one of them suffices; absent: all.', match, { maxItems: 64, list: 'atomic' })),
  filters: optional(filters('Changes of the call and of the answer.')),
  backendRefs: optional(
    array('Where they go, by weight; without any the answer is UNAVAILABLE.', backendRef, {
      maxItems: MOST_ENTRIES,
      list: 'atomic',
    }),
  ),
  sessionPersistence: optional(sessionPersistence),
});

const rules = rulesWithUniqueNames(
  checked(
    array('What happens to calls; the most specific match of all routes decides.', rule, {
      maxItems: MOST_RULES,
      list: 'atomic',
    }),
    {
      message:
        'While 16 rules and 64 matches per rule are allowed, the total number of matches across all rules in a route must be less than 128',
      rule: 'self.map(r, has(r.matches) ? size(r.matches) : 0).sum() <= 128',
    },
  ),
);

const spec = object('Where calls go.', {
  ...routeParentFields,
  hostnames: optional(
    array('Only for these hosts; absent: all of the listener.', hostname('Host.'), {
      maxItems: MOST_ENTRIES,
      list: 'atomic',
    }),
  ),
  rules: optional(rules),
});

export const GRPCRouteKind = gatewayApiKind({
  kind: 'GRPCRoute',
  plural: 'grpcroutes',
  storage: 'v1',
  versions: [
    {
      name: 'v1',
      description: 'Where gRPC calls of a Gateway go.',
      spec,
      status: routeStatus,
      columns: [{ name: 'Hostnames', type: 'string', jsonPath: '.spec.hostnames' }, AGE_COLUMN],
    },
  ],
});
