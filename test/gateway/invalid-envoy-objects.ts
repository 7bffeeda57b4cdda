import { policy } from './policy-objects.ts';

/** What is wrong, what it is told (see `Invalid`), and the object of a name. */
export type Row = readonly [title: string, want: RegExp | string, make: (name: string) => object];

const object =
  (kind: string, spec: object, apiVersion = 'gateway.envoyproxy.io/v1alpha1') =>
  (name: string): object => ({ apiVersion, kind, metadata: { name, namespace: 'default' }, spec });

const backend = (spec: object) => object('Backend', spec);
const ip = { ip: { address: '192.0.2.1', port: 80 } };
const fqdn = { fqdn: { hostname: 'a.com', port: 443 } };
const authority = [{ group: '', kind: 'ConfigMap', name: 'none' }];
const overTls = (tls: object) => backend({ endpoints: [fqdn], tls });

const BACKENDS: readonly Row[] = [
  ['GW-16 no endpoint', /endpoints/, backend({ endpoints: [] })],
  ['GW-16 257 endpoints', /endpoints/, backend({ endpoints: Array.from({ length: 257 }, () => ip) })],
  ['GW-16 an endpoint that is nowhere', /one of fqdn, ip or unix must be specified/, backend({ endpoints: [{}] })],
  ['GW-16 two in one', /only one of fqdn, ip or unix/, backend({ endpoints: [{ ...ip, ...fqdn }] })],
  ['GW-16 names among addresses', /fqdn addresses cannot be mixed/, backend({ endpoints: [ip, fqdn] })],
  ['GW-16 no address', /address/, backend({ endpoints: [{ ip: { address: '192.0.2.256', port: 80 } }] })],
  ['GW-16 a port beyond all', /port/, backend({ endpoints: [{ ip: { address: '192.0.2.1', port: 65_536 } }] })],
  ['GW-16 no name', /hostname/, backend({ endpoints: [{ fqdn: { hostname: 'a b', port: 80 } }] })],
  ['GW-16 an unknown protocol', /appProtocols/, backend({ endpoints: [ip], appProtocols: ['h3'] })],
  ['GW-16 endpoints of all hosts', /DynamicResolver/, backend({ type: 'DynamicResolver', endpoints: [ip] })],
  [
    'GW-40 two kinds of authority',
    /must not contain both CACertificateRefs/,
    overTls({ caCertificateRefs: authority, wellKnownCACertificates: 'System' }),
  ],
  [
    'GW-40 an authority for nothing',
    /when InsecureSkipVerify is enabled/,
    overTls({ wellKnownCACertificates: 'System', insecureSkipVerify: true }),
  ],
  ['GW-16 a socket', 'Accepted False Invalid', backend({ endpoints: [{ unix: { path: '/run/x' } }] })],
  ['GW-16 port 0', 'Accepted False Invalid', backend({ endpoints: [{ ip: { address: '192.0.2.1', port: 0 } }] })],
  ['GW-40 nobody to trust', 'Accepted False Invalid', overTls({})],
  ['GW-40 no ConfigMap', 'Accepted False Invalid', overTls({ caCertificateRefs: authority })],
  [
    'GW-11 no Secret to show',
    'Accepted False Invalid',
    overTls({ insecureSkipVerify: true, clientCertificateRef: { name: 'none' } }),
  ],
];

const filter = (spec: object) => object('HTTPRouteFilter', spec);
const answer = (fields: object) => filter({ directResponse: fields });
const rewrite = (fields: object) => filter({ urlRewrite: fields });

const FILTERS: readonly Row[] = [
  ['GW-25 a status that is none', /statusCode/, answer({ statusCode: 600 })],
  ['GW-25 a text without text', /inline must be set/, answer({ body: { type: 'Inline' } })],
  ['GW-25 a text from nowhere', /valueRef must be set/, answer({ body: { type: 'ValueRef' } })],
  [
    'GW-25 a text of a Secret',
    /only ConfigMap is supported/,
    answer({ body: { type: 'ValueRef', valueRef: { group: '', kind: 'Secret', name: 'x' } } }),
  ],
  ['GW-25 nothing to remove', /header.remove is not supported/, answer({ header: { remove: ['x'] } })],
  ['GW-22 no replacement', /replaceRegexMatch field needs to be set/, rewrite({ path: { type: 'ReplaceRegexMatch' } })],
  ['GW-22 no header', /header must be specified for Header type/, rewrite({ hostname: { type: 'Header' } })],
  ['GW-22 a header of a backend', /header must be nil/, rewrite({ hostname: { type: 'Backend', header: 'x' } })],
  ['GW-25 no credential', /credential/, filter({ credentialInjection: { header: 'x' } })],
  ['GW-25 no cookie', /cookies/, filter({ matches: [{ cookies: [] }] })],
];

