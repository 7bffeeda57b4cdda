import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Echo } from '../acceptance/echo-backend.ts';
import { type OpenidProvider, startOpenidProvider } from '../acceptance/openid-provider.ts';
import { eventually } from '../e2e/eventually.ts';
import { launcher, run } from '../launcher/up-process.ts';
import { GatewayLab, HTTP_PORT, httpRoute, to } from './gateway-lab.ts';
import { policy, policyCondition } from './policy-objects.ts';
import { SignInClient } from './sign-in-client.ts';

const ORIGIN = 'http://shop.example';
const CALLBACK = `${ORIGIN}/app/callback`;
const CLIENT = { id: 'causeway', secret: 'of-the-client', redirectUri: CALLBACK };

const INNER = {
  type: 'URLRewrite',
  urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/inner' } },
} as const;

let lab: GatewayLab;
let provider: OpenidProvider;
let client: SignInClient;

beforeAll(async () => {
  provider = await startOpenidProvider(CLIENT);
  lab = await GatewayLab.start(['a']);
  client = new SignInClient((origin) =>
    origin === ORIGIN ? { to: lab.address, port: HTTP_PORT } : { to: '127.0.0.1', port: Number(new URL(origin).port) },
  );
  await lab.home.apply(
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'client', namespace: 'default' },
      stringData: { 'client-secret': CLIENT.secret, 'client-id': CLIENT.id },
    },
    // Whatever the backend is asked for, callbacks are those of the client's path.
    httpRoute('app', [to('a', '/app', { filters: [INNER] })]),
    httpRoute('away', [to('a', '/away')]),
  );
  await lab.answers({ '/app': 'a', '/away': 'a' });
  await lab.home.apply(oidc('app'), oidc('away', { provider: { issuer: 'http://127.0.0.1:1' } }));
  await eventually(async () => expect((await client.ask(`${ORIGIN}/app`)).status).toBe(302));
});
afterAll(async () => {
  await lab?.stop();
  await provider?.close();
});

function oidc(name: string, fields: object = {}): object {
  return policy('SecurityPolicy', name, `HTTPRoute/${name}`, {
    oidc: {
      provider: { issuer: provider.issuer },
      clientID: CLIENT.id,
      clientSecret: { name: 'client' },
      redirectURL: CALLBACK,
      logoutPath: '/app/logout',
      cookieNames: { accessToken: 'Access', idToken: 'Identity' },
      forwardAccessToken: true,
      denyRedirect: { headers: [{ name: 'X-Requested-With', value: 'XMLHttpRequest' }] },
      ...fields,
    },
  });
}

async function status(path: string, cookies: Readonly<Record<string, string>>): Promise<number> {
  const cookie = Object.entries(cookies)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ');
  return (await lab.ask(path, { host: 'shop.example', headers: { cookie } })).status;
}

/** Headers as they are written. @returns the whole answer */
async function withLines(path: string, lines: readonly string[]): Promise<string> {
  const socket = connect({ host: lab.address, port: HTTP_PORT });
  socket.write([`GET ${path} HTTP/1.1`, 'Host: shop.example', 'Connection: close', ...lines, '', ''].join('\r\n'));
  let text = '';
  for await (const part of socket.setEncoding('utf8')) text += String(part);
  return text;
}

