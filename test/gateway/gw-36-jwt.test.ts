import { createHash, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, type JWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Echo } from '../acceptance/echo-backend.ts';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab, httpRoute, type Rule, to } from './gateway-lab.ts';
import { policy, policyCondition } from './policy-objects.ts';

const ISSUER = 'https://issuer.example';
const first = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const second = generateKeyPairSync('rsa', { modulusLength: 2048 });

let lab: GatewayLab;
let issuer: Server;
let keys: readonly JWK[] = [];
let firstKey: JWK;

beforeAll(async () => {
  firstKey = { ...(await exportJWK(first.publicKey)), kid: 'first' };
  keys = [firstKey];
  issuer = createServer((_, response) => response.end(JSON.stringify({ keys }))).listen(0, '127.0.0.1');
  await once(issuer, 'listening');
  lab = await GatewayLab.start(['a', 'b']);
  const names = ['remote', 'local', 'optional', 'away', 'rules'];
  await lab.home.apply(...names.map((name) => httpRoute(name, [to('a', `/${name}`)])));
  await lab.answers(Object.fromEntries(names.map((name) => [`/${name}`, 'a'])));
});
afterAll(async () => {
  await lab?.stop();
  issuer.close();
});

function remote(port = (issuer.address() as AddressInfo).port): object {
  return { remoteJWKS: { uri: `http://127.0.0.1:${port}/jwks` } };
}

function jwt(name: string, provider: object, fields: object = {}): object {
  return policy('SecurityPolicy', name, `HTTPRoute/${name}`, {
    jwt: { providers: [{ name: 'p', issuer: ISSUER, ...provider }], ...fields },
  });
}

function token(claims: object = {}, header: { readonly alg: string; readonly kid?: string } = { alg: 'ES256' }) {
  const minutes = (count: number) => Math.floor(Date.now() / 1000) + count * 60;
  return new SignJWT({ iss: ISSUER, aud: 'shop', exp: minutes(10), ...claims })
    .setProtectedHeader(header)
    .sign(header.alg === 'ES256' ? first.privateKey : second.privateKey);
}

function bearer(text: string, headers: Readonly<Record<string, string>> = {}) {
  return { headers: { authorization: `Bearer ${text}`, ...headers } };
}

async function headersOf(path: string, options: Parameters<GatewayLab['ask']>[1]): Promise<Echo['headers']> {
  const { status, body } = await lab.ask(path, options);
  expect(status).toBe(200);
  return (JSON.parse(body) as Echo).headers;
}