const proxy = (spec: object) => object('EnvoyProxy', spec);
const onCluster = (kubernetes: object) => proxy({ provider: { type: 'Kubernetes', kubernetes } });
const tracing = (fields: object) =>
  proxy({ telemetry: { tracing: { provider: { backendRefs: [{ name: 'a', port: 80 }] }, ...fields } } });
const format = (fields: object) =>
  proxy({
    telemetry: {
      accessLog: { settings: [{ format: fields, sinks: [{ type: 'File', file: { path: '/dev/stdout' } }] }] },
    },
  });

const PROXIES: readonly Row[] = [
  [
    'GW-06 a Deployment and a DaemonSet',
    /only one of envoyDeployment or envoyDaemonSet/,
    onCluster({ envoyDeployment: {}, envoyDaemonSet: {} }),
  ],
  [
    'GW-06 more pods of a DaemonSet',
    /cannot use envoyHpa/,
    onCluster({ envoyDaemonSet: {}, envoyHpa: { maxReplicas: 2 } }),
  ],
  [
    'GW-06 two images',
    /Either image or imageRepository/,
    onCluster({ envoyDeployment: { container: { image: 'a:1', imageRepository: 'a' } } }),
  ],
  [
    'GW-06 less than the least',
    /maxReplicas cannot be less/,
    onCluster({ envoyHpa: { minReplicas: 3, maxReplicas: 2 } }),
  ],
  ['GW-06 no pod', /maxReplicas must be greater than 0/, onCluster({ envoyHpa: { maxReplicas: 0 } })],
  [
    'GW-06 two budgets',
    /only one of minAvailable or maxUnavailable/,
    onCluster({ envoyPDB: { minAvailable: 1, maxUnavailable: 1 } }),
  ],
  ['GW-05 no address', /valid IPv4 address/, onCluster({ envoyService: { loadBalancerIP: 'a.com' } })],
  [
    'GW-05 an address of nobody who balances',
    /loadBalancerIP can only be set for LoadBalancer/,
    onCluster({ envoyService: { type: 'ClusterIP', loadBalancerIP: '192.0.2.1' } }),
  ],
  ['GW-05 an unknown type', /type/, onCluster({ envoyService: { type: 'Headless' } })],
  ['GW-06 another provider', /provider.type/, proxy({ provider: { type: 'Nomad' } })],
  ['GW-06 no process', /concurrency/, proxy({ concurrency: 0 })],
  ['GW-06 an unknown family', /ipFamily/, proxy({ ipFamily: 'IPv5' })],
  ['GW-06 an unknown way', /routingType/, proxy({ routingType: 'Pod' })],
  ['GW-06 an unknown level', /level/, proxy({ logging: { level: { default: 'chatty' } } })],
  ['GW-06 a time that is none', /drainTimeout/, proxy({ shutdown: { drainTimeout: 'soon' } })],
  [
    'GW-06 before and after',
    /only one of before or after/,
    proxy({
      filterOrder: [
        { name: 'envoy.filters.http.cors', before: 'envoy.filters.http.rbac', after: 'envoy.filters.http.fault' },
      ],
    }),
  ],
  ['GW-06 neither', /one of before or after must/, proxy({ filterOrder: [{ name: 'envoy.filters.http.cors' }] })],
  [
    'GW-06 an unknown filter',
    /filterOrder/,
    proxy({ filterOrder: [{ name: 'x', before: 'envoy.filters.http.cors' }] }),
  ],
  ['GW-46 more than all', /samplingRate/, tracing({ samplingRate: 101 })],
  [
    'GW-46 two shares',
    /only one of samplingRate or samplingFraction/,
    tracing({ samplingRate: 1, samplingFraction: { numerator: 1 } }),
  ],
  [
    'GW-46 a text and a format of another kind',
    /json field must not be set/,
    format({ type: 'Text', text: 'x', json: {} }),
  ],
  ['GW-46 a format without lines', /at least one of text or json/, format({})],
];

