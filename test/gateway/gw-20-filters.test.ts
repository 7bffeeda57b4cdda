import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAuthServer } from '../acceptance/auth-server.ts';
import type { Echo } from '../acceptance/echo-backend.ts';
import type { Ask } from '../acceptance/http-request.ts';
import { serviceTo } from '../acceptance/objects.ts';
import { eventually, eventuallyOnce } from '../e2e/eventually.ts';
import { GatewayLab, HTTP_PORT, httpRoute, type Rule, to } from './gateway-lab.ts';

let lab: GatewayLab;
type Filters = NonNullable<Rule['filters']>;

beforeAll(async () => {
  lab = await GatewayLab.start(['a', 'b']);
});
afterAll(() => lab.stop());

async function seen(path: string, options: Ask = {}): Promise<Echo> {
  const { body, status } = await lab.ask(path, options);
  expect(status).toBe(200);
  return JSON.parse(body) as Echo;
}

async function addRoute(name: string, filtersOf: Readonly<Record<string, Filters>>): Promise<void> {
  const rules = Object.entries(filtersOf).map(([path, filters]) => {
    const redirects = filters.some(({ type }) => type === 'RequestRedirect');
    return to('a', path, { filters, ...(redirects ? { backendRefs: [] } : {}) });
  });
  await lab.home.apply(httpRoute(name, rules));
  const [last = ''] = Object.keys(filtersOf).slice(-1);
  await eventually(async () => expect((await lab.ask(last)).status).not.toBe(404));
}

describe('GW-20 header filters', () => {
  test('set, add and remove headers of requests and answers', async () => {
    const changes = {
      set: [{ name: 'X-Set', value: 'new' }],
      add: [{ name: 'X-Add', value: 'more' }],
      remove: ['x-remove'],
    };
    await addRoute('headers', {
      '/request': [{ type: 'RequestHeaderModifier', requestHeaderModifier: changes }],
      '/response': [{ type: 'ResponseHeaderModifier', responseHeaderModifier: changes }],
    });
    const { headers } = await seen('/request', { headers: { 'x-set': 'old', 'x-add': 'first', 'X-Remove': '1' } });
    expect(headers).toMatchObject({ 'x-set': 'new' });
    expect(String(headers['x-add']).replaceAll(' ', '')).toBe('first,more');
    expect(headers).not.toHaveProperty('x-remove');
    const answer = await lab.ask('/response?header=X-Set:%20old&header=X-Add:%20first&header=X-Remove:%201');
    expect(answer.headers['x-set']).toBe('new');
    expect(String(answer.headers['x-add']).replaceAll(' ', '')).toBe('first,more');
    expect(answer.headers).not.toHaveProperty('x-remove');
  });
});

