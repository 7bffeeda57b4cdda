import type { KubernetesObject } from '@causeway/apis/meta/object';
import { deepFreeze } from '@causeway/test/golden/cases';
import { describe, expect, test } from 'vitest';
import { refusals } from '../testing/storable.ts';
import { convertIngresses } from './convert.ts';
import { DEFAULT_INGRESS_OPTIONS, type IngressOptions } from './options.ts';

const N = 'nginx.ingress.kubernetes.io/';
const A = 'alb.ingress.cpaas.io/';
type Annotations = Readonly<Record<string, string>>;

function path(written = '/', pathType = 'Prefix', service: object = { name: 'web', port: { number: 80 } }): object {
  return { path: written, pathType, backend: { service } };
}

function ingress(
  annotations: Annotations = {},
  paths: readonly object[] = [path()],
  spec: object = {},
  name = 'web',
): KubernetesObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace: 'demo', annotations },
    spec: { rules: [{ host: 'a.example', http: { paths } }], ...spec },
  } as KubernetesObject;
}

/** Whatever comes out must be something that the API server takes. */
function converted(input: readonly KubernetesObject[], options: Partial<IngressOptions> = {}) {
  const { objects, messages } = convertIngresses(deepFreeze(input), { ...DEFAULT_INGRESS_OPTIONS, ...options });
  expect(refusals(objects)).toEqual([]);
  const find = (kind: string, name = 'web') =>
    objects.find((object) => object.kind === kind && object.metadata.name === name);
  const spec = (kind: string, name?: string) =>
    (find(kind, name) as { readonly spec?: Readonly<Record<string, unknown>> } | undefined)?.spec;
  return {
    names: objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    told: messages.map(
      ({ code, field }) => `${code} ${field.replace(/^metadata\.annotations\[(?:[^\]]*\/)?([^\]]*)\]$/, '$1')}`,
    ),
    spec,
    rules: (name?: string) =>
      (spec('HTTPRoute', name)?.['rules'] ?? []) as readonly Readonly<Record<string, unknown>>[],
  };
}