const ctl = (spec: object) => object('EnvoyGatewayCtl', spec, 'envoy-gateway.alauda.io/v1');
const CONTROLLERS: readonly Row[] = [
  [
    'GW-02 an unknown setting',
    'Accepted False InvalidParameters',
    ctl({ config: { envoyGateway: { nonsense: { of: 'mine' } } } }),
  ],
  ['GW-02 less than no controller', /replicas/, ctl({ deployment: { replicas: -1 } })],
  [
    'GW-02 objects nowhere',
    /deploy.type/,
    ctl({ config: { envoyGateway: { provider: { kubernetes: { deploy: { type: 'Anywhere' } } } } } }),
  ],
];

/** Names of rules of the route `web`, each for one policy that says something that is told. */
export const TRAFFIC_RULES = ['buffers', 'windows', 'expression', 'page', 'store'] as const;

const security = (spec: object) => (name: string) => policy('SecurityPolicy', name, 'HTTPRoute/none', spec);
const provider = (fields: object) => security({ jwt: { providers: [{ name: 'p', ...fields }] } });
const oidc = (fields: object, ofProvider: object = {}) =>
  security({
    oidc: { provider: { issuer: 'https://a.com', ...ofProvider }, clientSecret: { name: 'x' }, ...fields },
  });
const service = { backendRefs: [{ name: 'a', port: 80 }] };

const SECURITY: readonly Row[] = [
  ['GW-38 nobody to ask', /one of grpc or http must be specified/, security({ extAuth: {} })],
  ['GW-38 two to ask', /only one of grpc or http/, security({ extAuth: { grpc: service, http: service } })],
  ['GW-36 no keys', /either remoteJWKS or localJWKS/, provider({ issuer: 'a' })],
  [
    'GW-36 two sets of keys',
    /cannot both be specified/,
    provider({ remoteJWKS: { uri: 'https://a.com' }, localJWKS: { type: 'Inline', inline: '{}' } }),
  ],
  [
    'GW-36 another route by no claim',
    /claimToHeaders must be specified/,
    provider({ recomputeRoute: true, remoteJWKS: { uri: 'https://a.com' } }),
  ],
  ['GW-37 two clients', /only one of clientID or clientIDRef/, oidc({ clientID: 'a', clientIDRef: { name: 'x' } })],
  [
    'GW-37 half of the endpoints',
    /must be specified together/,
    oidc({ clientID: 'a' }, { tokenEndpoint: 'https://a.com/token' }),
  ],
  [
    'GW-39 claims of tokens that nobody asks for',
    /jwt must be defined/,
    security({
      authorization: { rules: [{ action: 'Allow', principal: { jwt: { provider: 'p', scopes: ['a'] } } }] },
    }),
  ],
  [
    'GW-39 a token of which nothing is said',
    /at least one of claims or scopes/,
    security({
      jwt: { providers: [{ name: 'p', remoteJWKS: { uri: 'https://a.com' } }] },
      authorization: { rules: [{ action: 'Allow', principal: { jwt: { provider: 'p' } } }] },
    }),
  ],
];

const traffic = (spec: object, rule = '') => {
  const target = rule === '' ? 'HTTPRoute/none' : `HTTPRoute/web/${rule}`;
  return (name: string) => policy('BackendTrafficPolicy', name, target, spec);
};
const rule = (fields: object) => ({ limit: { requests: 1, unit: 'Hour' }, ...fields });
const local = (fields: object) => traffic({ rateLimit: { local: { rules: [rule(fields)] } } });
const override = (fields: object, value: object = { value: 500 }) =>
  ({ responseOverride: [{ match: { statusCodes: [value] }, ...fields }] }) as const;
const text = { body: { type: 'Inline', inline: 'x' } };
const [buffers, windows, expression, page, store] = TRAFFIC_RULES;