describe('operators of Envoy in values of headers', () => {
  const request = (set: readonly { name: string; value: string }[]): Filters => [
    { type: 'RequestHeaderModifier', requestHeaderModifier: { set: [...set] } },
  ];

  test('of requests: what came, before any of them is changed', async () => {
    await addRoute('operators', {
      '/asked': request([
        { name: 'x-first', value: 'new' },
        { name: 'x-was', value: '%REQ(X-FIRST)%, %REQ(X-NONE?X-FIRST):2%' },
        { name: 'x-from', value: '%REQ(:METHOD)% %REQ(:PATH)% %PROTOCOL% %DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%' },
        { name: 'x-at', value: '%START_TIME(%s.%3f)%' },
        { name: 'x-route', value: '%ROUTE_NAME%' },
        { name: 'x-nobody', value: '%DOWNSTREAM_PEER_SUBJECT%%RESPONSE_CODE%%RESP(x-first)%' },
        { name: 'x-ids', value: '%UNIQUE_ID% %CONNECTION_ID% %STREAM_ID%' },
        { name: 'x-plain', value: '50% off, a%20b%C3%A4, 100%%' },
      ]),
    });
    const began = Date.now() / 1000 - 1;
    const { headers } = await seen('/asked?q=1', { headers: { 'x-first': 'old', 'x-nobody': 'CN=admin' } });
    expect(headers).toMatchObject({
      'x-first': 'new',
      'x-was': 'old, ol',
      'x-route': 'httproute/default/operators/rule/0/match/0',
      'x-plain': '50% off, a%20b%C3%A4, 100%',
    });
    expect(headers['x-from']).toBe(`GET /asked?q=1 HTTP/1.1 ${headers['x-real-ip']}`);
    expect(Number(headers['x-at'])).toBeGreaterThan(began);
    expect(headers['x-ids']).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12} \d+ [0-9a-f]{32}$/);
    // What a client says of itself is not taken for it.
    expect(headers).not.toHaveProperty('x-nobody');
  });

  test('of answers, ours too', async () => {
    await addRoute('answers', {
      '/told': [
        {
          type: 'ResponseHeaderModifier',
          responseHeaderModifier: {
            set: [{ name: 'X-By', value: '%UPSTREAM_HOST% %RESPONSE_CODE% %RESPONSE_CODE_DETAILS%' }],
            add: [
              { name: 'X-Back', value: 'was %RESP(X-By)%' },
              { name: 'X-None', value: '%RESP(X-NONE)%' },
              { name: 'X-Echo', value: '%REQ(X-ECHO)%' },
            ],
          },
        },
      ],
    });
    const echo = { headers: { 'x-echo': 'a\tb' } };
    const { headers } = await lab.ask('/told?status=201&header=X-By:%20me', echo);
    expect(headers['x-by']).toMatch(/^\d+[.]\d+[.]\d+[.]\d+:\d+ 201 via_upstream$/);
    expect([headers['x-back'], headers['x-echo'], headers['x-none']]).toEqual(['was me', 'a\tb', undefined]);
  });

  test('one that there is not, or that is not served, is named; nothing is passed on without it', async () => {
    const messages = {
      '%WHATEVER(X)%': 'requestHeaderModifier: set, x: %WHATEVER(X)%: the operator is not known',
      '%REQ(X': 'requestHeaderModifier: set, x: no operator begins with "%REQ(X"',
      '%TLS_JA4_FINGERPRINT%': '%TLS_JA4_FINGERPRINT%: fingerprints of TLS are not served',
      '%START_TIME(%Q)%': '"%Q" is no part of a time that is served',
    };
    for (const [index, value] of Object.keys(messages).entries()) {
      await lab.home.apply(
        httpRoute(`wrong-${index}`, [to('a', `/wrong-${index}`, { filters: request([{ name: 'x', value }]) })]),
      );
    }
    for (const [index, message] of Object.values(messages).entries()) {
      await eventually(async () => {
        expect(await lab.routeCondition(`wrong-${index}`, 'Accepted')).toBe('False UnsupportedValue');
        const route = await lab.home.read('HTTPRoute', { namespace: 'default', name: `wrong-${index}` });
        const conditions = route?.status?.parents[0]?.conditions ?? [];
        expect(conditions.find(({ type }) => type === 'Accepted')?.message).toContain(message);
        expect((await lab.ask(`/wrong-${index}`)).status).toBe(500);
      });
    }
  });
});

describe('GW-16 filters of one backend', () => {
  test('each backend has its own', async () => {
    const own = (name: string, filters: Filters) => ({ name, port: 80, filters });
    const set = (value: string): Filters => [
      { type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'x-for', value }] } },
    ];
    const answers: Filters = [
      { type: 'ResponseHeaderModifier', responseHeaderModifier: { set: [{ name: 'x-to', value: 'client' }] } },
    ];
    await lab.home.apply(
      httpRoute('own-filters', [
        to('a', '/own', { backendRefs: [own('a', set('a')), own('b', set('b'))], filters: answers }),
        to('a', '/elsewhere', {
          backendRefs: [
            own('a', [
              {
                type: 'URLRewrite',
                urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/there' }, hostname: 'a.test' },
              },
            ]),
            own('b', [{ type: 'RequestRedirect', requestRedirect: { hostname: 'b.test' } }]),
            { name: 'missing', port: 80 },
          ],
        }),
      ]),
    );
    await eventually(async () => {
      const found = new Set<string>();
      for (let index = 0; index < 30; index += 1) {
        const { body, headers, status } = await lab.ask('/own');
        const echo = status === 200 ? (JSON.parse(body) as Echo) : undefined;
        found.add(`${echo?.backend} ${echo?.headers['x-for']} ${headers['x-to']}`);
      }
      expect([...found].sort()).toEqual(['a a client', 'b b client']);
    });
    await eventually(async () => {
      const found = new Set<string>();
      for (let index = 0; index < 40; index += 1) {
        const { body, headers, status } = await lab.ask('/elsewhere/1');
        const echo = status === 200 ? (JSON.parse(body) as Echo) : undefined;
        found.add([status, echo?.url ?? '', echo?.headers.host ?? '', headers.location ?? ''].join(' '));
      }
      const location = `http://b.test${HTTP_PORT === 80 ? '' : `:${HTTP_PORT}`}/elsewhere/1`;
      expect([...found].sort()).toEqual(['200 /there/1 a.test ', `302   ${location}`, '500   ']);
    });
  });
});

