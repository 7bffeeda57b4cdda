import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Echo } from '../acceptance/echo-backend.ts';
import { BACKEND_ADDRESS } from '../acceptance/given-home.ts';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab, httpRoute, type Rule, to } from './gateway-lab.ts';

let lab: GatewayLab;

const API = 'gateway.envoyproxy.io/v1alpha1';

function object(kind: 'Backend' | 'HTTPRouteFilter', name: string, spec: object): object {
  return { apiVersion: API, kind, metadata: { name, namespace: 'default' }, spec };
}

function filtered(path: string, filter: string, fields: Partial<Rule> = {}): Rule {
  const extensionRef = { group: 'gateway.envoyproxy.io', kind: 'HTTPRouteFilter', name: filter };
  return to('a', path, { filters: [{ type: 'ExtensionRef', extensionRef }], ...fields });
}

beforeAll(async () => {
  lab = await GatewayLab.start(['a', 'b']);
});
afterAll(() => lab.stop());

async function seen(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Echo> {
  const { body, status } = await lab.ask(path, { headers });
  expect(status).toBe(200);
  return JSON.parse(body) as Echo;
}

describe('GW-25 HTTPRouteFilter', () => {
  test('answers, other paths and hosts, credentials; without the filter nothing is passed on', async () => {
    const regex = { pattern: 'one', substitution: 'two' };
    const groups = { pattern: '^/service/([^/]+)(/.*)$', substitution: '\\2/instance/\\1' };
    await lab.home.apply(
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'token', namespace: 'default' },
        stringData: { credential: 'Bearer abc' },
      },
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'page', namespace: 'default' },
        data: { 'response.body': '{"closed":true}' },
      },
      object('HTTPRouteFilter', 'closed', {
        directResponse: {
          statusCode: 503,
          contentType: 'application/json',
          body: { type: 'ValueRef', valueRef: { group: '', kind: 'ConfigMap', name: 'page' } },
          header: { set: [{ name: 'x-why', value: '%REQ(X-DAY)%' }] },
        },
      }),
      object('HTTPRouteFilter', 'hello', { directResponse: { body: { type: 'Inline', inline: 'hello %PROTOCOL%' } } }),
      object('HTTPRouteFilter', 'every', {
        urlRewrite: {
          path: { type: 'ReplaceRegexMatch', replaceRegexMatch: regex },
          hostname: { type: 'Header', header: 'X-Host' },
        },
      }),
      object('HTTPRouteFilter', 'groups', {
        urlRewrite: { path: { type: 'ReplaceRegexMatch', replaceRegexMatch: groups } },
      }),
      object('HTTPRouteFilter', 'shown', { credentialInjection: { credential: { valueRef: { name: 'token' } } } }),
      object('HTTPRouteFilter', 'secretless', {
        credentialInjection: { overwrite: true, credential: { valueRef: { name: 'missing' } } },
      }),
      httpRoute('extended', [
        filtered('/closed', 'closed', { backendRefs: [] }),
        filtered('/hello', 'hello', { backendRefs: [] }),
        filtered('/every', 'every'),
        filtered('/service', 'groups'),
        filtered('/shown', 'shown'),
      ]),
      httpRoute('lost', [filtered('/lost', 'missing')]),
      httpRoute('secretless', [filtered('/secretless', 'secretless')]),
    );
    await eventually(async () => {
      const closed = await lab.ask('/closed', { headers: { 'x-day': 'holiday' } });
      expect([closed.status, closed.body, closed.headers['x-why'], closed.headers['content-type']]).toEqual([
        ...[503, '{"closed":true}', 'holiday', 'application/json'],
      ]);
      const hello = await lab.ask('/hello');
      expect([hello.status, hello.body, hello.headers['content-type']]).toEqual([200, 'hello %PROTOCOL%', undefined]);
      const every = await seen('/every/one/x/one', { 'x-host': 'inside.example' });
      expect([every.url, every.headers['host']]).toEqual(['/every/two/x/two', 'inside.example']);
      expect((await seen('/every/x')).headers['host']).not.toBe('inside.example');
      expect((await seen('/service/foo/v1/api')).url).toBe('/v1/api/instance/foo');
      expect((await seen('/shown')).headers['authorization']).toBe('Bearer abc');
      expect((await seen('/shown', { authorization: 'mine' })).headers['authorization']).toBe('mine');
      expect([await lab.answerer('/lost'), await lab.answerer('/secretless')]).toEqual(['500', '500']);
      expect(await lab.routeCondition('secretless', 'Accepted')).toBe('False UnsupportedValue');
      expect(await lab.routeCondition('lost', 'Accepted')).toBe('True Accepted');
      expect(await lab.routeCondition('lost', 'ResolvedRefs')).toBe('False BackendNotFound');
      expect(await lab.routeCondition('extended', 'Accepted')).toBe('True Accepted');
    });
  });

  test('rules take only requests with the cookies of a filter, and come before those without; what is no expression is told', async () => {
    const cookies = (...of: readonly (readonly [name: string, value: string, type?: string])[]): object => ({
      cookies: of.map(([name, value, type]) => ({ name, value, ...(type === undefined ? {} : { type }) })),
    });
    const matching = (name: string, ...matches: readonly object[]): object =>
      object('HTTPRouteFilter', name, { matches });
    await expect(lab.home.apply(matching('empty', { cookies: [] }))).rejects.toThrow('matches[0].cookies');
    await lab.home.apply(
      matching(
        'chosen',
        cookies(['stage', 'beta'], ['user', '[0-9]+', 'RegularExpression']),
        cookies(['tester', 'yes']),
      ),
      matching('broken', cookies(['a', '(', 'RegularExpression'])),
      httpRoute('stages', [
        to('a', '/stage'),
        { ...filtered('/stage', 'chosen'), backendRefs: [{ name: 'b', port: 80 }] },
        filtered('/only', 'chosen'),
      ]),
      httpRoute('unknown-stages', [filtered('/broken', 'broken')]),
    );
    const asked = async (path: string, cookie: string): Promise<string> => lab.answerer(path, { headers: { cookie } });
    await eventually(async () => {
      const answers = ['stage=beta; user=17', 'tester=yes', 'user=17', 'stage=beta; user=x', 'stage=beta'];
      expect(await Promise.all(answers.map((cookie) => asked('/stage', cookie)))).toEqual(['b', 'b', 'a', 'a', 'a']);
      expect(await Promise.all(answers.map((cookie) => asked('/only', cookie)))).toEqual([
        'a',
        'a',
        '404',
        '404',
        '404',
      ]);
      expect(await lab.answerer('/broken')).toBe('500');
      expect(await lab.routeCondition('stages', 'Accepted')).toBe('True Accepted');
      const route = await lab.home.read('HTTPRoute', { namespace: 'default', name: 'unknown-stages' });
      const accepted = route?.status?.parents[0]?.conditions.find(({ type }) => type === 'Accepted');
      expect(accepted?.message).toContain('HTTPRouteFilter default/broken: spec.matches[0].cookies[0].value');
    });
  });
});