const TRAFFIC: readonly Row[] = [
  [
    'GW-45 two ways to fail',
    /simultaneously/,
    traffic({ faultInjection: { abort: { httpStatus: 500, grpcStatus: 1 } } }),
  ],
  ['GW-45 no way to fail', /are set at least one/, traffic({ faultInjection: { abort: {} } })],
  ['GW-45 no fault', /Delay and abort faults/, traffic({ faultInjection: {} })],
  [
    'GW-45 two kinds of compression',
    /either compression or compressor/,
    traffic({ compression: [{ type: 'Gzip' }], compressor: [{ type: 'Gzip' }] }),
  ],
  [
    'GW-45 a slow start by chance',
    /SlowStart is only supported/,
    traffic({ loadBalancer: { type: 'Random', slowStart: { window: '1s' } } }),
  ],
  ['GW-45 no question', /http field needs to be set/, traffic({ healthCheck: { active: { type: 'HTTP' } } })],
  ['GW-45 more than all', /panicThreshold/, traffic({ healthCheck: { panicThreshold: 101 } })],
  ['GW-45 fewer than no attempt', /numRetries/, traffic({ retry: { numRetries: -1 } })],
  ['GW-45 a size that is none', /requestBuffer.limit/, traffic({ requestBuffer: { limit: 'much' } })],
  ['GW-45 an unknown version', /proxyProtocol.version/, traffic({ proxyProtocol: { version: 'V3' } })],
  ['GW-45 an unknown way', /routingType/, traffic({ routingType: 'Pod' })],
  ['GW-33 an unknown merge', /mergeType/, traffic({ mergeType: 'Guess' })],
  [
    'GW-45 an answer and a redirect',
    /exactly one of response or redirect/,
    traffic(override({ response: text, redirect: { statusCode: 302 } })),
  ],
  [
    'GW-45 an end before the beginning',
    /end must be greater than start/,
    traffic(override({ response: text }, { type: 'Range', range: { start: 500, end: 400 } })),
  ],
  [
    'GW-44 answers that cost',
    /response cost is not supported/,
    local({ cost: { response: { from: 'Number', number: 1 } } }),
  ],
  ['GW-44 nobody', /at least one of headers/, local({ clientSelectors: [{}] })],
  ['GW-44 an unknown time', /unit/, local({ limit: { requests: 1, unit: 'Fortnight' } })],
  ['GW-45 buffers', 'Accepted False Invalid', traffic({ connection: { bufferLimit: '1Ki' } }, buffers)],
  [
    'GW-45 windows of HTTP/2',
    'Accepted False Invalid',
    traffic({ http2: { initialStreamWindowSize: '64Ki' } }, windows),
  ],
  [
    'GW-44 no regular expression',
    'Accepted False Invalid',
    traffic(
      {
        rateLimit: {
          local: {
            rules: [rule({ clientSelectors: [{ headers: [{ name: 'x', type: 'RegularExpression', value: '(' }] }] })],
          },
        },
      },
      expression,
    ),
  ],
  [
    'GW-45 a page that is not there',
    'Accepted False Invalid',
    traffic(
      override({
        response: { body: { type: 'ValueRef', valueRef: { group: '', kind: 'ConfigMap', name: 'none' } } },
      }),
      page,
    ),
  ],
  [
    'GW-44 nowhere to count together',
    'Accepted False Invalid',
    traffic({ rateLimit: { global: { rules: [rule({})] } } }, store),
  ],
];

const client = (spec: object) => (name: string) => policy('ClientTrafficPolicy', name, 'Gateway/none', spec);

const CLIENTS: readonly Row[] = [
  ['GW-42 no connection', /connectionLimit.value/, client({ connection: { connectionLimit: { value: 0 } } })],
  [
    'GW-42 hops and networks',
    /only one of numTrustedHops or trustedCIDRs/,
    client({ clientIPDetection: { xForwardedFor: { numTrustedHops: 1, trustedCIDRs: ['10.0.0.0/8'] } } }),
  ],
  [
    'GW-42 two ways to know the client',
    /customHeader cannot be used/,
    client({ clientIPDetection: { xForwardedFor: { numTrustedHops: 1 }, customHeader: { name: 'x' } } }),
  ],
  [
    'GW-42 numbers of requests in two ways',
    /preserveXRequestID and requestID/,
    client({ headers: { preserveXRequestID: true, requestID: 'Generate' } }),
  ],
  [
    'GW-42 parts of a certificate that nobody is told',
    /certDetailsToAdd can only be set/,
    client({ headers: { xForwardedClientCert: { mode: 'Sanitize', certDetailsToAdd: ['Subject'] } } }),
  ],
  ['GW-42 ciphers of TLS 1.3', /setting ciphers has no effect/, client({ tls: { minVersion: '1.3', ciphers: ['X'] } })],
  ['GW-41 a time without unit', /idleTimeout/, client({ timeout: { http: { idleTimeout: '30' } } })],
  ['GW-42 an unknown way with slashes', /escapedSlashesAction/, client({ path: { escapedSlashesAction: 'Ignore' } })],
];

/** Of kinds of Envoy Gateway. */
export const ENVOY_OBJECTS: readonly Row[] = [
  ...[...BACKENDS, ...FILTERS, ...PROXIES, ...CONTROLLERS],
  ...[...SECURITY, ...TRAFFIC, ...CLIENTS],
];
