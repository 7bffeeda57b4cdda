import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Echo } from '../acceptance/echo-backend.ts';
import { serviceTo } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab, HTTP_PORT, httpRoute, to } from './gateway-lab.ts';
import { policy, policyCondition } from './policy-objects.ts';

let lab: GatewayLab;

beforeAll(async () => {
  lab = await GatewayLab.start(['a', 'b']);
  const names = ['cors', 'basic', 'broken', 'key', 'rules', 'ask', 'down'];
  await lab.home.apply(...names.map((name) => httpRoute(name, [to('a', `/${name}`)])));
  await lab.answers(Object.fromEntries(names.map((name) => [`/${name}`, 'a'])));
});
afterAll(() => lab.stop());

function secret(name: string, stringData: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default' }, stringData };
}

function basic(name: string, password: string): { readonly headers: { readonly authorization: string } } {
  return { headers: { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` } };
}

describe('GW-35 CORS', () => {
  test('preflights are answered; other origins are told nothing; what is no origin is refused', async () => {
    const cors = {
      allowOrigins: ['https://example.com'],
      allowMethods: ['GET', 'POST'],
      maxAge: '1h',
      allowCredentials: true,
    };
    await lab.home.apply(policy('SecurityPolicy', 'cors', 'HTTPRoute/cors', { cors }));
    const preflight = async (origin: string) => {
      const { headers } = await lab.ask('/cors', {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
      return ['origin', 'methods', 'credentials']
        .map((name) => headers[`access-control-allow-${name}`])
        .concat(headers['access-control-max-age']);
    };
    await eventually(async () => {
      const [origin, methods, ...others] = await preflight('https://example.com');
      expect([origin, String(methods).replaceAll(' ', ''), ...others]).toEqual([
        'https://example.com',
        'GET,POST',
        'true',
        '3600',
      ]);
    });
    expect(await preflight('https://other.com')).toEqual([undefined, undefined, undefined, undefined]);
    for (const bad of [{ allowOrigins: ['example.com'] }, { maxAge: '1 hour' }]) {
      const object = policy('SecurityPolicy', 'bad', 'HTTPRoute/cors', { cors: bad });
      await expect(lab.home.apply(object)).rejects.toThrow('spec.cors');
    }
  });
});

describe('GW-38 basic authentication', () => {
  const hash = `{SHA}${createHash('sha1').update('secret').digest('base64')}`;

  test('a name and a password let in, and the backend is told the name', async () => {
    await lab.home.apply(
      secret('users', { '.htpasswd': `ann:${hash}\n` }),
      policy('SecurityPolicy', 'basic', 'HTTPRoute/basic', {
        basicAuth: { users: { name: 'users' }, forwardUsernameHeader: 'x-user' },
      }),
    );
    await eventually(async () => {
      const refused = await lab.ask('/basic');
      expect([refused.status, refused.headers['www-authenticate']]).toEqual([401, 'Basic realm="Restricted"']);
      const wrong = await lab.ask('/basic', basic('ann', 'wrong'));
      expect([wrong.status, wrong.headers['www-authenticate']]).toEqual([401, 'Basic realm="Restricted"']);
      const { status, body } = await lab.ask('/basic', basic('ann', 'secret'));
      expect([status, (JSON.parse(body) as Echo).headers['x-user']]).toEqual([200, 'ann']);
    });
  });

  test('GW-25 what a rule answers itself is for those alone whom it lets in', async () => {
    await lab.home.apply(
      {
        apiVersion: 'gateway.envoyproxy.io/v1alpha1',
        kind: 'HTTPRouteFilter',
        metadata: { name: 'page', namespace: 'default' },
        spec: { directResponse: { statusCode: 203, body: { type: 'Inline', inline: 'for members' } } },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'empty', namespace: 'default' },
        spec: { ports: [{ port: 80 }] },
      },
      httpRoute('page', [
        to('empty', '/page/empty'),
        to('a', '/page/gone', { backendRefs: [{ name: 'gone', port: 80 }] }),
        to('a', '/page/moved', {
          backendRefs: [],
          filters: [{ type: 'RequestRedirect', requestRedirect: { hostname: 'b.com', statusCode: 301 } }],
        }),
        to('a', '/page', {
          backendRefs: [],
          filters: [
            {
              type: 'ExtensionRef',
              extensionRef: { group: 'gateway.envoyproxy.io', kind: 'HTTPRouteFilter', name: 'page' },
            },
          ],
        }),
      ]),
      policy('SecurityPolicy', 'page', 'HTTPRoute/page', {
        basicAuth: { users: { name: 'users' } },
        cors: { allowOrigins: ['https://example.com'] },
      }),
    );
    await eventually(async () => {
      const { status, body } = await lab.ask('/page', basic('ann', 'secret'));
      expect([status, body]).toEqual([203, 'for members']);
      const refused = await lab.ask('/page');
      expect([refused.status, refused.body]).toEqual([401, 'X-Error: 401\n']);
      for (const [path, own] of [['moved', 301] as const, ['empty', 503] as const, ['gone', 500] as const]) {
        const asked = (given: Parameters<GatewayLab['ask']>[1]) => lab.ask(`/page/${path}`, given);
        const statuses = [await asked({}), await asked(basic('ann', 'secret')), await asked({ method: 'OPTIONS' })];
        expect(statuses.map((answer) => answer.status)).toEqual([401, own, 200]);
        expect(statuses.map(({ headers }) => headers.location)).toEqual([
          ...[
            undefined,
            path === 'moved' ? `http://b.com${HTTP_PORT === 80 ? '' : `:${HTTP_PORT}`}/page/moved` : undefined,
            undefined,
          ],
        ]);
      }
    });
  });

  test('a hash that is not served is told with its line, and nobody gets in', async () => {
    await lab.home.apply(
      secret('bcrypt', { '.htpasswd': `ann:${hash}\nbob:$2y$05$abcdefghijklmnopqrstuv\n` }),
      policy('SecurityPolicy', 'broken', 'HTTPRoute/broken', { basicAuth: { users: { name: 'bcrypt' } } }),
    );
    await eventually(async () => {
      expect((await lab.ask('/broken', basic('ann', 'secret'))).status).toBe(500);
      expect(await policyCondition(lab, 'SecurityPolicy', 'broken')).toMatch(/^False Invalid: .*line 2/);
    });
  });
});

