import type { KubernetesObject } from '@causeway/apis/meta/object';
import { goldenCases } from '@causeway/test/golden/cases';
import { describe, expect, test } from 'vitest';
import { refusals } from '../testing/storable.ts';
import { convertRoutes } from './convert.ts';
import { DEFAULT_ROUTE_OPTIONS, type RouteOptions } from './options.ts';
import { converted, edge, H, R, route, service } from './testing/routes.ts';

for (const { name, documents, expect: expectGolden } of goldenCases(import.meta.dirname)) {
  test(`golden ${name}`, () => {
    const [{ runs }, ...objects] = documents as [{ runs: readonly Partial<RouteOptions>[] }, ...KubernetesObject[]];
    const results = runs.map((options) => ({
      options,
      ...convertRoutes(objects, { ...DEFAULT_ROUTE_OPTIONS, ...options }),
    }));
    for (const { objects: written } of results) expect(refusals(written)).toEqual([]);
    expectGolden(results);
  });
}

describe('MG-01 what is read', () => {
  test('other documents are skipped, and named', () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'demo' } };
    expect(converted([pod, route()]).told).toEqual(['I100 kind']);
  });

  test('nothing in, nothing out', () => {
    expect(convertRoutes([], DEFAULT_ROUTE_OPTIONS)).toEqual({ objects: [], messages: [] });
  });

  test('the order of the input does not matter', () => {
    const routes = ['b', 'a', 'c'].map((name) => route({}, {}, name));
    expect(converted(routes).names).toEqual(converted(routes.toReversed()).names);
  });

  test('a Route of another shape, or there twice, is told with its field', () => {
    const bad = { ...route(), spec: { host: 7 } } as KubernetesObject;
    expect(converted([bad, route({}, {}, 'a'), route({}, {}, 'a')]).told).toEqual([
      'E103 spec.to',
      'E103 metadata.name',
    ]);
  });

  test('a Route keeps its name before what another brings', () => {
    const redirected = edge({}, { insecureEdgeTerminationPolicy: 'Redirect' });
    const found = converted([redirected, route({}, {}, 'web-redirect')]);
    expect(found.names).toEqual(['HTTPRoute demo/web', 'HTTPRoute demo/web-redirect']);
    expect(found.field('HTTPRoute', 'spec.rules.0.backendRefs', 'web-redirect')).toBeDefined();
    expect(found.told).toEqual(['E109 metadata.name']);
  });

  test('labels and annotations of others stay', () => {
    const object = route({ 'openshift.io/host.generated': 'true', 'example.com/team': 'a', [`${H}foo`]: '1' });
    const { told, field } = converted([{ ...object, metadata: { ...object.metadata, labels: { app: 'x' } } }]);
    expect(field('HTTPRoute', 'metadata')).toEqual({
      name: 'web',
      namespace: 'demo',
      labels: { app: 'x' },
      annotations: { 'example.com/team': 'a' },
    });
    expect(told).toEqual(['I101 metadata.annotations', `W299 metadata.annotations[${H}foo]`]);
  });
});