describe('GW-21 redirects', () => {
  test('what is not given is taken from the request, the port from the listener', async () => {
    const redirect = (requestRedirect: NonNullable<Filters[number]['requestRedirect']>): Filters => [
      { type: 'RequestRedirect', requestRedirect },
    ];
    await addRoute('redirects', {
      '/host': redirect({ hostname: 'b.com' }),
      '/code': redirect({ hostname: 'b.com', statusCode: 308 }),
      '/scheme': redirect({ scheme: 'https' }),
      '/port': redirect({ port: 8443 }),
      '/both': redirect({ scheme: 'https', port: 443 }),
      '/full': redirect({ path: { type: 'ReplaceFullPath', replaceFullPath: '/new' } }),
      '/prefix': redirect({ path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/other' } }),
      '/sp%20ace': redirect({ path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/t%C3%A9' } }),
      '/lines': redirect({ path: { type: 'ReplaceFullPath', replaceFullPath: '/x\r\nx-injected: 1' } }),
      '/root': redirect({ path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } }),
    });
    const port = HTTP_PORT === 80 ? '' : `:${HTTP_PORT}`;
    const cases = {
      '/host/x?y=1': `302 http://b.com${port}/host/x?y=1`,
      '/code': `308 http://b.com${port}/code`,
      '/scheme': '302 https://a.com/scheme',
      '/port': '302 http://a.com:8443/port',
      '/both': '302 https://a.com/both',
      '/full/x': `302 http://a.com${port}/new`,
      '/full/x?y=1': `302 http://a.com${port}/new?y=1`,
      '/prefix/x': `302 http://a.com${port}/other/x`,
      '/prefix': `302 http://a.com${port}/other`,
      '/sp%20ace/x%20y?z=1': `302 http://a.com${port}/t%C3%A9/x%20y?z=1`,
      '/root/x': `302 http://a.com${port}/x`,
      '/root': `302 http://a.com${port}/`,
    };
    for (const [path, wanted] of Object.entries(cases)) {
      const { status, headers } = await lab.ask(path, { host: 'a.com' });
      expect(`${status} ${headers.location}`).toBe(wanted);
    }
    expect((await lab.ask('/lines', { host: 'a.com' })).headers).not.toHaveProperty('x-injected');
  });
});

describe('GW-22 rewrites', () => {
  test('the backend sees another host and another path', async () => {
    const rewrite = (urlRewrite: NonNullable<Filters[number]['urlRewrite']>): Filters => [
      { type: 'URLRewrite', urlRewrite },
    ];
    await addRoute('rewrites', {
      '/rehost': rewrite({ hostname: 'in.side' }),
      '/refull': rewrite({ path: { type: 'ReplaceFullPath', replaceFullPath: '/new' } }),
      '/reprefix/one': rewrite({ path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/xyz' } }),
      '/reroot': rewrite({ path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } }),
      '/a.b': rewrite({ path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '' } }),
      '/refull%20ace': rewrite({ path: { type: 'ReplaceFullPath', replaceFullPath: '/n%C3%A9%3F' } }),
      '/re%20pr%c3%a9fix': rewrite({ path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/t%C3%A9%20%25' } }),
    });
    expect((await seen('/rehost')).headers.host).toBe('in.side');
    const cases = {
      '/refull/x?y=1': '/new?y=1',
      '/reprefix/one/two': '/xyz/two',
      '/reprefix/one': '/xyz',
      '/reroot/x': '/x',
      '/reroot': '/',
      '/a.b/c': '/c',
      '/refull%20ace/x?y=%20': '/n%C3%A9%3F?y=%20',
      '/re%20pr%C3%A9fix/x%20y?z=1': '/t%C3%A9%20%25/x%20y?z=1',
      '/re%20pr%C3%A9fix': '/t%C3%A9%20%25',
    };
    for (const [path, wanted] of Object.entries(cases)) expect((await seen(path)).url).toBe(wanted);
  });
});

describe('GW-23 mirrors', () => {
  test('a copy of each request goes there; the client gets the answer of the backend', async () => {
    const mirror = (name: string): Filters[number] => ({
      type: 'RequestMirror',
      requestMirror: { backendRef: { name, port: 80 } },
    });
    // Nobody listens there.
    await lab.home.apply(...serviceTo({ name: 'down', port: 1 }));
    await addRoute('mirrors', { '/down': [mirror('down')], '/copy': [mirror('b')], '/lost': [mirror('missing')] });
    const before = lab.backends[1]?.requests() ?? 0;
    for (let index = 0; index < 10; index += 1) expect(await lab.answerer('/copy')).toBe('a');
    await eventually(() => expect(lab.backends[1]?.requests()).toBeGreaterThanOrEqual(before + 10));
    expect([await lab.answerer('/lost'), await lab.answerer('/down')]).toEqual(['a', 'a']);
    await addRoute('none', {
      '/none': [{ ...mirror('b'), requestMirror: { backendRef: { name: 'b', port: 80 }, percent: 0 } }],
    });
    const copies = lab.backends[1]?.requests();
    for (let index = 0; index < 5; index += 1) expect(await lab.answerer('/none')).toBe('a');
    expect(lab.backends[1]?.requests()).toBe(copies);
    expect(await lab.routeCondition('mirrors', 'ResolvedRefs')).toBe('False BackendNotFound');
  });
});

describe('GW-24 CORS', () => {
  test('preflights are answered here; what is allowed is told, by any number of labels, and echoed with credentials', async () => {
    await addRoute('cors', {
      '/listed': [
        {
          type: 'CORS',
          cors: {
            allowOrigins: ['https://*.a.com'],
            allowMethods: ['PUT'],
            allowHeaders: ['x-one'],
            exposeHeaders: ['x-shown'],
            maxAge: 60,
          },
        },
      ],
      '/any': [
        {
          type: 'CORS',
          cors: { allowOrigins: ['*'], allowMethods: ['*'], allowHeaders: ['*'], allowCredentials: true },
        },
      ],
    });
    const preflight = async (path: string, origin: string) => {
      const asked = { 'access-control-request-method': 'DELETE', 'access-control-request-headers': 'x-two' };
      const { status, headers } = await lab.ask(path, { method: 'OPTIONS', headers: { origin, ...asked } });
      const [allowed, methods, names] = ['origin', 'methods', 'headers'].map(
        (name) => headers[`access-control-allow-${name}`],
      );
      return [status, allowed, methods, names, headers['access-control-max-age']];
    };
    const before = lab.backends[0]?.requests();
    expect(await preflight('/listed', 'https://x.y.a.com')).toEqual([200, 'https://x.y.a.com', 'PUT', 'x-one', '60']);
    expect((await preflight('/listed', 'https://b.com'))[1]).toBeUndefined();
    expect(await preflight('/any', 'https://b.com')).toEqual([200, 'https://b.com', 'DELETE', 'x-two', '5']);
    expect(lab.backends[0]?.requests()).toBe(before);
    const { headers } = await lab.ask('/listed', { headers: { origin: 'https://x.a.com' } });
    expect(headers['access-control-allow-origin']).toBe('https://x.a.com');
    expect(headers['access-control-expose-headers']).toBe('x-shown');
    const other = await lab.ask('/listed', { headers: { origin: 'https://b.com' } });
    expect(other.headers).not.toHaveProperty('access-control-allow-origin');
  });

  test('lists read as Envoy writes them, `*` is what is asked for; the preflight of a match by method comes to it', async () => {
    const cors = {
      allowOrigins: ['*'],
      allowMethods: ['*'] as const,
      allowHeaders: ['x-one', 'x-two'],
      exposeHeaders: ['x-three', 'x-four'],
    };
    const rule = to('a', '/method', { filters: [{ type: 'CORS', cors }] });
    await lab.home.apply(
      httpRoute('cors-method', [
        { ...rule, matches: [{ path: { value: '/method' }, method: 'PUT' }] },
        to('b', '/method'),
      ]),
    );
    const asked = async (method: string) => {
      const headers = { origin: 'https://b.com', 'access-control-request-method': method };
      return (await lab.ask('/method', { method: 'OPTIONS', headers })).headers;
    };
    await eventually(async () =>
      expect(await asked('PUT')).toMatchObject({
        'access-control-allow-origin': 'https://b.com',
        'access-control-allow-methods': 'PUT',
        'access-control-allow-headers': 'x-one, x-two',
        'access-control-expose-headers': 'x-three, x-four',
      }),
    );
    expect((await asked('POST'))['x-backend']).toBe('b');
    expect(await lab.answerer('/method', { method: 'PUT' })).toBe('a');
  });
});

describe('GW-25 external authorization', () => {
  test('who is let in comes to the backend with what the service says; others get its answer; without it nobody gets in', async () => {
    const service = await startAuthServer();
    const filter = (name: string): Filters[number] => ({
      type: 'ExternalAuth',
      externalAuth: {
        protocol: 'HTTP',
        backendRef: { name, port: 80 },
        http: { path: '/check', allowedHeaders: ['X-Token'], allowedResponseHeaders: ['X-User'] },
      },
    });
    await lab.home.apply(...serviceTo({ name: 'auth', port: service.port }));
    service.answer(200, { 'x-user': 'ada', 'x-other': 'secret' });
    await addRoute('auth', {
      '/in': [filter('auth')],
      '/nobody': [filter('missing')],
      '/extension': [{ type: 'ExtensionRef', extensionRef: { group: 'example.com', kind: 'Filter', name: 'x' } }],
      '/grpc': [
        { type: 'ExternalAuth', externalAuth: { protocol: 'GRPC', backendRef: { name: 'auth', port: 80 }, grpc: {} } },
      ],
    });
    await eventually(async () => expect((await lab.ask('/in')).status).toBe(200));
    // GW-23: of what is answered 500 for a backend that is missing there is no copy.
    const copied: Filters[number] = { type: 'RequestMirror', requestMirror: { backendRef: { name: 'b', port: 80 } } };
    const backendRefs = ['a', 'missing'].map((name) => ({ name, port: 80 }));
    await lab.home.apply(httpRoute('halved', [to('a', '/halved', { filters: [filter('auth'), copied], backendRefs })]));
    await eventuallyOnce(async () => expect((await lab.ask('/halved')).status).toBe(200));
    const copies = lab.backends[1]?.requests() ?? 0;
    const answers = await Promise.all(Array.from({ length: 80 }, () => lab.ask('/halved')));
    const served = answers.filter(({ status }) => status === 200).length;
    await eventuallyOnce(() => expect(lab.backends[1]?.requests()).toBeGreaterThan(copies));
    // And that of the first, which may be late.
    expect(lab.backends[1]?.requests()).toBeLessThanOrEqual(copies + served + 1);
    const own = { 'x-token': 't', 'x-user': 'eve', 'x-private': 'p', authorization: 'Bearer b' };
    const { headers } = await seen('/in?y=1', { host: 'a.com', method: 'DELETE', headers: own });
    expect(headers).toMatchObject({ 'x-user': 'ada', 'x-private': 'p' });
    expect(headers).not.toHaveProperty('x-other');
    const asked = service.asked.at(-1);
    expect(asked).toMatchObject({
      method: 'DELETE',
      url: '/check/in?y=1',
      headers: { host: 'a.com', 'x-token': 't', authorization: 'Bearer b' },
    });
    expect(asked?.headers).not.toHaveProperty('x-private');
    const before = lab.backends[0]?.requests();
    service.answer(403);
    expect((await lab.ask('/in')).status).toBe(403);
    service.answer(307, { location: 'https://sign.in/' });
    expect(await lab.ask('/in')).toMatchObject({ status: 307, headers: { location: 'https://sign.in/' } });
    service.answer(204);
    expect((await lab.ask('/in')).status).toBe(500);
    expect((await lab.ask('/nobody')).status).toBe(500);
    expect((await lab.ask('/extension')).status).toBe(500);
    // It speaks no gRPC.
    expect((await lab.ask('/grpc')).status).toBe(403);
    expect(lab.backends[0]?.requests()).toBe(before);
    await eventually(async () => {
      expect(await lab.routeCondition('auth', 'ResolvedRefs')).toBe('False BackendNotFound');
      expect(await lab.routeCondition('auth', 'Accepted')).toBe('True Accepted');
    });
    await service.close();
  });
});

describe('GW-26 timeouts', () => {
  test('a backend that takes too long is answered 504', async () => {
    const rules = [
      to('a', '/slow', { timeouts: { request: '200ms' } }),
      to('a', '/attempt', { timeouts: { request: '5s', backendRequest: '200ms' } }),
      to('a', '/unlimited', { timeouts: { request: '0s' } }),
    ];
    await lab.home.apply(httpRoute('timeouts', rules));
    await eventually(async () => {
      const statuses = ['/slow', '/attempt', '/unlimited'].map(
        async (path) => (await lab.ask(`${path}?sleep=700`)).status,
      );
      expect(await Promise.all(statuses)).toEqual([504, 504, 200]);
    });
  });
});
