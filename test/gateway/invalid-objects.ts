import { gateway, HTTP_PORT, HTTPS_PORT, httpListener, httpRoute, type Rule, to } from './gateway-lab.ts';
import { ENVOY_OBJECTS, type Row, TRAFFIC_RULES } from './invalid-envoy-objects.ts';
import { policy } from './policy-objects.ts';

/** An object in which something is wrong. */
export interface Invalid {
  /** With the number of the specification. */
  readonly title: string;
  readonly object: Readonly<Record<'apiVersion' | 'kind', string>> & { readonly metadata: { readonly name: string } };
  /** What it is refused with; else a condition that it gets somewhere, as `Accepted False Invalid`. */
  readonly want: RegExp | string;
}

const V1 = 'gateway.networking.k8s.io/v1';
const PORTS = { tcp: 9201, other: 9202 } as const;

/** The Gateway `demo` that routes of the table ask for. */
export const LISTENERS = [
  httpListener(),
  httpListener('named', { port: HTTP_PORT + 1, hostname: '*.named.com' }),
  { name: 'tcp', port: PORTS.tcp, protocol: 'TCP' },
] as const;

/** Sections of the Gateway `demo`, which those of a table name. */
const at = (sectionName: string) => ({ parentRefs: [{ name: 'demo', sectionName }] });

const route =
  (rule: Rule, spec: object = {}) =>
  (name: string): object =>
    httpRoute(name, [rule], { hostnames: [`${name}.com`], ...spec });

const rules = (count: number) => (name: string) =>
  httpRoute(
    name,
    Array.from({ length: count }, (_, index) => to('a', `/${index}`)),
  );
const path = (value: string, type = 'PathPrefix') =>
  route({ ...to('a'), matches: [{ path: { type, value } }] } as Rule);
const match = (fields: object) => route({ ...to('a'), matches: [fields] });
const filter = (...filters: readonly object[]) => route({ ...to('a'), filters } as Rule);
const alone = (...filters: readonly object[]) => route({ filters } as Rule);
const backend = (...backendRefs: readonly object[]) => route({ backendRefs } as Rule);
const header = (name: string) => ({ name, value: 'x' });
const redirect = (fields: object) => ({ type: 'RequestRedirect', requestRedirect: fields });
const modifier = (fields: object) => ({ type: 'RequestHeaderModifier', requestHeaderModifier: fields });
const mirror = (fields: object = {}, ref: object = { name: 'b', port: 80 }) => ({
  type: 'RequestMirror',
  requestMirror: { backendRef: ref, ...fields },
});
const cors = (fields: object) => ({ type: 'CORS', cors: fields });
const auth = (fields: object) => ({ type: 'ExternalAuth', externalAuth: fields });