describe('MG-02 hosts and paths', () => {
  const hosts = [
    { name: 'written', fields: {}, want: ['example.com'], told: [] },
    {
      name: 'from the domain',
      fields: { host: '' },
      options: { ingressDomain: 'apps.org' },
      want: ['web-demo.apps.org'],
      told: ['W102 spec.host'],
    },
    {
      name: 'a subdomain',
      fields: { host: '', subdomain: 'x' },
      options: { ingressDomain: 'apps.org' },
      want: ['x.apps.org'],
      told: ['W102 spec.subdomain'],
    },
    { name: 'none', fields: { host: '' }, want: undefined, told: ['E102 spec.host'] },
    {
      name: 'subdomains',
      fields: { host: 'www.example.com', wildcardPolicy: 'Subdomain' },
      want: ['*.example.com'],
      told: ['W103 spec.wildcardPolicy'],
    },
    { name: 'no name', fields: { host: '-bad' }, want: undefined, told: ['E102 spec.host'] },
    { name: 'an address', fields: { host: '10.0.0.1' }, want: undefined, told: ['E102 spec.host'] },
    { name: 'too long', fields: { host: `${'a.'.repeat(130)}com` }, want: undefined, told: ['E102 spec.host'] },
  ];
  for (const { name, fields, options, want, told } of hosts) {
    test(`host: ${name}`, () => {
      const found = converted([route({}, fields)], options);
      expect(found.field('HTTPRoute', 'spec.hostnames')).toEqual(want);
      expect(found.told).toEqual(told);
    });
  }

  test('the host that a router has admitted', () => {
    const object = { ...route({}, { host: '' }), status: { ingress: [{ host: 'was.org' }] } };
    expect(converted([object]).field('HTTPRoute', 'spec.hostnames')).toEqual(['was.org']);
  });

  const paths = [
    { path: '/api', want: '/api', told: [] },
    { path: '/api/', want: '/api/', told: ['W104 spec.path'] },
    { path: '/', want: '/', told: [] },
    { path: '/a//b', want: undefined, told: ['E104 spec.path'] },
    { path: '/a#b', want: undefined, told: ['E104 spec.path'] },
    { path: 'api', want: undefined, told: ['E104 spec.path'] },
    { path: '/a b', want: undefined, told: ['E104 spec.path'] },
  ];
  for (const { path, want, told } of paths) {
    test(`path ${path}; other Routes are converted`, () => {
      const found = converted([route({}, { path }), route({}, {}, 'other')]);
      expect(found.rule('matches.0.path.value')).toBe(want);
      expect(found.told).toEqual(told);
      expect(found.names).toContain('HTTPRoute demo/other');
    });
  }
});

describe('MG-03 ports of pods become ports of Services', () => {
  const two = service([
    { name: 'http', port: 80, targetPort: 8080 },
    { name: 'admin', port: 81, targetPort: 'adm' },
  ]);
  const one = service([{ port: 80, targetPort: 8080 }]);
  const elsewhere = service([], 'other');
  const cases = [
    { name: 'the number of the pods', objects: [one], targetPort: 8080, want: 80, told: [] },
    { name: 'a name of the Service', objects: [two], targetPort: 'http', want: 80, told: [] },
    { name: 'a name of the pods', objects: [two], targetPort: 'adm', want: 81, told: [] },
    { name: 'the only port', objects: [one], targetPort: 'web', want: 80, told: ['W107 spec.port.targetPort'] },
    { name: 'none said, several there', objects: [two], want: 80, told: ['W107 spec.port.targetPort'] },
    {
      name: 'no Service known',
      objects: [elsewhere],
      targetPort: 8080,
      want: 8080,
      told: ['W107 spec.port.targetPort'],
    },
    { name: 'a name, no Service known', objects: [elsewhere], targetPort: 'http', told: ['E107 spec.port.targetPort'] },
    { name: 'nothing known', objects: [elsewhere], told: ['E107 spec.port.targetPort'] },
    { name: 'no such port', objects: [two], targetPort: 9, told: ['E107 spec.port.targetPort'] },
  ];
  for (const { name, objects, targetPort, want, told } of cases) {
    test(name, () => {
      const found = converted([...objects, route({}, { port: targetPort === undefined ? undefined : { targetPort } })]);
      expect(found.rule('backendRefs.0.port')).toBe(want);
      expect(found.told).toEqual(told);
    });
  }

  test('a port that does not exist: those that do are named', () => {
    const [text] = converted([two, route({}, { port: { targetPort: 9 } })]).texts.filter((each) =>
      each.startsWith('E107'),
    );
    expect(text).toContain('http 80 -> 8080, admin 81 -> adm');
  });
});