describe('GW-36 JSON Web Tokens', () => {
  test('a good token lets in, and the backend is told its claims; all others are refused', async () => {
    await lab.home.apply(
      jwt('remote', { ...remote(), audiences: ['shop'], claimToHeaders: [{ header: 'x-sub', claim: 'sub' }] }),
    );
    await eventually(async () => {
      const { status, headers } = await lab.ask('/remote');
      expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer realm="Restricted"']);
      const good = bearer(await token({ sub: 'ann' }), { 'x-sub': 'root', X_Sub: 'root' });
      expect(await headersOf('/remote', good)).toMatchObject({ 'x-sub': 'ann' });
      expect(JSON.stringify(await headersOf('/remote', good))).not.toContain('root');
      expect((await lab.ask(`/remote?access_token=${await token()}`)).status).toBe(200);
    });
    const expired = await token({ exp: Math.floor(Date.now() / 1000) - 3600 });
    const [head, payload, signature] = (await token({ sub: 'ann' })).split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const wrong of [
      expired,
      await token({ aud: 'other' }),
      await token({ iss: 'https://other.example' }),
      await token({}, { alg: 'RS256' }),
      `${head}.${payload}.${signature?.split('').reverse().join('')}`,
      `${none}.${payload}.`,
      `${head}.${payload}`,
      'x'.repeat(9000),
      'a b',
    ]) {
      const { status, headers } = await lab.ask('/remote', bearer(wrong));
      expect([status, headers['www-authenticate']], wrong.slice(0, 80)).toEqual([
        401,
        'Bearer realm="Restricted", error="invalid_token"',
      ]);
    }
  });

  test('a new key of the issuer is found when a token names it', async () => {
    keys = [firstKey, { ...(await exportJWK(second.publicKey)), kid: 'second' }];
    await eventually(async () => {
      const { status } = await lab.ask('/remote', bearer(await token({}, { alg: 'RS256', kid: 'second' })));
      expect(status).toBe(200);
    });
  });

  test('keys of the policy or of a ConfigMap; other places; a token need not be there', async () => {
    const jwks = JSON.stringify({ keys: [firstKey] });
    const extractFrom = { headers: [{ name: 'X-Token', valuePrefix: 'JWT ' }], cookies: ['token'], params: ['t'] };
    await lab.home.apply(
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'keys', namespace: 'default' },
        data: { jwks },
      },
      jwt('local', { localJWKS: { type: 'Inline', inline: jwks }, extractFrom }),
      jwt(
        'optional',
        { localJWKS: { type: 'ValueRef', valueRef: { group: '', kind: 'ConfigMap', name: 'keys' } } },
        { optional: true },
      ),
    );
    await eventually(async () => {
      const good = await token();
      const status = async (path: string, headers = {}) => (await lab.ask(path, { headers })).status;
      expect([
        await status('/local', { 'x-token': `JWT ${good}` }),
        await status('/local', { cookie: `token=${good}` }),
        await status(`/local?t=${good}`),
        await status('/local', { authorization: `Bearer ${good}` }),
        await status('/optional'),
        await status('/optional', { authorization: `Bearer ${good}` }),
        await status('/optional', { authorization: 'Bearer wrong' }),
      ]).toEqual([200, 200, 200, 401, 200, 200, 401]);
    });
  });

  test('claims choose the route, whose own policy counts too; what clients say does not', async () => {
    const role = (value: string) => ({
      path: { type: 'PathPrefix' as const, value: '/chosen' },
      headers: [{ name: 'x-role', value }],
    });
    const sets = (value: string) => [
      { type: 'RequestHeaderModifier' as const, requestHeaderModifier: { add: [{ name: 'x-rule', value }] } },
    ];
    const moved: Partial<Rule> = {
      backendRefs: [],
      filters: [{ type: 'RequestRedirect', requestRedirect: { hostname: 'b.com', statusCode: 302 } }],
    };
    const hash = `{SHA}${createHash('sha1').update('secret').digest('base64')}`;
    const secret = (name: string, stringData: object) =>
      ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default' }, stringData }) as const;
    await lab.home.apply(
      secret('keys', { ann: 'key' }),
      secret('users', { '.htpasswd': `ann:${hash}\n` }),
      httpRoute('chosen', [
        to('b', '/chosen', { matches: [role('admin')], filters: sets('admin') }),
        to('a', '/chosen', { ...moved, matches: [role('moved')] }),
        to('a', '/chosen', { filters: sets('other') }),
        to('a', '/strict', { matches: [{ ...role('admin'), path: { type: 'PathPrefix', value: '/strict' } }] }),
      ]),
      httpRoute('vault', [
        to('b', '/chosen', { matches: [role('owner')] }),
        to('b', '/chosen', { ...moved, matches: [role('heir')] }),
      ]),
      policy('SecurityPolicy', 'vault', 'HTTPRoute/vault', { basicAuth: { users: { name: 'users' } } }),
      policy('BackendTrafficPolicy', 'vault', 'HTTPRoute/vault', {
        faultInjection: { abort: { httpStatus: 418, percentage: 100 } },
      }),
      policy('SecurityPolicy', 'chosen', 'HTTPRoute/chosen', {
        apiKeyAuth: { credentialRefs: [{ name: 'keys' }], extractFrom: [{ headers: ['X-Key'] }], sanitize: true },
        jwt: {
          optional: true,
          providers: [
            {
              ...{ name: 'p', issuer: ISSUER, ...remote(), recomputeRoute: true },
              extractFrom: { headers: [{ name: 'X-Token' }] },
              claimToHeaders: [{ header: 'x-role', claim: 'role' }],
            },
          ],
        },
      }),
    );
    const asked = async (
      claims: object | undefined,
      headers: Readonly<Record<string, string>> = {},
      path = '/chosen',
    ) => {
      const shown = claims === undefined ? {} : { 'x-token': await token(claims) };
      const answer = await lab.ask(path, { headers: { 'x-key': 'key', ...shown, ...headers } });
      if (answer.status !== 200) return [answer.status];
      const seen = (JSON.parse(answer.body) as Echo).headers;
      return [answer.headers['x-backend'], seen['x-rule'], seen['x-role'], seen['x-key']];
    };
    await eventually(async () => {
      expect(await asked({ role: 'admin' })).toEqual(['b', 'admin', 'admin', undefined]);
      expect(await asked({ role: 'user' })).toEqual(['a', 'other', 'user', undefined]);
      expect(await asked({ role: 'moved' })).toEqual([302]);
      const forged = { 'x-role': 'admin' };
      expect(await asked({ role: 'user' }, forged)).toEqual(['a', 'other', 'user', undefined]);
      expect(await asked(undefined, forged)).toEqual(['a', 'other', undefined, undefined]);
      expect(await asked({ role: 'user' }, forged, '/strict')).toEqual([404]);
      expect(await asked({ role: 'admin' }, forged, '/strict')).toEqual(['a', undefined, 'admin', undefined]);
      expect(await asked({ role: 'admin' }, { 'x-key': 'wrong' })).toEqual([401]);
      expect(await asked({ role: 'admin' }, { 'x-token': 'wrong' })).toEqual([401]);
      expect(await asked({ role: 'owner' })).toEqual([401]);
      const known = { authorization: `Basic ${Buffer.from('ann:secret').toString('base64')}` };
      expect(await asked({ role: 'owner' }, known)).toEqual(['b', undefined, 'owner', undefined]);
      // Of the route that had the request first.
      expect(await asked(undefined, { 'x-role': 'owner' })).toEqual([418]);
      expect([await asked({ role: 'heir' }), await asked({ role: 'heir' }, known)]).toEqual([[401], [302]]);
      expect(await policyCondition(lab, 'SecurityPolicy', 'chosen')).toMatch(/^True Accepted/);
    });
  });

  test('while the issuer was never there nobody gets in; the policy is good all the same', async () => {
    await lab.home.apply(jwt('away', remote(1)));
    await eventually(async () => {
      expect((await lab.ask('/away', bearer(await token()))).status).toBe(401);
      expect(await policyCondition(lab, 'SecurityPolicy', 'away')).toMatch(/^True Accepted/);
    });
  });

  test('what no issuer can be is refused when it is written', async () => {
    const inline = JSON.stringify({ keys: [firstKey] });
    for (const provider of [
      {},
      { ...remote(), localJWKS: { type: 'Inline', inline } },
      { ...remote(), recomputeRoute: true },
      { localJWKS: { type: 'Inline' } },
    ]) {
      await expect(lab.home.apply(jwt('away', provider))).rejects.toThrow('spec.jwt');
    }
    const backendSettings = {
      ...{ circuitBreaker: { maxConnections: 1 }, timeout: { http: { requestTimeout: '1s' } } },
      retry: { numRetries: 1, retryOn: { triggers: ['5xx'] } },
    };
    const at = { backendRefs: [{ name: 'a', port: 80 }], backendSettings };
    await lab.home.apply(jwt('away', { remoteJWKS: { uri: 'http://issuer.example/jwks', ...at } }));
    await eventually(async () => {
      const told = 'spec.jwt.providers[].remoteJWKS.backendSettings.circuitBreaker: not served';
      expect(await policyCondition(lab, 'SecurityPolicy', 'away')).toBe(`False Invalid: ${told}`);
    });
    await lab.home.apply(jwt('away', { localJWKS: { type: 'Inline', inline: '{"keys":1}' } }));
    await eventually(async () => {
      expect((await lab.ask('/away', bearer(await token()))).status).toBe(500);
      expect(await policyCondition(lab, 'SecurityPolicy', 'away')).toMatch(/Invalid: .*localJWKS.inline/);
    });
  });
});

