/**
 * Objects that ALB2, Frontend and Rule have in common under spec.config.
 *
 * Source: spec ALB section 2.4.
 */
import { array, boolean, integer, intOrString, object, oneOf, optional, string, type TypeOf } from '../meta/schema.ts';

const MAX_TIMEOUT_MS = 4_294_967_295;

export const timeout = object('Timeouts towards the backend, in milliseconds; unset or 0: the default.', {
  proxy_connect_timeout_ms: optional(
    integer('Connecting; default 5000.', { minimum: 0, maximum: MAX_TIMEOUT_MS, format: 'int64' }),
  ),
  proxy_send_timeout_ms: optional(
    integer('Between two writes; default 120000.', { minimum: 0, maximum: MAX_TIMEOUT_MS, format: 'int64' }),
  ),
  proxy_read_timeout_ms: optional(
    integer('Between two reads; default 120000.', { minimum: 0, maximum: MAX_TIMEOUT_MS, format: 'int64' }),
  ),
});
export type TimeoutConfig = TypeOf<typeof timeout>;

export const auth = object('Authentication of requests. An empty object switches off what a higher level set.', {
  basic: optional(
    object('Basic authentication (RFC 7617).', {
      realm: optional(string('Realm shown to the user.')),
      secret: optional(string('Secret with the passwords, `namespace/name`.')),
      secret_type: optional(string('Layout of the Secret: auth-file or auth-map.')),
      auth_type: optional(string('basic or digest (RFC 7616); default basic.')),
    }),
  ),
  forward: optional(
    object('Asks another service whether the request may pass.', {
      url: optional(string('URL of that service; may hold variables.')),
      method: optional(string('Method of the question; default GET.')),
      auth_headers_cm_ref: optional(string('ConfigMap `namespace/name` with headers for the question.')),
      auth_request_redirect: optional(string('Value of X-Auth-Request-Redirect.')),
      upstream_headers: optional(array('Headers of the answer that the backend gets.', string('Header name.'))),
      signin: optional(string('Where users without a session are sent.')),
      signin_redirect_param: optional(string('Query parameter of signin with the original URL; default rd.')),
      always_set_cookie: optional(boolean('Pass cookies of the answer on also when the backend failed.')),
      cache_key: optional(
        string('Answers are remembered by this text, which may hold variables; unset: they are not.'),
      ),
      cache_duration: optional(string('Which answers, for how long: "200 202 401 5m", several between commas.')),
      keepalive: optional(integer('Connections to that service per worker at most; unset or 0: as many as it takes.')),
      keepalive_requests: optional(integer('Requests per connection; default 1000.')),
      keepalive_timeout: optional(integer('Seconds after which an idle connection is closed; default 60.')),
    }),
  ),
});
export type AuthConfig = TypeOf<typeof auth>;

export const modsecurity = object('Web application firewall.', {
  enable: boolean('Whether requests are inspected; false switches off what a higher level set.'),
  transactionId: optional(string('Text with variables that names the request in the audit log.')),
  useCoreRules: optional(boolean('Load the OWASP core rule set, unless there are rules of your own.')),
  useRecommend: optional(boolean('Load the recommended settings.')),
  cmRef: optional(
    string(
      'Rules: `namespace/name#key` of a ConfigMap; the annotation nginx.ingress.kubernetes.io/modsecurity-snippet wins.',
    ),
  ),
});
export type ModsecurityConfig = TypeOf<typeof modsecurity>;

export const redirect = object('Answers with a redirect instead of forwarding (ALB-69).', {
  code: optional(integer('301, 302, 303, 307 or 308; unset or 0: 302.')),
  url: optional(string('Location, relative or absolute.')),
  scheme: optional(string('http or https; default that of the request.')),
  host: optional(string('Default that of the request.')),
  port: optional(integer('1 to 65535.', { minimum: 0, maximum: 65_535 })),
  prefix_match: optional(string('Path prefix to be replaced.')),
  replace_prefix: optional(string('What stands in its place.')),
});

export type RedirectConfig = TypeOf<typeof redirect>;

export const keepalive = object('Connections of clients (ALB-105).', {
  tcp: optional(
    object('TCP keepalive.', {
      idle: optional(string('nginx time, e.g. 60m.')),
      interval: optional(string('nginx time.')),
      count: optional(integer('Probes.')),
    }),
  ),
  http: optional(
    object('HTTP keepalive.', {
      timeout: optional(string('nginx time; default 75s.')),
      header_timeout: optional(string('Value of the Keep-Alive header; default none.')),
      requests: optional(integer('Requests per connection; default 1000.')),
    }),
  ),
});

/** Beyond ALB: LIM-22. */
export const proxyProtocol = object('The PROXY protocol on a port, but udp.', {
  receive: optional(
    boolean(
      'Every connection begins with a header, version 1 or 2; addresses are believed from trustedProxies of the ALB2.',
    ),
  ),
  send: optional(oneOf('Version of the header that endpoints of a tcp port get; unset: none.', ['v1', 'v2'])),
});

export const quantities = object('Quantities of resources.', {
  cpu: optional(intOrString('Cores: 2, 500m.')),
  memory: optional(intOrString('Bytes: 2Gi.')),
});

export const resources = object('Compute resources.', {
  limits: optional(quantities),
  requests: optional(quantities),
});

export const ipFamilyPolicy = oneOf('Address families of a Service.', [
  'SingleStack',
  'PreferDualStack',
  'RequireDualStack',
]);