describe('paths', () => {
  const prefix = (value: string) => ({ type: 'PathPrefix', value });
  const cases = [
    { name: 'elements', from: 'ingress-nginx', paths: [path('/a')], want: prefix('/a'), told: [] },
    {
      name: 'text',
      from: 'alb',
      paths: [path('/a')],
      want: prefix('/a'),
      told: ['W505 spec.rules[0].http.paths[0].path'],
    },
    {
      name: 'exact',
      from: 'ingress-nginx',
      paths: [path('/a', 'Exact')],
      want: { type: 'Exact', value: '/a' },
      told: [],
    },
    {
      name: 'an expression of an ALB',
      from: 'alb',
      paths: [path('/a[0-9]+', 'ImplementationSpecific')],
      want: { type: 'RegularExpression', value: '/a[0-9]+.*' },
      told: [],
    },
    {
      name: 'an expression of ingress-nginx ignores case',
      from: 'ingress-nginx',
      annotations: { [`${N}use-regex`]: 'true' },
      paths: [path('/a(b|c)$', 'ImplementationSpecific')],
      want: { type: 'RegularExpression', value: '(?i)/a(b|c)$' },
      told: [],
    },
    {
      name: 'no path',
      from: 'ingress-nginx',
      paths: [path('/a//b')],
      want: undefined,
      told: ['E502 spec.rules[0].http.paths[0].path'],
    },
  ] as const;
  for (const { name, from, paths, want, told, ...rest } of cases) {
    test(name, () => {
      const found = converted([ingress('annotations' in rest ? rest.annotations : {}, paths)], { from });
      const [{ matches = [] } = {}] = found.rules() as readonly { readonly matches?: readonly object[] }[];
      expect([matches[0], found.told]).toEqual([want === undefined ? undefined : { path: want }, told]);
    });
  }

  test('rewritten: the rest kept, the whole path replaced, by groups', () => {
    const rewritten = (written: string, target: string, type = 'ImplementationSpecific') =>
      converted([ingress({ [`${N}rewrite-target`]: target }, [path(written, type)])]);
    expect(rewritten('/a(/|$)(.*)', '/b/$2').rules()[0]).toMatchObject({
      matches: [{ path: prefix('/a') }],
      filters: [{ urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/b' } } }],
    });
    expect(rewritten('/a', '/b', 'Prefix').rules()[0]).toMatchObject({
      filters: [{ urlRewrite: { path: { type: 'ReplaceFullPath', replaceFullPath: '/b' } } }],
    });
    const groups = rewritten('/v([0-9]+)/x', '/api/$1');
    expect(groups.rules()[0]).toMatchObject({ filters: [{ type: 'ExtensionRef', extensionRef: { name: 'web-0-0' } }] });
    expect(groups.spec('HTTPRouteFilter', 'web-0-0')).toEqual({
      urlRewrite: {
        path: {
          type: 'ReplaceRegexMatch',
          replaceRegexMatch: { pattern: '(?i)/v([0-9]+)/x', substitution: '/api/\\1' },
        },
      },
    });
    const alb = converted([ingress({ [`${A}rewrite-target`]: '/b' }, [path('/a')])], { from: 'alb' });
    expect(alb.rules()[0]).toMatchObject({ filters: [{ urlRewrite: { path: { replacePrefixMatch: '/b' } } }] });
  });
});

describe('hosts and listeners', () => {
  const tls = { tls: [{ hosts: ['a.example'], secretName: 'a-tls' }] };
  const sections = (found: ReturnType<typeof converted>) =>
    ((found.spec('HTTPRoute')?.['parentRefs'] ?? []) as readonly { readonly sectionName: string }[]).map(
      ({ sectionName }) => sectionName,
    );

  test('with a certificate: redirected, as the controller does', () => {
    const nginx = converted([ingress({}, [path()], tls)]);
    expect([sections(nginx), nginx.names]).toEqual([['https'], ['HTTPRoute web', 'HTTPRoute web-redirect']]);
    expect(sections(converted([ingress({}, [path()], tls)], { from: 'alb' }))).toEqual(['https', 'http']);
    expect(sections(converted([ingress({ [`${N}ssl-redirect`]: 'false' }, [path()], tls)]))).toEqual(['https', 'http']);
    const forced = converted([ingress({ [`${N}force-ssl-redirect`]: 'true' })], { emitGateway: true });
    expect([sections(forced), forced.names]).toEqual([
      ['https'],
      ['Gateway demo-gateway', 'HTTPRoute web', 'HTTPRoute web-redirect'],
    ]);
    const listeners = converted([ingress({}, [path()], tls)], { emitGateway: true }).spec('Gateway', 'demo-gateway')?.[
      'listeners'
    ];
    expect(listeners).toMatchObject([
      { name: 'http' },
      { name: 'https', tls: { certificateRefs: [{ name: 'a-tls' }] } },
    ]);
  });

  test('several hosts, further names, a default', () => {
    const http = { paths: [path()] };
    const spec = {
      rules: [
        { host: '*.b.example', http },
        { host: 'a.example', http },
      ],
      defaultBackend: { service: { name: 'd', port: { number: 1 } } },
    };
    const found = converted([ingress({ [`${N}server-alias`]: 'x.example' }, [], spec)]);
    expect(found.names).toEqual([
      'HTTPRoute web-a.example',
      'HTTPRoute web-every-host',
      'HTTPRoute web-wildcard.b.example',
    ]);
    expect(found.spec('HTTPRoute', 'web-a.example')?.['hostnames']).toEqual(['a.example', 'x.example']);
    expect(found.spec('HTTPRoute', 'web-every-host')?.['hostnames']).toBeUndefined();
  });

  test('more rules than a route takes are several routes', () => {
    const many = Array.from({ length: 17 }, (_, index) => path(`/${index}`));
    const found = converted([ingress({ [`${N}limit-rps`]: '1' }, many)]);
    expect(found.names).toEqual(['HTTPRoute web', 'HTTPRoute web-2', 'BackendTrafficPolicy web-traffic']);
    expect(found.spec('BackendTrafficPolicy', 'web-traffic')?.['targetRefs']).toHaveLength(2);
  });

  test('TLS that is passed through', () => {
    const found = converted([ingress({ [`${N}ssl-passthrough`]: 'true' })], { emitGateway: true });
    expect(found.spec('TLSRoute')).toMatchObject({
      hostnames: ['a.example'],
      rules: [{ backendRefs: [{ name: 'web', port: 80 }] }],
    });
    expect(found.spec('Gateway', 'demo-gateway')).toMatchObject({
      listeners: [{ protocol: 'TLS', hostname: 'a.example' }],
    });
    const host = ingress({ [`${N}ssl-passthrough`]: 'true' }, [], { rules: [{ http: { paths: [path()] } }] });
    expect(converted([host]).told).toEqual(['E501 spec.rules[0].host']);
  });
});

describe('backends', () => {
  test('names of ports become numbers', () => {
    const named = ingress({}, [path('/', 'Prefix', { name: 'web', port: { name: 'http' } })]);
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'demo' },
      spec: { ports: [{ name: 'http', port: 8080 }] },
    } as KubernetesObject;
    expect(converted([named, service]).rules()[0]).toMatchObject({ backendRefs: [{ name: 'web', port: 8080 }] });
    expect(converted([named]).told).toEqual(['E504 spec.rules[0].http.paths[0].backend.service.port']);
  });

  test('a canary shares the requests of its path, and takes those that ask for it', () => {
    const canary = ingress(
      { [`${N}canary`]: 'true', [`${N}canary-weight`]: '20', [`${N}canary-by-header`]: 'X-Canary' },
      [path('/', 'Prefix', { name: 'new', port: { number: 80 } })],
      {},
      'new',
    );
    const found = converted([ingress(), canary]);
    expect(found.names).toEqual(['HTTPRoute web']);
    expect(found.rules()).toMatchObject([
      { matches: [{ headers: [{ name: 'X-Canary', value: 'always' }] }], backendRefs: [{ name: 'new' }] },
      { matches: [{ headers: [{ name: 'X-Canary', value: 'never' }] }], backendRefs: [{ name: 'web' }] },
      {
        backendRefs: [
          { name: 'web', weight: 80 },
          { name: 'new', weight: 20 },
        ],
      },
    ]);
  });

  test('a canary of nobody is told', () => {
    expect(converted([ingress({ [`${N}canary`]: 'true' })])).toMatchObject({ names: [], told: ['W512 spec.rules'] });
  });

  test('that speak TLS are verified', () => {
    const annotations = {
      [`${N}backend-protocol`]: 'HTTPS',
      [`${N}proxy-ssl-secret`]: 'demo/ca',
      [`${N}proxy-ssl-name`]: 'b.example',
    };
    expect(converted([ingress(annotations)]).spec('BackendTLSPolicy', 'web-backend-tls')?.['validation']).toEqual({
      caCertificateRefs: [{ group: '', kind: 'Secret', name: 'ca' }],
      hostname: 'b.example',
    });
    const other = ingress({ [`${N}backend-protocol`]: 'HTTPS' }, [path('/other')], {}, 'zzz');
    expect(converted([ingress(annotations), other]).told).toContain('E109 metadata.name');
  });
});