describe('MG-04 weights', () => {
  const services = [service([{ port: 8080 }]), service([{ port: 8080 }], 'b')];
  const refs = (to: object, alternate: object) =>
    converted([
      ...services,
      route({}, { to: { name: 'web', ...to }, alternateBackends: [{ name: 'b', ...alternate }] }),
    ]);

  test('are kept, and left out of a single backend', () => {
    expect(refs({ weight: 70 }, { weight: 30 }).rule('backendRefs')).toEqual([
      { name: 'web', port: 8080, weight: 70 },
      { name: 'b', port: 8080, weight: 30 },
    ]);
    expect(refs({ weight: 0 }, {}).rule('backendRefs.0.weight')).toBe(0);
    expect(refs({}, {}).rule('backendRefs.1.weight')).toBe(100);
    expect(converted([route({}, { to: { name: 'web', weight: 7 } })]).rule('backendRefs')).toEqual([
      { name: 'web', port: 8080 },
    ]);
  });

  test('all 0', () => {
    const { rule, told } = refs({ weight: 0 }, { weight: 0 });
    expect([rule('backendRefs.0.weight'), rule('backendRefs.1.weight'), ...told]).toEqual([
      0,
      0,
      'W106 spec.to.weight',
    ]);
  });

  const refused = [
    { fields: { to: { name: 'web', weight: 300 } }, told: 'E106 spec.to.weight' },
    {
      fields: { alternateBackends: Array.from({ length: 4 }, () => ({ name: 'web' })) },
      told: 'E105 spec.alternateBackends',
    },
    { fields: { to: { kind: 'Deployment', name: 'web' } }, told: 'E105 spec.to.kind' },
  ];
  for (const { fields, told } of refused) {
    test(`refused: ${told}`, () => {
      const found = converted([route({}, fields)]);
      expect([found.names, found.told]).toEqual([[], [told]]);
    });
  }
});

describe('MG-05 headers', () => {
  const request = [
    { name: 'X-A', action: { type: 'Set', set: { value: '100%%' } } },
    { name: 'X-B', action: { type: 'Delete' } },
  ];
  const headers = (list: readonly object[]) => ({ httpHeaders: { actions: { request: list, response: list } } });

  test('actions and annotations become filters', () => {
    const { rule, told } = converted([
      route({ [`${H}response-set-header`]: 'X-Custom-Header:value' }, headers(request)),
    ]);
    expect(rule('filters')).toEqual([
      {
        type: 'RequestHeaderModifier',
        requestHeaderModifier: { set: [{ name: 'X-A', value: '100%' }], remove: ['X-B'] },
      },
      {
        type: 'ResponseHeaderModifier',
        responseHeaderModifier: {
          set: [
            { name: 'X-A', value: '100%' },
            { name: 'X-Custom-Header', value: 'value' },
          ],
          remove: ['X-B'],
        },
      },
    ]);
    expect(told).toEqual([`I215 metadata.annotations[${H}response-set-header]`]);
  });

  test('as in the guide: added', () => {
    const { rule } = converted([route({ [`${H}request-set-header`]: 'X-A: b' })], { style: 'docs' });
    expect(rule('filters.0.requestHeaderModifier')).toEqual({ add: [{ name: 'X-A', value: 'b' }] });
  });

  test('what cannot be kept is told, the rest stays', () => {
    const list = [
      { name: 'X-A', action: { type: 'Set', set: { value: '%[src]' } } },
      { name: 'a b', action: { type: 'Delete' } },
      { name: 'Set-Cookie', action: { type: 'Set', set: { value: 'a=b' } } },
      { name: 'X-C', action: { type: 'Set', set: { value: 'c' } } },
    ];
    const found = converted([
      route({ [`${H}request-set-header`]: 'NoColon' }, { httpHeaders: { actions: { request: list } } }),
    ]);
    expect(found.rule('filters.0.requestHeaderModifier')).toEqual({ set: [{ name: 'X-C', value: 'c' }] });
    expect(found.told).toEqual([
      'W108 spec.httpHeaders.actions.request[0].action.set.value',
      'E108 spec.httpHeaders.actions.request[1].name',
      'E108 spec.httpHeaders.actions.request[2]',
      `E108 metadata.annotations[${H}request-set-header]`,
    ]);
  });

  test('an annotation that names no header is told, and left out', () => {
    const key = `${H}response-set-header`;
    const found = converted([route({ [key]: 'a b:c' })]);
    expect([found.rule('filters'), found.told]).toEqual([undefined, [`E108 metadata.annotations[${key}]`]]);
  });

  test('more than a route takes', () => {
    const list = Array.from({ length: 17 }, (_, index) => ({ name: `X-${index}`, action: { type: 'Delete' } }));
    expect(converted([route({}, { httpHeaders: { actions: { response: list } } })]).told).toEqual([
      'E108 spec.httpHeaders.actions.response',
    ]);
  });
});