const HTTP_ROUTES: readonly Row[] = [
  ['GW-16 a Service that is not there', 'ResolvedRefs False BackendNotFound', backend({ name: 'none', port: 80 })],
  ['GW-16 a port that it has not', 'ResolvedRefs False BackendNotFound', backend({ name: 'a', port: 81 })],
  ['GW-16 no port', /port/, backend({ name: 'a' })],
  ['GW-16 another kind', 'ResolvedRefs False InvalidKind', backend({ kind: 'Bucket', group: 'x.com', name: 'a' })],
  [
    'GW-16 another namespace',
    'ResolvedRefs False RefNotPermitted',
    backend({ name: 'a', namespace: 'kube-system', port: 80 }),
  ],
  ['GW-16 a negative weight', /weight/, backend({ name: 'a', port: 80, weight: -1 })],
  ['GW-16 a weight above a million', /weight/, backend({ name: 'a', port: 80, weight: 1_000_001 })],
  ['GW-16 port 0', /port/, backend({ name: 'a', port: 0 })],
  ['GW-16 17 backends', /backendRefs/, backend(...Array.from({ length: 17 }, () => ({ name: 'a', port: 80 })))],
  ['GW-15 a section that is not there', 'Accepted False NoMatchingParent', route(to('a'), at('nowhere'))],
  [
    'GW-15 a port that is not there',
    'Accepted False NoMatchingParent',
    route(to('a'), { parentRefs: [{ name: 'demo', port: 1 }] }),
  ],
  ['GW-10 a listener of another protocol', 'Accepted False NotAllowedByListeners', route(to('a'), at('tcp'))],
  ['GW-13 no hostname in common', 'Accepted False NoMatchingListenerHostname', route(to('a'), at('named'))],
  ['GW-15 one parent twice', /parentRefs/, route(to('a'), { parentRefs: [{ name: 'demo' }, { name: 'demo' }] })],
  [
    'GW-15 33 parents',
    /parentRefs/,
    route(to('a'), { parentRefs: Array.from({ length: 33 }, (_, port) => ({ name: 'demo', port: port + 1 })) }),
  ],
  [
    'GW-18 17 hostnames',
    /hostnames/,
    route(to('a'), { hostnames: Array.from({ length: 17 }, (_, index) => `h${index}.com`) }),
  ],
  ['GW-18 a wildcard in the middle', /hostnames/, route(to('a'), { hostnames: ['a.*.com'] })],
  ['GW-18 two wildcards', /hostnames/, route(to('a'), { hostnames: ['*.*.com'] })],
  ['GW-18 17 rules', /rules/, rules(17)],
  [
    'GW-18 65 matches',
    /matches/,
    route({ ...to('a'), matches: Array.from({ length: 65 }, (_, index) => ({ path: { value: `/${index}` } })) }),
  ],
  [
    'GW-18 129 matches',
    /matches/,
    (name) =>
      httpRoute(
        name,
        [0, 1, 2].map((rule) => ({
          ...to('a'),
          matches: Array.from({ length: 43 }, (_, index) => ({ path: { value: `/${rule}/${index}` } })),
        })),
      ),
  ],
  [
    'GW-18 two rules of one name',
    /name/,
    (name) => httpRoute(name, [to('a', '/1', { name: 'x' }), to('a', '/2', { name: 'x' })]),
  ],
  ['GW-19 a path without slash', /path/, path('abc')],
  ['GW-19 two slashes', /path/, path('//a')],
  ['GW-19 a way up', /path/, path('/a/../b')],
  ['GW-19 an end that goes up', /path/, path('/a/..')],
  ['GW-19 an encoded slash', /path/, path('/a%2fb')],
  ['GW-19 a slash encoded in capitals', /path/, path('/a%2Fb')],
  ['GW-19 a way that stays', /path/, path('/a/./b', 'Exact')],
  ['GW-19 an end that stays', /path/, path('/a/.')],
  ['GW-19 1025 characters', /path/, path(`/${'a'.repeat(1024)}`)],
  ['GW-19 a header twice', /headers/, match({ headers: [header('a'), header('a')] })],
  ['GW-19 a header without value', /headers/, match({ headers: [{ name: 'a', value: '' }] })],
  ['GW-19 a fragment', /path/, path('/a#b', 'Exact')],
  ['GW-19 a path that is no regular expression', 'Accepted False UnsupportedValue', path('/(', 'RegularExpression')],
  [
    'GW-19 a header that is none',
    'Accepted False UnsupportedValue',
    match({ headers: [{ type: 'RegularExpression', name: 'x', value: '(' }] }),
  ],
  [
    'GW-19 a parameter that is none',
    'Accepted False UnsupportedValue',
    match({ queryParams: [{ type: 'RegularExpression', name: 'x', value: '[' }] }),
  ],
  ['GW-19 an unknown kind of path', /path/, path('/', 'Glob')],
  ['GW-19 a header with a blank', /headers/, match({ headers: [header('a b')] })],
  ['GW-19 17 headers', /headers/, match({ headers: Array.from({ length: 17 }, (_, index) => header(`h${index}`)) })],
  ['GW-19 a parameter twice', /queryParams/, match({ queryParams: [header('a'), header('a')] })],
  ['GW-19 an unknown method', /method/, match({ method: 'STEAL' })],
  ['GW-20 a filter twice', /filters/, filter(modifier({ remove: ['a'] }), modifier({ remove: ['b'] }))],
  ['GW-20 a filter without its fields', /filters/, filter({ type: 'RequestHeaderModifier' })],
  ['GW-20 fields of another filter', /filters/, filter({ type: 'CORS', requestHeaderModifier: { remove: ['a'] } })],
  ['GW-20 an unknown filter', /filters/, filter({ type: 'Compress' })],
  ['GW-20 17 headers', /set/, filter(modifier({ set: Array.from({ length: 17 }, (_, index) => header(`h${index}`)) }))],
  ['GW-20 a header with a colon', /set/, filter(modifier({ set: [header('a:b')] }))],
  ['GW-20 a header twice', /set/, filter(modifier({ set: [header('a'), header('a')] }))],
  ['GW-20 a line break', /set/, filter(modifier({ set: [{ name: 'a', value: 'x\r\ny: z' }] }))],
  ['GW-20 17 filters', /filters/, filter(...Array.from({ length: 17 }, () => mirror()))],
  ['GW-21 a redirect and backends', /RequestRedirect/, filter(redirect({ port: 81 }))],
  [
    'GW-21 a redirect and a rewrite',
    /RequestRedirect/,
    alone(redirect({ port: 81 }), { type: 'URLRewrite', urlRewrite: { hostname: 'a.com' } }),
  ],
  ['GW-21 an unknown status', /statusCode/, alone(redirect({ statusCode: 304 }))],
  ['GW-21 another scheme', /scheme/, alone(redirect({ scheme: 'ftp' }))],
  ['GW-21 a wildcard', /hostname/, alone(redirect({ hostname: '*.a.com' }))],
  [
    'GW-21 a prefix without a prefix match',
    /filters|Prefix/,
    route({
      matches: [{ path: { type: 'Exact', value: '/a' } }],
      filters: [redirect({ path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/b' } })],
    } as Rule),
  ],
  [
    'GW-21 a prefix with two matches',
    /exactly one PathPrefix match/,
    route({
      matches: [{ path: { value: '/a' } }, { path: { value: '/b' } }],
      filters: [redirect({ path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/c' } })],
    } as Rule),
  ],
  [
    'GW-22 a prefix without a prefix match',
    /exactly one PathPrefix match/,
    route({
      ...to('a'),
      matches: [{ path: { type: 'Exact', value: '/a' } }],
      filters: [{ type: 'URLRewrite', urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/b' } } }],
    } as Rule),
  ],
  ['GW-22 a wildcard', /hostname/, filter({ type: 'URLRewrite', urlRewrite: { hostname: '*.a.com' } })],
  [
    'GW-22 both ways to replace',
    /path/,
    filter({
      type: 'URLRewrite',
      urlRewrite: { path: { type: 'ReplaceFullPath', replaceFullPath: '/', replacePrefixMatch: '/' } },
    }),
  ],
  ['GW-23 101 percent', /percent/, filter(mirror({ percent: 101 }))],
  [
    'GW-23 a percentage and a fraction',
    /requestMirror|percent/,
    filter(mirror({ percent: 1, fraction: { numerator: 1 } })),
  ],
  ['GW-23 more than all', /fraction|numerator/, filter(mirror({ fraction: { numerator: 3, denominator: 2 } }))],
  ['GW-23 a copy for nobody', 'ResolvedRefs False BackendNotFound', filter(mirror({}, { name: 'none', port: 80 }))],
  [
    'GW-23 a copy for another namespace',
    'ResolvedRefs False RefNotPermitted',
    filter(mirror({}, { name: 'a', namespace: 'kube-system', port: 80 })),
  ],
  ['GW-24 all origins and one', /allowOrigins/, filter(cors({ allowOrigins: ['*', 'https://a.com'] }))],
  ['GW-24 an age of nothing', /maxAge/, filter(cors({ maxAge: 0 }))],
  ['GW-24 an origin without scheme', /allowOrigins/, filter(cors({ allowOrigins: ['a.com'] }))],
  [
    'GW-25 fields of the other protocol',
    /externalAuth|http/,
    filter(auth({ protocol: 'GRPC', backendRef: { name: 'a', port: 80 }, http: {} })),
  ],
  [
    'GW-25 nobody to ask',
    'ResolvedRefs False BackendNotFound',
    filter(auth({ protocol: 'HTTP', backendRef: { name: 'none', port: 80 }, http: {} })),
  ],
  [
    'GW-25 an unknown extension',
    'ResolvedRefs False InvalidKind',
    filter({ type: 'ExtensionRef', extensionRef: { group: 'x.com', kind: 'Filter', name: 'x' } }),
  ],
  ['GW-26 a time without unit', /timeouts/, route(to('a', '/', { timeouts: { request: '30' } }))],
  ['GW-26 a part of a second', /timeouts/, route(to('a', '/', { timeouts: { request: '1.5s' } }))],
  ['GW-26 a negative time', /timeouts/, route(to('a', '/', { timeouts: { request: '-1s' } }))],
  [
    'GW-26 a part longer than the whole',
    /backendRequest timeout cannot be longer/,
    route(to('a', '/', { timeouts: { request: '30s', backendRequest: '40s' } })),
  ],
  ['GW-27 a status that is no failure', /codes/, route(to('a', '/', { retry: { codes: [399] } }))],
  ['GW-27 a status that is none', /codes/, route(to('a', '/', { retry: { codes: [600] } }))],
  ['GW-27 no attempt', /attempts/, route(to('a', '/', { retry: { attempts: 0 } }))],
  [
    'GW-28 a name of 129 characters',
    /sessionName/,
    route(to('a', '/', { sessionPersistence: { sessionName: 'a'.repeat(129) } })),
  ],
  [
    'GW-28 a cookie for ever',
    /AbsoluteTimeout/,
    route(to('a', '/', { sessionPersistence: { cookieConfig: { lifetimeType: 'Permanent' } } })),
  ],
  [
    'GW-28 a header with settings of a cookie',
    /sessionPersistence/,
    route(to('a', '/', { sessionPersistence: { type: 'Header', cookieConfig: { lifetimeType: 'Session' } } })),
  ],
];

const other =
  (kind: string, rule: object, spec: object = {}) =>
  (name: string): object => ({
    apiVersion: V1,
    kind,
    metadata: { name, namespace: 'default' },
    spec: { parentRefs: [{ name: 'demo' }], rules: [rule], ...spec },
  });

const to80 = (name: string) => ({ backendRefs: [{ name, port: 80 }] });
const method = (fields: object) => ({ ...to80('a'), matches: [{ method: fields }] });
/** At a listener where no HTTPRoute has the hostname. */
const grpc = (rule: object) => (name: string) =>
  other('GRPCRoute', rule, { ...at('named'), hostnames: [`${name}.named.com`] })(name);

const OTHER_ROUTES: readonly Row[] = [
  ['GW-29 neither service nor method', /method/, grpc(method({}))],
  ['GW-29 a service with a blank', /service/, grpc(method({ service: 'a b' }))],
  [
    'GW-29 no regular expression',
    'Accepted False UnsupportedValue',
    grpc(method({ type: 'RegularExpression', service: '(' })),
  ],
  [
    'GW-29 65 matches',
    /matches/,
    grpc({ ...to80('a'), matches: Array.from({ length: 65 }, (_, index) => ({ method: { service: `s${index}` } })) }),
  ],
  ['GW-29 a Service that is not there', 'ResolvedRefs False BackendNotFound', grpc(to80('none'))],
  [
    'GW-29 another kind',
    'ResolvedRefs False InvalidKind',
    grpc({ backendRefs: [{ group: 'x.com', kind: 'Bucket', name: 'a' }] }),
  ],
  [
    'GW-29 another namespace',
    'ResolvedRefs False RefNotPermitted',
    grpc({ backendRefs: [{ name: 'a', namespace: 'kube-system', port: 80 }] }),
  ],
  [
    'GW-29 a listener of another protocol',
    'Accepted False NotAllowedByListeners',
    other('GRPCRoute', to80('a'), at('tcp')),
  ],
  [
    'GW-30 a listener that ends nothing',
    'Accepted False NotAllowedByListeners',
    other('TLSRoute', to80('a'), { hostnames: ['a.com'] }),
  ],
  ['GW-30 no hostname', /hostnames/, other('TLSRoute', to80('a'))],
  ['GW-30 an address as hostname', /hostnames/, other('TLSRoute', to80('a'), { hostnames: ['192.0.2.1'] })],
  [
    'GW-31 a Service that is not there',
    'ResolvedRefs False BackendNotFound',
    other('TCPRoute', to80('none'), at('tcp')),
  ],
  [
    'GW-31 a listener of another protocol',
    'Accepted False NotAllowedByListeners',
    other('TCPRoute', to80('a'), at('http')),
  ],
  [
    'GW-31 17 backends',
    /backendRefs/,
    other('TCPRoute', { backendRefs: Array.from({ length: 17 }, () => ({ name: 'a', port: 80 })) }, at('tcp')),
  ],
  ['GW-31 no rule', /rules/, other('TCPRoute', to80('a'), { rules: [] })],
  [
    'GW-32 a listener of another protocol',
    'Accepted False NotAllowedByListeners',
    other('UDPRoute', to80('a'), at('tcp')),
  ],
  ['GW-32 no backend', /backendRefs/, other('UDPRoute', { backendRefs: [] }, at('tcp'))],
];

const listeners =
  (...all: readonly object[]) =>
  (name: string): object =>
    gateway(name, all as Parameters<typeof gateway>[1]);
const https = (name: string, certificateRef: object, port: number) => ({
  ...{ name, port, protocol: 'HTTPS' },
  tls: { certificateRefs: [certificateRef] },
});

const GATEWAYS: readonly Row[] = [
  ['GW-08 no listener', /listeners/, listeners()],
  ['GW-08 port 0', /port/, listeners(httpListener('a', { port: 0 }))],
  ['GW-08 port 65536', /port/, listeners(httpListener('a', { port: 65_536 }))],
  [
    'GW-08 one name twice',
    /listeners: duplicate|name must be unique/,
    listeners(httpListener('a'), httpListener('a', { port: 81 })),
  ],
  ['GW-08 the same twice', /unique/, listeners(httpListener('a'), httpListener('b'))],
  ['GW-08 an address as hostname', /hostname/, listeners(httpListener('a', { hostname: '192.0.2.1.' }))],
  ['GW-08 a hostname without names', /hostname/, listeners({ name: 'a', port: 1, protocol: 'TCP', hostname: 'a.com' })],
  [
    'GW-11 certificates in the clear',
    /tls/,
    listeners(httpListener('a', { tls: { certificateRefs: [{ name: 'x' }] } })),
  ],
  [
    'GW-11 no certificate',
    /certificateRefs|tls/,
    listeners({ name: 'a', port: HTTPS_PORT, protocol: 'HTTPS', tls: { mode: 'Terminate' } }),
  ],
  [
    'GW-11 HTTPS that is passed on',
    /tls mode|Terminate/,
    listeners({ name: 'a', port: HTTPS_PORT, protocol: 'HTTPS', tls: { mode: 'Passthrough' } }),
  ],
  [
    'GW-08 an unknown protocol, GW-11 no Secret, another kind, another namespace, GW-10 an unknown kind of route',
    'unknown/Accepted False UnsupportedProtocol',
    listeners(
      { name: 'unknown', port: 9301, protocol: 'x.com/odd' },
      https('missing', { name: 'none' }, 9302),
      https('kind', { kind: 'ConfigMap', name: 'none' }, 9303),
      https('far', { name: 'x', namespace: 'kube-system' }, 9304),
      httpListener('routes', { port: 9305, allowedRoutes: { kinds: [{ kind: 'TCPRoute' }] } }),
    ),
  ],
  [
    'GW-04 an address that is a name',
    'Accepted False UnsupportedAddress',
    (name) => withSpec(gateway(name, [httpListener()]), { addresses: [{ type: 'Hostname', value: 'a.com' }] }),
  ],
  [
    'GW-04 an address twice',
    /addresses|unique/,
    (name) =>
      withSpec(gateway(name, [httpListener()]), { addresses: [{ value: '198.18.0.9' }, { value: '198.18.0.9' }] }),
  ],
  [
    'GW-04 no address',
    /addresses/,
    (name) => withSpec(gateway(name, [httpListener()]), { addresses: [{ type: 'IPAddress', value: 'a.com' }] }),
  ],
  [
    'GW-03 unknown parameters',
    'Accepted False InvalidParameters',
    (name) => gatewayClass(name, { parametersRef: { group: 'x.com', kind: 'Shape', name: 'x' } }),
  ],
  ['GW-03 a controller without domain', /controllerName/, (name) => gatewayClass(name, { controllerName: 'causeway' })],
  ['GW-03 a long description', /description/, (name) => gatewayClass(name, { description: 'x'.repeat(65) })],
  ['GW-12 consent to nobody', /from/, (name) => grant(name, { from: [], to: [{ group: '', kind: 'Secret' }] })],
  [
    'GW-12 consent to nothing',
    /to/,
    (name) => grant(name, { from: [{ group: V1.slice(0, -3), kind: 'Gateway', namespace: 'x' }], to: [] }),
  ],
  ['GW-14 a ListenerSet of nobody', 'Accepted False ParentNotAccepted', (name) => listenerSet(name, 'nobody')],
  ['GW-14 a ListenerSet that is not allowed', 'Accepted False NotAllowed', (name) => listenerSet(name, 'demo')],
];

function withSpec(object: ReturnType<typeof gateway>, spec: object): object {
  return { ...object, spec: { ...object.spec, ...spec } };
}

function gatewayClass(name: string, spec: object): object {
  return {
    apiVersion: V1,
    kind: 'GatewayClass',
    metadata: { name },
    spec: { controllerName: 'causeway.io/gateway', ...spec },
  };
}

function grant(name: string, spec: object): object {
  return { apiVersion: V1, kind: 'ReferenceGrant', metadata: { name, namespace: 'default' }, spec };
}

function listenerSet(name: string, parent: string): object {
  const spec = { parentRef: { name: parent }, listeners: [httpListener('set', { port: PORTS.other })] };
  return { apiVersion: V1, kind: 'ListenerSet', metadata: { name, namespace: 'default' }, spec };
}

/** A policy for a rule of the route `web`, so that none is in the way of another. */
const security = (rule: string, spec: object) => (name: string) =>
  policy('SecurityPolicy', name, `HTTPRoute/web/${rule}`, spec);
const traffic = (spec: object) => (name: string) => policy('BackendTrafficPolicy', name, 'HTTPRoute/none', spec);
const client = (spec: object) => (name: string) => policy('ClientTrafficPolicy', name, 'Gateway/none', spec);
const localRule = { limit: { requests: 1, unit: 'Hour' } };

/** Names of rules of the route `web`. */
export const RULES = ['missing-users', 'missing-keys', ...TRAFFIC_RULES] as const;

const backendTls =
  (validation: object, target: object = { group: '', kind: 'Service', name: 'a' }) =>
  (name: string) => ({
    apiVersion: V1,
    kind: 'BackendTLSPolicy',
    metadata: { name, namespace: 'default' },
    spec: { targetRefs: [target], validation },
  });
const authority = { group: '', kind: 'ConfigMap', name: 'none' };

const POLICIES: readonly Row[] = [
  ['GW-33 a target that is not there', 'Accepted False TargetNotFound', traffic({})],
  ['GW-33 a rule that is not there', 'Accepted False TargetNotFound', security('nowhere', { cors: {} })],
  ['GW-33 no target', /targetRef/, (name) => withSpecOf(policy('SecurityPolicy', name, 'Gateway/demo'), {})],
  ['GW-33 a kind that cannot be one', /kind/, (name) => policy('ClientTrafficPolicy', name, 'HTTPRoute/web')],
  [
    'GW-34 no Secret',
    'Accepted False Invalid',
    security(RULES[1], { apiKeyAuth: { credentialRefs: [{ name: 'none' }], extractFrom: [{ headers: ['x'] }] } }),
  ],
  ['GW-35 an origin without scheme', /allowOrigins/, security('x', { cors: { allowOrigins: ['a.com'] } })],
  ['GW-38 no Secret', 'Accepted False Invalid', security(RULES[0], { basicAuth: { users: { name: 'none' } } })],
  [
    'GW-39 a network that is none',
    /clientCIDRs/,
    security('x', { authorization: { rules: [{ action: 'Allow', principal: { clientCIDRs: ['192.0.2.0/33'] } }] } }),
  ],
  ['GW-39 nobody', /principal/, security('x', { authorization: { rules: [{ action: 'Allow', principal: {} }] } })],
  ['GW-42 less than the least version', /tls/, client({ tls: { minVersion: '1.3', maxVersion: '1.2' } })],
  ['GW-43 a time that is none', /connectTimeout/, traffic({ timeout: { tcp: { connectTimeout: 'fast' } } })],
  [
    'GW-44 17 limits',
    /rules/,
    traffic({ rateLimit: { type: 'Local', local: { rules: Array.from({ length: 17 }, () => localRule) } } }),
  ],
  ['GW-45 a hash of nothing', /consistentHash/, traffic({ loadBalancer: { type: 'ConsistentHash' } })],
  ['GW-40 no authority', /either CACertificateRefs or WellKnown/, backendTls({ hostname: 'a.com' })],
  [
    'GW-40 two kinds of authority',
    /both CACertificateRefs and WellKnown/,
    backendTls({ hostname: 'a.com', caCertificateRefs: [authority], wellKnownCACertificates: 'System' }),
  ],
  ['GW-40 no hostname', /hostname/, backendTls({ caCertificateRefs: [authority] })],
  [
    'GW-40 no ConfigMap',
    'Accepted False NoValidCACertificate',
    backendTls({ hostname: 'a.com', caCertificateRefs: [authority] }, { group: '', kind: 'Service', name: 'tls' }),
  ],
];

function withSpecOf(object: object, spec: object): object {
  return { ...object, spec };
}

export const INVALID: readonly Invalid[] = [
  ...HTTP_ROUTES,
  ...OTHER_ROUTES,
  ...GATEWAYS,
  ...POLICIES,
  ...ENVOY_OBJECTS,
].map(([title, want, make], index) => ({ title, want, object: make(`bad-${index}`) as Invalid['object'] }));