describe('GW-34 API keys', () => {
  test('the key of a client lets in, and the backend is told whose it is but not the key', async () => {
    await lab.home.apply(
      secret('keys', { ann: 'first' }),
      policy('SecurityPolicy', 'key', 'HTTPRoute/key', {
        apiKeyAuth: {
          credentialRefs: [{ name: 'keys' }],
          extractFrom: [{ headers: ['X-Key'] }],
          forwardClientIDHeader: 'x-client',
          sanitize: true,
        },
      }),
    );
    await eventually(async () => {
      expect((await lab.ask('/key', { headers: { 'x-client': 'ann' } })).status).toBe(401);
      expect((await lab.ask('/key', { headers: { 'x-key': 'second' } })).status).toBe(401);
      const { status, body } = await lab.ask('/key', { headers: { 'x-key': 'first', 'x-client': 'bob' } });
      expect(status).toBe(200);
      const { headers } = JSON.parse(body) as Echo;
      expect([headers['x-client'], headers['x-key']]).toEqual(['ann', undefined]);
    });
    await lab.home.apply(secret('keys', { ann: 'first', bob: 'second' }));
    await eventually(async () => {
      const { status, body } = await lab.ask('/key', { headers: { 'x-key': 'second' } });
      expect([status, status === 200 && (JSON.parse(body) as Echo).headers['x-client']]).toEqual([200, 'bob']);
    });
    await lab.home.kubectl(['delete', 'secret', 'keys', '-n', 'default']);
    await eventually(async () => {
      expect((await lab.ask('/key', { headers: { 'x-key': 'first' } })).status).toBe(500);
      expect(await policyCondition(lab, 'SecurityPolicy', 'key')).toContain('Secret default/keys not found');
    });
  });
});