describe('annotations of requests', () => {
  test('redirects', () => {
    const redirect = (annotations: Annotations) => converted([ingress(annotations)]).rules()[0]?.['filters'];
    const to = (requestRedirect: object) => [{ type: 'RequestRedirect', requestRedirect }];
    expect(
      redirect({ [`${N}permanent-redirect`]: 'https://b.example/x', [`${N}permanent-redirect-code`]: '308' }),
    ).toEqual(
      to({
        scheme: 'https',
        hostname: 'b.example',
        path: { type: 'ReplaceFullPath', replaceFullPath: '/x' },
        statusCode: 301,
      }),
    );
    expect(redirect({ [`${N}temporal-redirect`]: 'https://b.example:8443$request_uri' })).toEqual(
      to({ scheme: 'https', hostname: 'b.example', port: 8443, statusCode: 302 }),
    );
    expect(redirect({ [`${A}redirect-host`]: 'c.example', [`${A}redirect-code`]: '301' })).toEqual(
      to({ hostname: 'c.example', statusCode: 301 }),
    );
    expect(redirect({ [`${N}app-root`]: '/app' })).toEqual(
      to({ path: { type: 'ReplaceFullPath', replaceFullPath: '/app' }, statusCode: 302 }),
    );
    expect(converted([ingress({ [`${N}permanent-redirect`]: 'https://$host.x' })]).told).toContain(
      'E506 permanent-redirect',
    );
  });

  test('headers, CORS, timeouts, retries, sessions', () => {
    const annotations = {
      [`${A}rewrite-request`]: '{"headers":{"X-A":"a"},"headers_remove":["X-B"],"headers_var":{"X-C":"cookie_a"}}',
      [`${N}enable-cors`]: 'true',
      [`${N}cors-allow-origin`]: 'https://b.example, c',
      [`${N}proxy-read-timeout`]: '5',
      [`${N}proxy-next-upstream`]: 'error http_502',
      [`${N}affinity`]: 'cookie',
      [`${N}session-cookie-max-age`]: '3600',
    };
    const found = converted([ingress(annotations)]);
    expect(found.rules()[0]).toMatchObject({
      filters: [
        { requestHeaderModifier: { set: [{ name: 'X-A', value: 'a' }], remove: ['X-B'] } },
        { cors: { allowOrigins: ['https://b.example'], allowCredentials: true, maxAge: 1_728_000 } },
      ],
      timeouts: { request: '5s' },
      retry: { codes: [502] },
      sessionPersistence: {
        sessionName: 'INGRESSCOOKIE',
        absoluteTimeout: '3600s',
        cookieConfig: { lifetimeType: 'Permanent' },
      },
    });
    expect(found.told).toEqual([
      'W508 rewrite-request',
      'W508 cors-allow-origin',
      'W507 proxy-read-timeout',
      'W507 affinity',
    ]);
  });

  test('balancing and limits are a policy', () => {
    const annotations = {
      [`${N}upstream-hash-by`]: '$http_x_user',
      [`${N}proxy-connect-timeout`]: '3',
      [`${N}proxy-body-size`]: '8m',
    };
    expect(converted([ingress(annotations)]).spec('BackendTrafficPolicy', 'web-traffic')).toMatchObject({
      timeout: { tcp: { connectTimeout: '3s' } },
      loadBalancer: { type: 'ConsistentHash', consistentHash: { type: 'Header', header: { name: 'x-user' } } },
      requestBuffer: { limit: '8388608' },
    });
  });

  test('what cannot be converted is told', () => {
    const annotations = {
      [`${N}server-snippet`]: 'x',
      [`${N}limit-rate`]: '1',
      [`${N}ssl-redirect`]: 'maybe',
      [`${N}foo`]: '1',
    };
    expect(converted([ingress(annotations)]).told).toEqual([
      'W508 foo',
      'W508 limit-rate',
      'E510 server-snippet',
      'W509 ssl-redirect',
    ]);
  });
});

