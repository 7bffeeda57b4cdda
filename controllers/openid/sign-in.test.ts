import type { OidcClient, SignInRequest } from '@causeway/targets/nginx/question-server';
import { assert, describe, test } from 'vitest';
import type { FetchService } from '../service-fetch.ts';
import { Discovery } from './provider-endpoints.ts';
import { SignIn } from './sign-in.ts';
import { TokenEndpoint } from './token-endpoint.ts';

const ISSUER = 'https://issuer.example';
const NAMES = { access: 'A', id: 'I', refresh: 'R', flow: 'F' };
const CLIENT: OidcClient = {
  policy: 'default/web',
  issuer: ISSUER,
  id: 'shop',
  secret: 'default/client',
  scopes: ['openid'],
  resources: [],
  redirect: [],
  sameSite: 'Strict',
  refreshes: true,
  tokenSeconds: 60,
  refreshSeconds: 600,
  flowSeconds: 30,
};
const REQUEST: SignInRequest = {
  event: 'visit',
  secure: true,
  url: 'https://shop.example/page',
  redirect: 'https://shop.example/callback',
  cookies: {},
  redirects: true,
};

/** A provider that knows one code, and a refresh token that works once. */
function lab() {
  const clock = { now: 1000 };
  const asked: string[] = [];
  let nonce = '';
  let refreshes = 0;
  const fetch: FetchService = ({ url, body = '' }) => {
    asked.push(url);
    const reply = (status: number, value: object) => Promise.resolve({ status, body: JSON.stringify(value) });
    if (url.endsWith('openid-configuration')) {
      return reply(200, {
        issuer: ISSUER,
        authorization_endpoint: `${ISSUER}/auth`,
        token_endpoint: `${ISSUER}/token`,
        end_session_endpoint: `${ISSUER}/end`,
      });
    }
    const fields = new URLSearchParams(body);
    const isRefresh = fields.get('grant_type') === 'refresh_token';
    if (isRefresh && (fields.get('refresh_token') !== 'refresh-0' || refreshes++ > 0)) return reply(400, {});
    if (!isRefresh && fields.get('code') !== 'good') return reply(400, {});
    const claims = { iss: ISSUER, aud: 'shop', exp: clock.now + 60, nonce };
    const idToken = `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;
    return reply(200, {
      access_token: isRefresh ? 'access-1' : 'access-0',
      refresh_token: isRefresh ? 'refresh-1' : 'refresh-0',
      ...(isRefresh ? {} : { id_token: idToken }),
      expires_in: 60,
    });
  };
  const signIn = new SignIn({
    discovery: new Discovery(fetch, () => clock.now * 1000),
    tokens: new TokenEndpoint(fetch),
    secretOf: (id) => (id === CLIENT.secret ? 'password' : undefined),
    seconds: () => clock.now,
  });
  const judge = (request: Partial<SignInRequest>, client: Partial<OidcClient> = {}) =>
    signIn.judge({ client: { ...CLIENT, ...client }, names: NAMES, request: { ...REQUEST, ...request } });
  const begin = async () => {
    const { location = '', setCookies } = await judge({});
    const { searchParams } = new URL(location);
    nonce = searchParams.get('nonce') ?? '';
    return { state: searchParams.get('state') ?? '', flow: cookiesIn(setCookies)['F'] ?? '' };
  };
  const session = async (client: Partial<OidcClient> = {}) => {
    const { state, flow } = await begin();
    const { setCookies } = await judge({ event: 'callback', code: 'good', state, cookies: { flow } }, client);
    const { A: access, I: id, R: refresh } = cookiesIn(setCookies);
    return { access, id, refresh };
  };
  return { clock, asked, judge, begin, session, forget: () => (nonce = 'another') };
}

function cookiesIn(lines: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(lines.map((line) => (line.split(';')[0] ?? '').split('=') as [string, string]));
}

describe('GW-37 sessions', () => {
  test('a session lasts as long as its token, and is prolonged once for requests that come together', async () => {
    const { clock, judge, session, asked } = lab();
    const cookies = await session();
    assert.deepInclude(await judge({ cookies }), { access: 'access-0', until: 1060, setCookies: [] });
    clock.now = 1060;
    const [first, second] = await Promise.all([judge({ cookies }), judge({ cookies })]);
    assert.equal(first.access, 'access-1');
    assert.equal(second.access, 'access-1');
    assert.lengthOf(
      asked.filter((url) => url.endsWith('/token')),
      2,
    );
    const { A: access, I: id } = cookiesIn(first.setCookies);
    assert.deepInclude(await judge({ cookies: { access, id } }), { access: 'access-1' });
    assert.equal((await judge({ cookies: { ...cookies, refresh: undefined } })).status, 302);
    assert.equal((await judge({ cookies: {}, redirects: false })).status, 401);
    clock.now = 2000;
    assert.equal((await judge({ cookies })).status, 302, 'the refresh token has ended');
  });

  test('cookies belong to one policy and one purpose', async () => {
    const { judge, session } = lab();
    const cookies = await session();
    assert.equal((await judge({ cookies }, { policy: 'default/other' })).status, 302);
    assert.equal((await judge({ cookies: { access: cookies.refresh } })).status, 302);
    assert.equal((await judge({ cookies }, { secret: 'default/absent' })).status, 500);
    assert.equal((await judge({ cookies: { access: cookies.access } })).access, 'access-0');
  });

  test('tokens that may be read cannot be changed, nor taken for sealed ones', async () => {
    const shown = { showsTokens: true } as const;
    const { clock, judge, session } = lab();
    clock.now += 0.5;
    const cookies = await session(shown);
    const [signature = '', end = '', token] = (cookies.access ?? '').split('~');
    assert.equal(token, 'access-0');
    assert.equal((await judge({ cookies }, shown)).access, 'access-0');
    const changed = [
      `${signature}~${end}~access-9`,
      `${signature}~${Number(end) + 1}~access-0`,
      `${signature.slice(1)}~${end}~access-0`,
      `~${end}~access-0`,
      'access-0',
      cookies.refresh,
      (await session()).access,
    ];
    for (const access of changed) assert.equal((await judge({ cookies: { access } }, shown)).status, 302);
    assert.equal((await judge({ cookies })).status, 302);
  });

  test('a callback must be of a flow that began here, and in time', async () => {
    const { clock, judge, begin, session, forget } = lab();
    const { state, flow } = await begin();
    const callback = (fields: Partial<SignInRequest>) => judge({ event: 'callback', code: 'good', state, ...fields });
    const other = await begin();
    assert.equal((await callback({ cookies: { flow: other.flow } })).status, 401);
    assert.equal((await callback({ cookies: {} })).status, 401);
    assert.equal((await callback({ code: undefined, cookies: { flow } })).status, 401);
    assert.equal((await callback({ code: 'bad', cookies: { flow } })).status, 401);
    assert.equal((await callback({ state: flow, cookies: { flow } })).status, 401);
    const signedIn = await session();
    const again = await callback({ cookies: { access: signedIn.access } });
    assert.deepInclude(again, { status: 302, location: REQUEST.url }, 'signed in meanwhile in another window');
    forget();
    assert.equal((await callback({ cookies: { flow } })).status, 401, 'an ID token of another flow');
    clock.now += CLIENT.flowSeconds;
    assert.equal((await callback({ cookies: { flow } })).status, 401);
  });

  test('attributes of cookies', async () => {
    const { judge } = lab();
    const [flow = ''] = (await judge({})).setCookies;
    assert.match(flow, /^F=[\w-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=30; Secure$/);
    const { setCookies, location } = await judge({ event: 'logout', secure: false }, { domain: 'example' });
    assert.equal(setCookies[0], 'A=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0; Domain=example');
    assert.match(location ?? '', /^https:\/\/issuer\.example\/end\?client_id=shop&post_logout_redirect_uri=/);
  });
});