describe('GW-34 places of API keys', () => {
  test('in a header, a parameter or a cookie: the first that is there counts, and the backend sees none', async () => {
    await lab.home.apply(
      secret('places', { ann: 'first', bob: 'second' }),
      httpRoute('places', [to('a', '/places')]),
      policy('SecurityPolicy', 'places', 'HTTPRoute/places', {
        apiKeyAuth: {
          credentialRefs: [{ name: 'places' }],
          extractFrom: [{ headers: ['X-Key'] }, { params: ['key'] }, { cookies: ['key'] }],
          forwardClientIDHeader: 'x-client',
          sanitize: true,
        },
      }),
    );
    const asked = async (target: string, headers: Readonly<Record<string, string>> = {}) => {
      const { status, body } = await lab.ask(target, { headers });
      if (status !== 200) return status;
      const { url, headers: seen } = JSON.parse(body) as Echo;
      return [seen['x-client'], url, seen['cookie'], seen['x-key']];
    };
    const cookies = { cookie: 'a=1; key=second; b=2' };
    await eventually(async () => {
      expect(await asked('/places/a%2Fb?x=1&key=first&y=%20&key=')).toEqual([
        ...['ann', '/places/a%2Fb?x=1&y=%20', undefined, undefined],
      ]);
      expect(await asked('/places?k%65y=first')).toEqual(['ann', '/places', undefined, undefined]);
      expect(await asked('/places?x', cookies)).toEqual(['bob', '/places?x', 'a=1; b=2', undefined]);
      expect(await asked('/places', { cookie: 'key=second' })).toEqual(['bob', '/places', undefined, undefined]);
      expect(await asked('/places?key=first', { 'x-key': 'second', ...cookies })).toEqual([
        ...['bob', '/places', 'a=1; b=2', undefined],
      ]);
      expect([
        await asked('/places?key=first', { 'x-key': 'wrong' }),
        await asked('/places?key=wrong', cookies),
      ]).toEqual([401, 401]);
    });
  });
});