describe('who gets in', () => {
  test('by address', () => {
    const annotations = {
      [`${N}whitelist-source-range`]: '10.0.0.0/8,1.1.1.1',
      [`${N}denylist-source-range`]: '10.1.0.0/16',
    };
    expect(converted([ingress(annotations)]).spec('SecurityPolicy', 'web-access')?.['authorization']).toEqual({
      defaultAction: 'Deny',
      rules: [
        { action: 'Deny', principal: { clientCIDRs: ['10.1.0.0/16'] } },
        { action: 'Allow', principal: { clientCIDRs: ['10.0.0.0/8', '1.1.1.1/32'] } },
      ],
    });
  });

  test('by password, and by a service elsewhere', () => {
    const basic = converted([ingress({ [`${N}auth-type`]: 'basic', [`${N}auth-secret`]: 'users' })]);
    expect(basic.spec('SecurityPolicy', 'web-access')?.['basicAuth']).toEqual({ users: { name: 'users' } });
    const external = converted([ingress({ [`${N}auth-url`]: 'http://auth.sso.svc.cluster.local:8080/check' })]);
    expect(external.spec('SecurityPolicy', 'web-access')?.['extAuth']).toEqual({
      http: { backendRefs: [{ name: 'auth', namespace: 'sso', port: 8080 }], path: '/check' },
    });
    expect(external.names).toContain('ReferenceGrant demo-web-auth');
  });

  const closed: readonly (readonly [string, Annotations])[] = [
    ['whitelist-source-range', { [`${N}whitelist-source-range`]: 'everybody' }],
    ['auth-url', { [`index.0-0.${A}auth-url`]: 'http://auth.demo.svc/' }],
    ['denylist-source-range', { [`${N}denylist-source-range`]: ',' }],
    ['auth-type', { [`${N}auth-type`]: 'digest', [`${N}auth-secret`]: 'x' }],
    ['auth-url', { [`${N}auth-url`]: 'https://sso.example/check' }],
    ['auth-tls-secret', { [`${N}auth-tls-secret`]: 'demo/ca' }],
    ['enable-modsecurity', { [`${N}enable-modsecurity`]: 'true' }],
  ];
  for (const [name, annotations] of closed) {
    test(`${name}: not converted, unless open for everybody is wanted`, () => {
      const found = converted([ingress(annotations)]);
      expect([found.names, found.told]).toEqual([[], [`E506 ${name}`]]);
      expect(converted([ingress(annotations)], { allowOpen: true }).names).toContain('HTTPRoute web');
    });
  }
});