describe('MG-06 durations', () => {
  const cases = [
    ['30s', '30s'],
    ['500us', '1ms'],
    ['1d', '24h'],
    ['45', '45ms'],
    ['100000s', '27h46m40s'],
  ] as const;
  for (const [text, want] of cases) {
    test(`${text} -> ${want}`, () => {
      const found = converted([route({ [`${H}timeout`]: text })]);
      expect([found.rule('timeouts'), found.told]).toEqual([
        { request: want },
        [`I201 metadata.annotations[${H}timeout]`],
      ]);
    });
  }
  for (const text of ['abc', '0s', '-1s', '9999999d']) {
    test(`${text} is told, and left out`, () => {
      const found = converted([route({ [`${H}timeout`]: text })]);
      expect([found.rule('timeouts'), found.told]).toEqual([undefined, [`W201 metadata.annotations[${H}timeout]`]]);
    });
  }
});

describe('MG-07 Strict-Transport-Security', () => {
  const key = `${H}hsts_header`;
  const value = 'max-age=31536000;includeSubDomains;preload';

  test('of an edge Route', () => {
    expect(converted([edge({ [key]: value })]).rule('filters')).toEqual([
      {
        type: 'ResponseHeaderModifier',
        responseHeaderModifier: { set: [{ name: 'Strict-Transport-Security', value }] },
      },
    ]);
  });

  test('what the router ignores, and what is not quite so', () => {
    const told = [`W203 metadata.annotations[${key}]`];
    for (const object of [edge({ [key]: 'maxage=1' }), route({ [key]: value })]) {
      const found = converted([object]);
      expect([found.rule('filters'), found.told]).toEqual([undefined, told]);
    }
    const allowed = converted([edge({ [key]: value }, { insecureEdgeTerminationPolicy: 'Allow' })]);
    expect([allowed.rule('filters.0.type'), allowed.told]).toEqual(['ResponseHeaderModifier', told]);
  });

  test('required by the cluster: told, and written when asked for', () => {
    const spec = { requiredHSTSPolicies: [{ domainPatterns: ['*.com'], preloadPolicy: 'RequirePreload' }] };
    const cluster = {
      apiVersion: 'config.openshift.io/v1',
      kind: 'Ingress',
      metadata: { name: 'cluster' },
      spec,
    } as KubernetesObject;
    const found = converted([cluster, edge()]);
    expect([found.rule('filters'), found.told]).toEqual([undefined, ['W204 spec.requiredHSTSPolicies']]);
    const applied = converted([cluster, edge()], { applyRequiredHsts: true });
    expect(applied.rule('filters.0.responseHeaderModifier.set.0.value')).toBe('max-age=31536000;preload');
  });
});

describe('MG-08 sessions', () => {
  const named = { [`${R}cookie_name`]: 'my-cookie' };
  test('a cookie of that name', () => {
    const session = { type: 'Cookie', sessionName: 'my-cookie', cookieConfig: { lifetimeType: 'Session' } };
    expect(converted([route(named)]).rule('sessionPersistence')).toEqual(session);
    expect(
      converted([route({ ...named, [`${H}disable_cookies`]: 'true' })]).rule('sessionPersistence'),
    ).toBeUndefined();
  });

  test('as in the guide: permanent, which needs an end', () => {
    const found = converted([route({ ...named, [`${H}balance`]: 'source' })], { style: 'docs' });
    expect(found.rule('sessionPersistence')).toEqual({
      type: 'Cookie',
      sessionName: 'my-cookie',
      absoluteTimeout: '24h',
      cookieConfig: { lifetimeType: 'Permanent' },
    });
    expect(found.told).toContain(`W205 metadata.annotations[${R}cookie_name]`);
    expect(found.names).toEqual(['HTTPRoute demo/web']);
  });

  test('no name: one is chosen', () => {
    const found = converted([route({ [`${R}cookie_name`]: 'a b', [`${R}cookie-same-site`]: 'Lax' })]);
    expect(found.rule('sessionPersistence')).toEqual({ type: 'Cookie', cookieConfig: { lifetimeType: 'Session' } });
    expect(found.told).toEqual([
      `W206 metadata.annotations[${R}cookie-same-site]`,
      `W205 metadata.annotations[${R}cookie_name]`,
    ]);
  });
});