describe('GW-34 GW-39 the order of what is done to a request', () => {
  const MISSING = { name: 'missing', port: 80 };
  const injected = basic('ann', 'secret').headers.authorization;
  const guarded = (name: string, fields: object) =>
    policy('SecurityPolicy', name, `HTTPRoute/${name}`, {
      basicAuth: { users: { name: 'order-users' } },
      ...fields,
    });
  const seen = (path: string, count: number, options = {}) =>
    Promise.all(Array.from({ length: count }, async () => (await lab.ask(path, options)).status));

  test('who is not let in is in no limit, and learns nothing of backends; filters of the rule come last', async () => {
    const users = `ann:{SHA}${createHash('sha1').update('secret').digest('base64')}`;
    const inject = {
      type: 'RequestHeaderModifier',
      requestHeaderModifier: { set: [{ name: 'Authorization', value: injected }] },
    } as const;
    await lab.home.apply(
      secret('order-users', { '.htpasswd': users }),
      httpRoute('order', [
        to('a', '/order/share', { backendRefs: [{ name: 'a', port: 80 }, MISSING] }),
        to('a', '/order/injected', { filters: [inject] }),
      ]),
      httpRoute('order-limit', [to('a', '/order/limit')]),
      httpRoute('order-fault', [to('a', '/order/fault')]),
      ...['order', 'order-limit', 'order-fault'].map((name) => guarded(name, {})),
      policy('BackendTrafficPolicy', 'order-limit', 'HTTPRoute/order-limit', {
        rateLimit: {
          local: {
            rules: [
              {
                clientSelectors: [{ headers: [{ name: 'x-round', type: 'Distinct' }] }],
                limit: { requests: 3, unit: 'Hour' },
              },
            ],
          },
        },
      }),
      policy('BackendTrafficPolicy', 'order-fault', 'HTTPRoute/order-fault', {
        faultInjection: { abort: { httpStatus: 418 } },
      }),
    );
    const ann = basic('ann', 'secret');
    await eventually(async () => {
      expect(new Set(await seen('/order/share', 40))).toEqual(new Set([401]));
      expect(new Set(await seen('/order/share', 40, ann))).toEqual(new Set([200, 500]));
      expect(await seen('/order/injected', 1)).toEqual([401]);
      const { body } = await lab.ask('/order/injected', ann);
      expect((JSON.parse(body) as Echo).headers['authorization']).toBe(injected);
      expect(await seen('/order/fault', 1)).toEqual([418]);
    });
    let round = 0;
    await eventually(async () => {
      round += 1;
      const headers = { 'x-round': `${round}` };
      expect(new Set(await seen('/order/limit', 10, { headers }))).toEqual(new Set([401]));
      const limited = await seen('/order/limit', 5, { headers: { ...headers, ...ann.headers } });
      expect(limited.toSorted((a, b) => a - b)).toEqual([200, 200, 200, 429, 429]);
    });
  });

  test('rules about headers see what a judge has set, not what the client says', async () => {
    await lab.home.apply(
      secret('order-keys', { ann: 'first', bob: 'second' }),
      httpRoute('order-rules', [to('a', '/order/rules')]),
      policy('SecurityPolicy', 'order-rules', 'HTTPRoute/order-rules', {
        apiKeyAuth: {
          credentialRefs: [{ name: 'order-keys' }],
          extractFrom: [{ headers: ['x-key'] }],
          forwardClientIDHeader: 'x-client',
        },
        authorization: {
          rules: [{ action: 'Allow', principal: { headers: [{ name: 'x-client', values: ['ann'] }] } }],
        },
      }),
    );
    const asked = async (key: string, told: Readonly<Record<string, string>> = {}) =>
      (await lab.ask('/order/rules', { headers: { 'x-key': key, ...told } })).status;
    await eventually(async () => {
      expect(await asked('first')).toBe(200);
      expect(await asked('second')).toBe(403);
      expect(await asked('second', { 'x-client': 'ann' })).toBe(403);
      expect(await asked('first', { 'x-client': 'bob' })).toBe(200);
      expect(await asked('wrong', { 'x-client': 'ann' })).toBe(401);
    });
  });
});

describe('GW-34 API keys that cannot be', () => {
  test('without keys nobody gets in; one key of two Secrets is told', async () => {
    const keys = (...names: readonly string[]) =>
      policy('SecurityPolicy', 'odd-key', 'HTTPRoute/odd-key', {
        apiKeyAuth: { credentialRefs: names.map((name) => ({ name })), extractFrom: [{ headers: ['x-key'] }] },
      });
    await lab.home.apply(
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'no-keys', namespace: 'default' } },
      secret('some-keys', { ann: 'same' }),
      secret('more-keys', { bob: 'same' }),
      httpRoute('odd-key', [to('a', '/odd-key')]),
      keys('no-keys'),
    );
    await eventually(async () => {
      expect((await lab.ask('/odd-key', { headers: { 'x-key': 'same' } })).status).toBe(401);
      expect(await policyCondition(lab, 'SecurityPolicy', 'odd-key')).toMatch(/^True Accepted/);
    });
    await lab.home.apply(keys('some-keys', 'more-keys'));
    await eventually(async () => {
      expect(await policyCondition(lab, 'SecurityPolicy', 'odd-key')).toMatch(/^False Invalid: .*have the same key/);
      expect((await lab.ask('/odd-key', { headers: { 'x-key': 'same' } })).status).toBe(500);
    });
    // Of two clients with one name the first has its key.
    await lab.home.apply(secret('other-keys', { ann: 'other' }), keys('some-keys', 'other-keys'));
    await eventually(async () => {
      expect(await policyCondition(lab, 'SecurityPolicy', 'odd-key')).toMatch(/^True Accepted/);
      expect((await lab.ask('/odd-key', { headers: { 'x-key': 'same' } })).status).toBe(200);
      expect((await lab.ask('/odd-key', { headers: { 'x-key': 'other' } })).status).toBe(401);
    });
  });
});

