import { array, boolean, checked, integer, object, oneOf, optional, string, type TypeOf } from '../meta/schema.ts';
import { unservedObject } from './bundle.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'] as const;

const invert = optional(boolean('Those of which this does not hold.', { default: false }));

/** A header, or a parameter of the query. */
const value = object('A value by its name.', {
  name: string('Name.', { minLength: 1, maxLength: 256 }),
  type: optional(
    oneOf('Distinct: each value is counted by itself.', ['Exact', 'RegularExpression', 'Distinct'], {
      default: 'Exact',
    }),
  ),
  value: optional(string('What it must be.', { maxLength: 1024 })),
  invert,
});
export type RateLimitValue = TypeOf<typeof value>;

const selector = checked(
  object('Which requests; all that is said must hold.', {
    headers: optional(array('Headers.', value, { maxItems: 16 })),
    queryParams: optional(array('Parameters of the query.', value, { maxItems: 16 })),
    methods: optional(array('One of these methods.', object('Method.', { value: oneOf('Method.', METHODS), invert }))),
    path: optional(
      object('Path.', {
        type: optional(
          oneOf('How it is compared.', ['Exact', 'PathPrefix', 'RegularExpression'], { default: 'PathPrefix' }),
        ),
        value: string('What it must be.', { maxLength: 1024, default: '/' }),
        invert,
      }),
    ),
    sourceCIDR: optional(
      object('Network of the client.', {
        type: optional(
          oneOf('Distinct: each address of it is counted by itself.', ['Exact', 'Distinct'], { default: 'Exact' }),
        ),
        value: string('CIDR.', { minLength: 1, maxLength: 256 }),
      }),
    ),
  }),
  {
    message: 'at least one of headers, methods, path, sourceCIDR or queryParams must be specified',
    rule: 'has(self.headers) || has(self.methods) || has(self.path) || has(self.sourceCIDR) || has(self.queryParams)',
  },
);
export type RateLimitSelector = TypeOf<typeof selector>;

function cost(description: string) {
  return optional(
    checked(
      object(description, {
        from: oneOf('Metadata are of Envoy alone, and not served.', ['Number', 'Metadata']),
        number: optional(integer('So much.', { minimum: 0, format: 'int64' })),
        metadata: optional(unservedObject('Metadata of the request.')),
      }),
      {
        message: 'only one of number or metadata can be specified',
        rule: '!(has(self.number) && has(self.metadata))',
      },
    ),
  );
}

const rule = object('A limit.', {
  clientSelectors: optional(array('Which requests; absent: all. All of them must hold.', selector, { maxItems: 8 })),
  limit: object('How many.', {
    requests: integer('Requests.', { minimum: 0 }),
    unit: oneOf('In how long.', ['Second', 'Minute', 'Hour', 'Day', 'Month', 'Year']),
  }),
  cost: optional(
    object('What is counted.', {
      request: cost('A request, which passes if so much is left; absent: 1.'),
      response: cost('Its answer, besides, whatever is left; absent: nothing.'),
    }),
  ),
  shared: optional(boolean('All routes of the policy count together.')),
  shadowMode: optional(boolean('Requests pass whatever is counted.')),
});
export type RateLimitRule = TypeOf<typeof rule>;

/** How many requests get through. Source: GW-44. */
export const rateLimit = object('How many requests get through; others are answered 429.', {
  type: optional(oneOf('Deprecated: which of both is meant is told by their presence.', ['Global', 'Local'])),
  local: optional(
    object('Counted by each data plane for itself.', {
      rules: optional(
        checked(array('All of which must let a request pass.', rule, { maxItems: 16 }), {
          message: 'response cost is not supported for Local Rate Limits',
          rule: 'self.all(rule, !has(rule.cost) || !has(rule.cost.response))',
        }),
      ),
    }),
  ),
  global: optional(
    object('Counted by all data planes together.', {
      rules: array('All of which must let a request pass.', rule, { maxItems: 128 }),
      shared: optional(boolean('All routes of the policy count together.')),
    }),
  ),
});
export type RateLimit = TypeOf<typeof rateLimit>;
