import { checked, object, oneOf, optional } from '../meta/schema.ts';

/** Without what comes before all. */
const NAMES = [
  'custom_response',
  'health_check',
  'fault',
  'cors',
  'header_mutation',
  'ext_authz',
  'api_key_auth',
  'basic_auth',
  'oauth2',
  'jwt_authn',
  'stateful_session',
  'buffer',
  'lua',
  'ext_proc',
  'wasm',
  'rbac',
  'local_ratelimit',
  'ratelimit',
  'grpc_web',
  'grpc_stats',
  'credential_injector',
  'compressor',
  'dynamic_forward_proxy',
] as const;

const filter = (description: string) =>
  oneOf(
    description,
    NAMES.map((name) => `envoy.filters.http.${name}` as const),
  );

/** Source: Envoy Gateway v1.7, FilterPosition. */
export const filterPosition = checked(
  object('Where one of them works.', {
    name: filter('Which.'),
    before: optional(filter('Before this one.')),
    after: optional(filter('After this one.')),
  }),
  { message: 'one of before or after must be specified', rule: 'has(self.before) || has(self.after)' },
  { message: 'only one of before or after can be specified', rule: '!(has(self.before) && has(self.after))' },
);