describe('GW-39 authorization', () => {
  test('the first rule that is for a request decides, by address, header and method', async () => {
    const rules = [
      { action: 'Deny', principal: { headers: [{ name: 'x-role', values: ['guest'] }] } },
      {
        action: 'Allow',
        principal: { clientCIDRs: ['127.0.0.0/8', '198.18.0.0/15'] },
        operation: { methods: ['GET'] },
      },
    ];
    await lab.home.apply(policy('SecurityPolicy', 'rules', 'HTTPRoute/rules', { authorization: { rules } }));
    await eventually(async () => {
      expect((await lab.ask('/rules')).status).toBe(200);
      expect((await lab.ask('/rules', { method: 'POST' })).status).toBe(403);
      expect((await lab.ask('/rules', { headers: { 'x-role': 'guest' } })).status).toBe(403);
    });
    const others = {
      authorization: {
        defaultAction: 'Allow',
        rules: [{ action: 'Deny', principal: { clientCIDRs: ['203.0.113.0/24'] } }],
      },
    };
    await lab.home.apply(policy('SecurityPolicy', 'rules', 'HTTPRoute/rules', others));
    await eventually(async () => expect((await lab.ask('/rules', { method: 'POST' })).status).toBe(200));
    for (const principal of [
      { clientCIDRs: ['192.168.1.0/33'] },
      { clientCIDRs: ['192.168.1.1'] },
      {},
      { jwt: { provider: 'p', scopes: ['s'] } },
    ]) {
      const bad = policy('SecurityPolicy', 'bad', 'HTTPRoute/rules', {
        authorization: { rules: [{ action: 'Allow', principal }] },
      });
      await expect(lab.home.apply(bad)).rejects.toThrow(/authorization/);
    }
  });
});