describe('MG-09 connections', () => {
  const limited = (value: string) => ({ [`${H}pod-concurrent-connections`]: value });

  test('of each pod', () => {
    const { field } = converted([route(limited('1'))]);
    expect(field('BackendTrafficPolicy', 'spec')).toEqual({
      targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'web' }],
      circuitBreaker: { perEndpoint: { maxConnections: 1 } },
    });
  });

  test('as in the guide: of the Gateway, the largest number of its Routes', () => {
    const found = converted([route(limited('100')), route(limited('40'), {}, 'b')], { style: 'docs' });
    expect(found.field('ClientTrafficPolicy', 'spec')).toEqual({
      targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'demo-gateway' }],
      connection: { connectionLimit: { value: 100 } },
    });
    expect(found.told).toEqual(new Array(2).fill(`W211 metadata.annotations[${H}pod-concurrent-connections]`));
  });

  test('no number', () => {
    const found = converted([route(limited('many'))]);
    expect([found.names, found.told]).toEqual([
      ['HTTPRoute demo/web'],
      [`W211 metadata.annotations[${H}pod-concurrent-connections]`],
    ]);
  });
});

describe('MG-10 rates', () => {
  const key = `${H}rate-limit-connections`;

  test('ten seconds of an address, as a minute of it', () => {
    const { field } = converted([route({ [key]: 'true', [`${key}.rate-http`]: '100' })]);
    const rules = ['0.0.0.0/0', '::/0'].map((value) => ({
      clientSelectors: [{ sourceCIDR: { type: 'Distinct', value } }],
      limit: { requests: 600, unit: 'Minute' },
    }));
    expect(field('BackendTrafficPolicy', 'spec.rateLimit')).toEqual({ local: { rules } });
  });

  test('nothing to limit: no policy', () => {
    const annotations = {
      [key]: 'true',
      [`${key}.rate-http`]: '10x',
      [`${key}.concurrent-tcp`]: '1',
      [`${key}.rate-tcp`]: '1',
    };
    const found = converted([route(annotations)]);
    expect(found.names).toEqual(['HTTPRoute demo/web']);
    expect(found.told).toEqual(
      ['W210 concurrent-tcp', 'W210 rate-tcp', 'W209 rate-http'].map((text) =>
        text.replace(/ (.*)/, ` metadata.annotations[${key}.$1]`),
      ),
    );
    expect(converted([route({ [key]: 'false', [`${key}.rate-http`]: '1' })]).told).toEqual([
      `I210 metadata.annotations[${key}]`,
    ]);
  });
});

describe('MG-11 addresses', () => {
  const key = `${H}ip_allowlist`;
  const cidrs = 'spec.authorization.rules.0.principal.clientCIDRs';

  test('networks and addresses', () => {
    const { field } = converted([route({ [key]: '192.168.1.0/24 10.0.0.1 2001:db8::1' })]);
    expect(field('SecurityPolicy', 'spec.authorization.defaultAction')).toBe('Deny');
    expect(field('SecurityPolicy', cidrs)).toEqual(['192.168.1.0/24', '10.0.0.1/32', '2001:db8::1/128']);
  });

  test('what is invalid is left out; the old name is told', () => {
    const found = converted([route({ [`${H}ip_whitelist`]: '10.0.0.0/33 1.1.1.1' })]);
    expect(found.field('SecurityPolicy', cidrs)).toEqual(['1.1.1.1/32']);
    expect(found.told.filter((text) => text.startsWith('W207'))).toHaveLength(2);
  });

  const closed = [
    ['nothing valid', route({ [key]: 'a b' })],
    ['void by its blanks', route({ [key]: ' 10.0.0.1' })],
    ['passed through', route({ [key]: '10.0.0.1' }, { tls: { termination: 'passthrough' } })],
  ] as const;
  for (const [name, object] of closed) {
    test(`${name}: not converted, unless open for everybody is wanted`, () => {
      const found = converted([object]);
      expect([found.names, found.told]).toEqual([[], [`E207 metadata.annotations[${key}]`]]);
      expect(converted([object], { allowOpen: true }).names).toHaveLength(1);
    });
  }

  test('a list of those who may not', () => {
    const blocklist = ['192.168.100.0/24'];
    expect(converted([route()], { blocklist }).field('SecurityPolicy', 'spec.authorization')).toEqual({
      defaultAction: 'Allow',
      rules: [{ action: 'Deny', principal: { clientCIDRs: blocklist } }],
    });
    const both = converted([route({ [key]: '1.1.1.1' })], { blocklist }).field('SecurityPolicy', 'spec.authorization');
    expect(both).toMatchObject({ defaultAction: 'Deny', rules: [{ action: 'Deny' }, { action: 'Allow' }] });
  });
});