describe('GW-16 Backend', () => {
  const ref = (name: string): NonNullable<Rule['backendRefs']> => [
    { group: 'gateway.envoyproxy.io', kind: 'Backend', name },
  ];
  const condition = async (name: string): Promise<string> => {
    const found = (await lab.home.read('Backend', { namespace: 'default', name }))?.status?.conditions?.[0];
    return `${found?.status} ${found?.reason} ${found?.message}`;
  };

  test('its own name is that of an endpoint, whatever this is reached by; without one it has none', async () => {
    const [port = 0] = lab.backends.map((each) => each.port);
    const ip = { address: BACKEND_ADDRESS, port };
    const fqdn = { hostname: 'a.default.svc.cluster.local', port: 80 };
    const paths = ['/by-address', '/by-name', '/nameless', '/no-own'];
    await lab.home.apply(
      object('HTTPRouteFilter', 'own-name', { urlRewrite: { hostname: { type: 'Backend' } } }),
      object('Backend', 'by-address', { endpoints: [{ ip, hostname: 'own.test' }] }),
      object('Backend', 'by-name', { endpoints: [{ fqdn, hostname: 'own.test' }] }),
      object('Backend', 'nameless', { endpoints: [{ ip }] }),
      object('Backend', 'no-own', { endpoints: [{ fqdn }] }),
      httpRoute(
        'own-names',
        paths.map((path) => filtered(path, 'own-name', { backendRefs: ref(path.slice(1)) })),
      ),
    );
    await eventually(async () => {
      const hosts: unknown[] = [];
      for (const path of paths) hosts.push((await seen(path)).headers['host']);
      expect(hosts).toEqual(['own.test', 'own.test', 'localhost', 'a.default.svc.cluster.local']);
    });
    const wrong = object('Backend', 'wrong', { endpoints: [{ ip, hostname: 'not a name' }] });
    await expect(lab.home.apply(wrong)).rejects.toThrow('spec.endpoints[0].hostname');
  });

  test('addresses with ports of their own get requests, and Services by their names; sockets do not; what is no endpoint is refused', async () => {
    const endpoints = lab.backends.map(({ port }) => ({ ip: { address: BACKEND_ADDRESS, port } }));
    await lab.home.apply(
      object('Backend', 'both', { endpoints }),
      object('Backend', 'named', {
        endpoints: [{ fqdn: { hostname: 'b.default.svc.cluster.local', port: 80 } }],
      }),
      object('Backend', 'socket', { endpoints: [{ unix: { path: '/tmp/x' } }] }),
      object('Backend', 'dynamic', { type: 'DynamicResolver' }),
      httpRoute('objects', [
        to('a', '/dynamic', { backendRefs: ref('dynamic') }),
        to('a', '/both', { backendRefs: ref('both') }),
        to('a', '/socket', { backendRefs: ref('socket') }),
        to('a', '/gone', { backendRefs: ref('gone') }),
        to('a', '/named', { backendRefs: ref('named') }),
      ]),
    );
    await eventually(async () => {
      const answers = new Set<string>();
      for (let index = 0; index < 8; index += 1) answers.add(await lab.answerer('/both'));
      expect([...answers].sort()).toEqual(['a', 'b']);
      expect(await lab.answerer('/named')).toBe('b');
      expect([await lab.answerer('/socket'), await lab.answerer('/gone')]).toEqual(['500', '500']);
      // Not even where the Host of the request leads somewhere.
      for (const host of [`${BACKEND_ADDRESS}:${lab.backends[0]?.port}`, 'a.default.svc.cluster.local'])
        expect(await lab.answerer('/dynamic', { host })).toBe('500');
      expect(await condition('dynamic')).toContain('False Invalid spec.type: DynamicResolver is not served');
      expect(await condition('both')).toContain('True Accepted');
      expect(await condition('socket')).toContain('False Invalid spec.endpoints[0].unix: not served');
    });
    const mixed = [{ fqdn: { hostname: 'a.example', port: 80 } }, { ip: { address: '10.0.0.1', port: 80 } }];
    await expect(lab.home.apply(object('Backend', 'bad', { endpoints: mixed }))).rejects.toThrow('cannot be mixed');
    await expect(lab.home.apply(object('Backend', 'bad', { endpoints: [{}] }))).rejects.toThrow('one of fqdn, ip');
  });
});