describe('GW-39 lists of addresses', () => {
  test('who the client is decides, whom it is told to be by the peer; the peer itself is another matter', async () => {
    const rule = (action: 'Allow' | 'Deny', principal: object) => ({ action, principal });
    const lists = {
      allowlist: {
        defaultAction: 'Deny',
        rules: [rule('Allow', { clientCIDRs: ['192.168.1.0/24', '10.0.0.1/32'] })],
      },
      blocklist: { defaultAction: 'Allow', rules: [rule('Deny', { clientCIDRs: ['192.168.100.0/24'] })] },
      peers: { defaultAction: 'Deny', rules: [rule('Allow', { sourceCIDRs: ['127.0.0.0/8', '198.18.0.0/15'] })] },
      'other-peers': { defaultAction: 'Deny', rules: [rule('Allow', { sourceCIDRs: ['192.168.1.0/24'] })] },
      both: {
        rules: [
          rule('Allow', {
            clientCIDRs: ['192.168.1.0/24'],
            headers: [{ name: 'x-role', values: ['staff', 'admin'] }],
          }),
        ],
      },
    };
    await lab.home.apply(
      policy('ClientTrafficPolicy', 'client-address', 'Gateway/demo', {
        clientIPDetection: { customHeader: { name: 'x-client-address' } },
      }),
      httpRoute(
        'lists',
        Object.keys(lists).map((name) => to('a', `/${name}`, { name })),
      ),
      ...Object.entries(lists).map(([name, authorization]) =>
        policy('SecurityPolicy', name, `HTTPRoute/lists/${name}`, { authorization }),
      ),
    );
    const statuses = async (address: string, others: Readonly<Record<string, string>> = {}) => {
      const found: Record<string, number> = {};
      for (const name of Object.keys(lists)) {
        found[name] = (await lab.ask(`/${name}`, { headers: { 'x-client-address': address, ...others } })).status;
      }
      return found;
    };
    const peers = { peers: 200, 'other-peers': 403, both: 403 };
    await eventually(async () => {
      expect(await statuses('192.168.1.77')).toEqual({ allowlist: 200, blocklist: 200, ...peers });
      expect(await statuses('10.0.0.1')).toEqual({ allowlist: 200, blocklist: 200, ...peers });
      expect(await statuses('10.0.0.2')).toEqual({ allowlist: 403, blocklist: 200, ...peers });
      expect(await statuses('192.168.100.1')).toEqual({ allowlist: 403, blocklist: 403, ...peers });
      expect(await statuses('192.168.1.77', { 'x-role': 'admin' })).toMatchObject({ both: 200 });
      expect(await statuses('192.168.1.77', { 'x-role': 'guest' })).toMatchObject({ both: 403 });
      expect(await statuses('10.0.0.1', { 'x-role': 'admin' })).toMatchObject({ both: 403 });
    });
    // GW-42: behind one proxy.
    await lab.home.apply(
      policy('ClientTrafficPolicy', 'client-address', 'Gateway/demo', {
        clientIPDetection: { xForwardedFor: { numTrustedHops: 1 } },
      }),
    );
    const forwarded = (addresses: string) => statuses('192.168.1.77', { 'x-forwarded-for': addresses });
    await eventually(async () => {
      expect(await forwarded('192.168.100.1')).toEqual({ allowlist: 403, blocklist: 403, ...peers });
      expect(await forwarded('192.168.100.1, 10.0.0.1')).toEqual({ allowlist: 200, blocklist: 200, ...peers });
    });
    await lab.home.kubectl(['delete', 'clienttrafficpolicy', 'client-address', '-n', 'default']);
  });
});

describe('GW-38 external authentication', () => {
  test('a service says who gets in, and tells the backend more; while it is away nobody does', async () => {
    const ask = (name: string) => ({
      extAuth: { http: { backendRefs: [{ name, port: 80 }], path: '/check', headersToBackend: ['x-backend'] } },
    });
    await lab.home.apply(
      ...serviceTo({ name: 'away', port: 1 }),
      policy('SecurityPolicy', 'ask', 'HTTPRoute/ask', ask('b')),
      policy('SecurityPolicy', 'down', 'HTTPRoute/down', ask('away')),
    );
    await eventually(async () => {
      expect((await lab.ask('/ask?status=403')).status).toBe(403);
      expect((await lab.ask('/down')).status).toBe(403);
      const { status, body } = await lab.ask('/ask');
      expect([status, status === 200 && (JSON.parse(body) as Echo).headers['x-backend']]).toEqual([200, 'b']);
    });
    // What it says chooses the route.
    const path = { type: 'PathPrefix' as const, value: '/ask/again' };
    await lab.home.apply(
      httpRoute('ask', [
        to('a', '/ask'),
        to('b', '/ask/again', { matches: [{ path, headers: [{ name: 'x-backend', value: 'b' }] }] }),
      ]),
      policy('SecurityPolicy', 'ask', 'HTTPRoute/ask', { extAuth: { ...ask('b').extAuth, recomputeRoute: true } }),
    );
    await eventually(async () => {
      expect([await lab.answerer('/ask/again'), await lab.answerer('/ask')]).toEqual(['b', 'a']);
      expect((await lab.ask('/ask/again?status=403', { headers: { 'x-backend': 'b' } })).status).toBe(403);
    });
  });
});