describe('MG-12 rewriting', () => {
  const rewritten = (target: string, path?: string) => converted([route({ [`${H}rewrite-target`]: target }, { path })]);

  test('the prefix is replaced, also that of every path', () => {
    expect(rewritten('/new-path', '/old-path').rule('')).toEqual({
      matches: [{ path: { type: 'PathPrefix', value: '/old-path' } }],
      filters: [
        { type: 'URLRewrite', urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/new-path' } } },
      ],
      backendRefs: [{ name: 'web', port: 8080 }],
    });
    expect(rewritten('/x').rule('matches.0.path')).toEqual({ type: 'PathPrefix', value: '/' });
  });

  test('no path is ignored, what means something to the router is told', () => {
    const told = [`W208 metadata.annotations[${H}rewrite-target]`];
    const ignored = rewritten('new');
    expect([ignored.rule('filters'), ignored.told]).toEqual([undefined, told]);
    const kept = rewritten('/a\\1');
    expect([kept.rule('filters.0.type'), kept.told]).toEqual(['URLRewrite', told]);
  });
});

describe('MG-17 what the router does without being told', () => {
  test('is written when asked for, and only that differs', () => {
    const plain = converted([route()]);
    const full = converted([route()], { routerDefaults: true });
    expect(plain.names).toEqual(['HTTPRoute demo/web']);
    expect(full.rule('')).toEqual({
      ...(plain.rule('') as object),
      timeouts: { request: '30s' },
      sessionPersistence: { type: 'Cookie', cookieConfig: { lifetimeType: 'Session' } },
    });
    expect(full.field('BackendTrafficPolicy', 'spec')).toEqual({
      targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'web' }],
      loadBalancer: { type: 'Random' },
      healthCheck: { active: { type: 'TCP', interval: '5s', tcp: {} } },
    });
    expect(plain.texts.filter((text) => text.startsWith('I400'))).toHaveLength(1);
    expect(full.texts).toEqual([]);
  });

  test('one endpoint is not checked', () => {
    const slice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'web-1', namespace: 'demo', labels: { 'kubernetes.io/service-name': 'web' } },
      endpoints: [{ addresses: ['10.0.0.1'] }],
    };
    const { field } = converted([slice, route()], { routerDefaults: true });
    expect(field('BackendTrafficPolicy', 'spec.healthCheck')).toBeUndefined();
  });
});

describe('MG-18 what has no equivalent', () => {
  const cannot = {
    [`${H}timeout-tunnel`]: '1h',
    [`${R}cookie-same-site`]: 'Lax',
    [`${H}rate-limit-connections`]: 'true',
    [`${H}rate-limit-connections.concurrent-tcp`]: '10',
    [`${H}rate-limit-connections.rate-tcp`]: '10',
    [`${H}set-forwarded-headers`]: 'never',
    [`${H}h1-adjust-case`]: 'true',
  };
  const dynamic = {
    httpHeaders: { actions: { request: [{ name: 'X-A', action: { type: 'Set', set: { value: '%[src]' } } }] } },
  };
  const strictRouter = {
    apiVersion: 'operator.openshift.io/v1',
    kind: 'IngressController',
    metadata: { name: 'default', namespace: 'openshift-ingress-operator' },
    spec: { routeAdmission: { namespaceOwnership: 'Strict' } },
  };

  test('one message each, and the rest is converted', () => {
    const found = converted([strictRouter, route(cannot, dynamic)]);
    expect(found.told.map((text) => text.slice(0, 4)).sort()).toEqual([
      'W108',
      'W202',
      'W206',
      'W210',
      'W210',
      'W213',
      'W214',
      'W310',
    ]);
    expect(found.names).toEqual(['HTTPRoute demo/web']);
  });

  test('strict: nothing of a Route with an E', () => {
    const bad = { [`${H}request-set-header`]: 'NoColon', [`${H}balance`]: 'random' };
    expect(converted([route(bad), route({}, {}, 'b')], { strict: true }).names).toEqual(['HTTPRoute demo/b']);
    expect(converted([route(bad)]).names).toHaveLength(2);
  });
});