describe('GW-39 authorization by tokens', () => {
  test('claims and scopes decide', async () => {
    const rules = [
      {
        action: 'Allow',
        principal: { jwt: { provider: 'p', claims: [{ name: 'role', values: ['admin', 'staff'] }], scopes: ['read'] } },
      },
      {
        action: 'Allow',
        principal: {
          jwt: { provider: 'p', claims: [{ name: 'org.groups', valueType: 'StringArray', values: ['ops'] }] },
        },
      },
    ];
    await lab.home.apply(
      policy('SecurityPolicy', 'rules', 'HTTPRoute/rules', {
        jwt: { providers: [{ name: 'p', issuer: ISSUER, ...remote() }] },
        authorization: { defaultAction: 'Deny', rules },
      }),
    );
    await eventually(async () => {
      const statusWith = async (claims: object) => (await lab.ask('/rules', bearer(await token(claims)))).status;
      expect([
        await statusWith({ role: 'admin', scope: 'write read' }),
        await statusWith({ role: 'admin', scope: 'write' }),
        await statusWith({ role: ['admin'], scope: 'read' }),
        await statusWith({ org: { groups: ['dev', 'ops'] } }),
        await statusWith({ org: { groups: 'ops' } }),
        await statusWith({}),
        (await lab.ask('/rules')).status,
      ]).toEqual([200, 403, 403, 200, 403, 403, 401]);
    });
    const unknown = [{ action: 'Allow', principal: { jwt: { provider: 'q', scopes: ['read'] } } }];
    await lab.home.apply(
      policy('SecurityPolicy', 'rules', 'HTTPRoute/rules', {
        jwt: { providers: [{ name: 'p', ...remote() }] },
        authorization: { rules: unknown },
      }),
    );
    await eventually(async () => {
      expect(await policyCondition(lab, 'SecurityPolicy', 'rules')).toContain('no provider "q"');
      expect((await lab.ask('/rules', bearer(await token()))).status).toBe(500);
    });
  });
});