describe('GW-37 OpenID Connect', () => {
  test('without a session: to the provider, with PKCE; scripts are told 401', async () => {
    const { status: sent, headers } = await client.ask(`${ORIGIN}/app/page?x=1`);
    const location = new URL(headers.location ?? '');
    expect([sent, location.origin, headers['cache-control']]).toEqual([302, provider.issuer, 'no-store']);
    const { state, nonce, code_challenge, ...others } = Object.fromEntries(location.searchParams);
    expect([state, nonce, code_challenge].every((text) => (text ?? '').length > 30)).toBe(true);
    expect(others).toEqual({
      response_type: 'code',
      client_id: CLIENT.id,
      redirect_uri: CALLBACK,
      scope: 'openid',
      code_challenge_method: 'S256',
    });
    expect(headers['set-cookie']?.[0]).toMatch(/^SignIn-[0-9a-f]{8}=.*; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600$/);
    const script = await lab.ask('/app', { headers: { 'x-requested-with': 'XMLHttpRequest' } });
    expect(script.status).toBe(401);
  });

  test('signed in: back at the page; the backend gets the tokens, the browser only what nobody can read', async () => {
    const back = await client.signIn(`${ORIGIN}/app/page?x=1`, 'ann', CALLBACK);
    const { headers } = await client.ask(back);
    expect(headers.location).toBe(`${ORIGIN}/app/page?x=1`);
    client.cookies(ORIGIN).set('own', '1');
    const { status: served, body } = await client.ask(`${ORIGIN}/app/page?x=1`);
    expect(served).toBe(200);
    const { url, headers: told } = JSON.parse(body) as Echo;
    expect(url).toBe('/inner/page?x=1');
    const { cookie = '', authorization = '' } = told;
    const seen = Object.fromEntries(cookie.split('; ').map((pair) => pair.split('=')));
    expect(Object.keys(seen).sort()).toEqual(['Access', 'Identity', 'own']);
    expect(authorization).toBe(`Bearer ${seen['Access']}`);
    const claims = JSON.parse(
      Buffer.from(String(seen['Identity']).split('.')[1] ?? '', 'base64url').toString(),
    ) as object;
    expect(claims).toMatchObject({ sub: 'ann', aud: CLIENT.id });
    const kept = client.cookies(ORIGIN);
    expect(kept.get('Access')).not.toContain(seen['Access']);
    expect(kept.get('Identity')).not.toContain(String(seen['Identity']).split('.')[1]);
  });

  test('a session in several Cookie headers stays between us and the browser', async () => {
    const { Access = '', Identity = '' } = Object.fromEntries(client.cookies(ORIGIN));
    const lines = ['a=1', `Access=${Access}`, `b=2; Identity=${Identity}; c=3`, 'd=4'];
    const seenBy = async (...further: readonly string[]) => {
      const answered = await withLines('/app', [...lines.map((line) => `Cookie: ${line}`), ...further]);
      expect(answered).toContain('HTTP/1.1 200');
      const { cookie = '', authorization = '' } = (JSON.parse(/\{.*\}/s.exec(answered)?.[0] ?? '') as Echo).headers;
      for (const sealed of [Access, Identity]) expect(cookie).not.toContain(sealed);
      return { names: cookie.split('; ').map((pair) => pair.split('=')[0]), cookie, authorization };
    };
    const { names, cookie, authorization } = await seenBy();
    expect(names).toEqual(['a', 'b', 'c', 'd', 'Access', 'Identity']);
    expect(authorization).toBe(`Bearer ${/Access=([^;]*)/.exec(cookie)?.[1]}`);
    await lab.home.apply(oidc('app', { passThroughAuthHeader: true }));
    await eventually(async () => {
      expect((await lab.ask('/app', { headers: { authorization: 'Bearer own' } })).status).toBe(200);
      expect(await seenBy('Authorization: Bearer own')).toEqual({
        ...{ names: ['a', 'b', 'c', 'd'], cookie: 'a=1; b=2; c=3; d=4', authorization: 'Bearer own' },
      });
    });
    await lab.home.apply(oidc('app', { passThroughAuthHeader: false }));
  });

  test('what was not sealed by us for this purpose is no session', async () => {
    const { Access = '', Identity = '' } = Object.fromEntries(client.cookies(ORIGIN));
    expect([
      await status('/app', { Access, Identity }),
      await status('/app', { Access: Identity, Identity }),
      await status('/app', { Access: `${Access.slice(0, -2)}${Access.endsWith('AA') ? 'BB' : 'AA'}` }),
      await status('/app', { Access: 'x', Identity }),
    ]).toEqual([200, 302, 302, 302]);
  });

  test('a callback that nobody began here is refused', async () => {
    const other = new SignInClient(() => ({ to: lab.address, port: HTTP_PORT }));
    const { headers } = await other.ask(`${ORIGIN}/app`);
    const state = new URL(headers.location ?? '').searchParams.get('state') ?? '';
    const asked = async (query: string, as = other) => (await as.ask(`${CALLBACK}?${query}`)).status;
    expect([
      await asked('code=x&state=wrong'),
      await asked('code=x'),
      await asked(`code=wrong&state=${state}`),
      await asked(`code=x&state=${state}`, new SignInClient(() => ({ to: lab.address, port: HTTP_PORT }))),
    ]).toEqual([401, 401, 401, 401]);
  });

  test('signed out here and at the provider', async () => {
    const { status: sent, headers } = await client.ask(`${ORIGIN}/app/logout`);
    expect([sent, headers.location]).toEqual([
      302,
      expect.stringContaining(`${provider.issuer}/session/end?id_token_hint=`),
    ]);
    expect([...client.cookies(ORIGIN).keys()]).toEqual(['own']);
    expect((await client.ask(`${ORIGIN}/app`)).status).toBe(302);
  });

  test('a token that is longer than a cookie is kept in several; where the policy wants it, tokens can be read, not changed', async () => {
    await lab.home.apply(oidc('app', { scopes: ['groups'] }));
    const other = new SignInClient((origin) =>
      origin === ORIGIN
        ? { to: lab.address, port: HTTP_PORT }
        : { to: '127.0.0.1', port: Number(new URL(origin).port) },
    );
    await eventually(async () => {
      const { headers } = await other.ask(`${ORIGIN}/app`);
      expect(new URL(headers.location ?? '').searchParams.get('scope')).toBe('openid groups');
    });
    await other.ask(await other.signIn(`${ORIGIN}/app/page`, 'ann', CALLBACK));
    const kept = other.cookies(ORIGIN);
    expect([...kept.keys()].sort()).toEqual(['Access', 'Identity', 'Identity-1']);
    for (const value of kept.values()) expect(value.length).toBeLessThan(4000);
    const { status: served, body } = await other.ask(`${ORIGIN}/app/page`);
    expect(served).toBe(200);
    const { cookie = '' } = (JSON.parse(body) as Echo).headers;
    const seen = new Map(cookie.split('; ').map((pair) => [pair.split('=')[0], pair.split('=')[1] ?? '']));
    expect([...seen.keys()]).toEqual(['Access', 'Identity']);
    expect(seen.get('Identity')?.length).toBeGreaterThan(3000);
    kept.delete('Identity-1');
    // Without its end it is none; the access token alone is a session.
    expect((await other.ask(`${ORIGIN}/app/page`)).body).not.toContain('Identity');
    kept.set('Identity-1', 'x');
    await other.ask(`${ORIGIN}/app/logout`);
    expect([...kept.keys()]).toEqual([]);
    await lab.home.apply(oidc('app', { scopes: [], disableTokenEncryption: true }));
    await eventually(async () => {
      kept.clear();
      await other.ask(await other.signIn(`${ORIGIN}/app/page`, 'ann', CALLBACK));
      const shown = kept.get('Access')?.split('~')[2] ?? '';
      const told = JSON.parse((await other.ask(`${ORIGIN}/app/page`)).body) as Echo;
      expect([shown !== '', told.headers['authorization']]).toEqual([true, `Bearer ${shown}`]);
    });
    kept.set('Access', `${kept.get('Access')}x`);
    kept.delete('Identity');
    expect((await other.ask(`${ORIGIN}/app/page`)).status).toBe(302);
    await lab.home.apply(oidc('app', { scopes: [] }));
  });

  test('a provider that never said where users sign in: told, 500; once it did so, it may be away', async () => {
    const accepted = () => policyCondition(lab, 'SecurityPolicy', 'away');
    const unreachable =
      'spec.oidc.provider.issuer: http://127.0.0.1:1/.well-known/openid-configuration: connect ECONNREFUSED';
    await eventually(async () => {
      expect(await accepted()).toContain(`False Invalid: ${unreachable}`);
      expect((await lab.ask('/away')).status).toBe(500);
    });
    const explained = await run(launcher, [
      ...['explain', 'request', `http://${lab.address}:${HTTP_PORT}/away`, '--alb', 'default/demo'],
      ...['--kubeconfig', lab.home.kubeconfigFile],
    ]);
    expect(explained.stdout).toContain(`SecurityPolicy default/away: Invalid: ${unreachable}`);
    const told = { authorizationEndpoint: `${provider.issuer}/auth`, tokenEndpoint: `${provider.issuer}/token` };
    await lab.home.apply(oidc('away', { provider: { issuer: 'http://127.0.0.1:1', ...told } }));
    await eventually(async () => {
      expect(await accepted()).toBe('True Accepted: the policy is in force');
      expect((await lab.ask('/away')).headers.location).toContain(`${provider.issuer}/auth?`);
    });
    await lab.home.apply(
      oidc('away', {
        ...{ clientID: undefined, clientIDRef: { name: 'client' }, redirectURL: undefined, resources: ['urn:api'] },
        ...{ cookieDomain: 'shop.example', cookieConfig: { sameSite: 'Strict' }, csrfTokenTTL: '60s' },
        passThroughAuthHeader: true,
        provider: { issuer: 'http://127.0.0.1:1', ...told },
      }),
    );
    await eventually(async () => {
      const { headers } = await lab.ask('/away', { host: 'shop.example' });
      const sent = new URL(headers.location ?? 'http://none').searchParams;
      expect([sent.get('client_id'), sent.get('redirect_uri'), sent.get('resource')]).toEqual([
        ...[CLIENT.id, `${ORIGIN}/oauth2/callback`, 'urn:api'],
      ]);
      // The provider is another site: the cookie must come back from there, whatever those of a session are.
      const attributes = headers['set-cookie']?.[0]?.split('; ');
      expect(attributes).toEqual(
        expect.arrayContaining(['Domain=shop.example', 'HttpOnly', 'SameSite=Lax', 'Max-Age=60']),
      );
      expect((await lab.ask('/away', { headers: { authorization: 'Bearer own' } })).status).toBe(200);
    });
    let isWell = false;
    const other = createServer((_request, response) => {
      const { port } = other.address() as AddressInfo;
      const issuer = `http://127.0.0.1:${port}`;
      response.statusCode = isWell ? 200 : 404;
      response.end(JSON.stringify({ issuer, authorization_endpoint: `${issuer}/a`, token_endpoint: `${issuer}/t` }));
    });
    await once(other.listen(0, '127.0.0.1'), 'listening');
    const { port } = other.address() as AddressInfo;
    await lab.home.apply(oidc('away', { provider: { issuer: `http://127.0.0.1:${port}` } }));
    await eventually(async () => {
      expect(await accepted()).toContain('/.well-known/openid-configuration: answered 404');
      expect((await lab.ask('/away')).status).toBe(500);
    });
    isWell = true;
    await eventually(async () => {
      expect((await lab.ask('/away')).status).toBe(302);
      expect(await accepted()).toContain('True Accepted');
    });
    other.closeAllConnections();
    await once(other.close(), 'close');
    expect((await lab.ask('/away')).status).toBe(302);
  });

  test('a client that is not there, or is two: told', async () => {
    await lab.home.apply(oidc('away', { clientSecret: { name: 'absent' } }));
    await eventually(async () => {
      expect((await lab.ask('/away')).status).toBe(500);
      expect(await policyCondition(lab, 'SecurityPolicy', 'away')).toContain('Secret default/absent not found');
    });
    await expect(lab.home.apply(oidc('away', { clientIDRef: { name: 'client' } }))).rejects.toThrow('spec.oidc');
  });
});
