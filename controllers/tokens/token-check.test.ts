import { createHmac, createSign, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { exportJWK, type JWK, SignJWT } from 'jose';
import { assert, beforeAll, describe, test } from 'vitest';
import type { FetchService } from '../service-fetch.ts';
import { KeySets, RETRY_MS } from './key-sets.ts';
import { TokenCheck } from './token-check.ts';

const NOW = 2_000_000_000;
const URL = 'http://issuer.example/jwks';
const NONE: FetchService = () => Promise.reject(new Error('nobody is asked'));

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pairs = {
  RS256: rsa,
  RS384: rsa,
  RS512: rsa,
  PS256: rsa,
  PS384: rsa,
  PS512: rsa,
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ES512: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  EdDSA: generateKeyPairSync('ed25519'),
};
const hmacKey = Buffer.alloc(64, 7);
let publicKeys: readonly JWK[];
let rsaKey: JWK;

beforeAll(async () => {
  rsaKey = { ...(await exportJWK(rsa.publicKey)), kid: 'rsa' };
  const others = ['ES256', 'ES384', 'ES512', 'EdDSA'] as const;
  publicKeys = [
    rsaKey,
    ...(await Promise.all(others.map(async (alg) => ({ ...(await exportJWK(pairs[alg].publicKey)), kid: alg })))),
    { kty: 'oct', k: hmacKey.toString('base64url'), kid: 'oct' },
  ];
});

function provider(keys: readonly JWK[], fields: object = {}) {
  return {
    name: 'p',
    issuer: 'https://issuer.example',
    audiences: ['shop'],
    keys: { type: 'local' as const, text: JSON.stringify({ keys }) },
    places: [],
    claimHeaders: [],
    claims: [],
    ...fields,
  };
}

const CLAIMS = { iss: 'https://issuer.example', aud: 'shop', sub: 'ann', exp: NOW + 60 };

function signed(
  alg: string,
  key: KeyObject | Uint8Array,
  claims: object = CLAIMS,
  header: object = {},
): Promise<string> {
  return new SignJWT({ ...claims }).setProtectedHeader({ alg, ...header }).sign(key);
}

async function verdictOf(token: string, keys = publicKeys, fields: object = {}): Promise<string | undefined> {
  const check = new TokenCheck(new KeySets(NONE, () => 0), () => NOW);
  return (await check.verify(token, [provider(keys, fields)])).verdict;
}

function encoded(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

/** With an RSA signature that is right, whatever stands in it. */
function rawToken(header: unknown, claims: unknown): string {
  const input = `${encoded(header)}.${encoded(claims)}`;
  return `${input}.${createSign('sha256').update(input).sign(rsa.privateKey).toString('base64url')}`;
}

describe('GW-36 tokens are verified', () => {
  for (const [alg, { privateKey }] of Object.entries(pairs)) {
    test(alg, async () => assert.equal(await verdictOf(await signed(alg, privateKey)), 'yes'));
  }
  for (const alg of ['HS256', 'HS384', 'HS512']) {
    test(alg, async () => assert.equal(await verdictOf(await signed(alg, hmacKey)), 'yes'));
  }

  const judged: readonly (readonly [string, object, string])[] = [
    ['ended less than a minute ago', { ...CLAIMS, exp: NOW - 59 }, 'yes'],
    ['expired', { ...CLAIMS, exp: NOW - 60 }, 'no'],
    ['not yet good', { ...CLAIMS, nbf: NOW + 61 }, 'no'],
    ['begins within a minute', { ...CLAIMS, nbf: NOW + 60 }, 'yes'],
    ['no end', { ...CLAIMS, exp: undefined }, 'yes'],
    ['an end that is no number', { ...CLAIMS, exp: `${NOW + 60}` }, 'no'],
    ['another issuer', { ...CLAIMS, iss: 'https://issuer.example/' }, 'no'],
    ['no issuer', { ...CLAIMS, iss: undefined }, 'no'],
    ['another audience', { ...CLAIMS, aud: 'shop2' }, 'no'],
    ['several audiences', { ...CLAIMS, aud: ['a', 'shop'] }, 'yes'],
    ['no audience', { ...CLAIMS, aud: undefined }, 'no'],
  ];
  for (const [name, claims, want] of judged) {
    test(name, async () => assert.equal(await verdictOf(rawToken({ alg: 'RS256', kid: 'rsa' }, claims)), want));
  }

  test('attacks', async () => {
    const good = rawToken({ alg: 'RS256' }, CLAIMS);
    const [head = '', payload = '', signature = ''] = good.split('.');
    const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' });
    const confused = `${encoded({ alg: 'HS256' })}.${encoded(CLAIMS)}`;
    const twice = '{"iss":"https://issuer.example","aud":"shop","sub":"ann","s\\u0075b":"root"}';
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const weakInput = `${encoded({ alg: 'RS256' })}.${encoded(CLAIMS)}`;
    const tokens: Record<string, string> = {
      none: `${encoded({ alg: 'none' })}.${encoded(CLAIMS)}.`,
      'none with a signature': `${encoded({ alg: 'none' })}.${encoded(CLAIMS)}.${signature}`,
      'no signature': `${head}.${payload}.`,
      'HMAC by the public key': `${confused}.${createHmac('sha256', pem).update(confused).digest('base64url')}`,
      'HMAC by its modulus': `${confused}.${createHmac('sha256', String(rsaKey.n)).update(confused).digest('base64url')}`,
      'another payload': `${head}.${encoded({ ...CLAIMS, sub: 'root' })}.${signature}`,
      'wrong kid': rawToken({ alg: 'RS256', kid: 'ES256' }, CLAIMS),
      'unknown kid': rawToken({ alg: 'RS256', kid: 'x' }, CLAIMS),
      'kid that is no text': rawToken({ alg: 'RS256', kid: ['rsa'] }, CLAIMS),
      'another key': await signed('RS256', other.privateKey),
      'key in the token': await signed('RS256', other.privateKey, CLAIMS, { jwk: await exportJWK(other.publicKey) }),
      crit: rawToken({ alg: 'RS256', crit: ['exp'] }, CLAIMS),
      'crit b64': rawToken({ alg: 'RS256', b64: false, crit: ['b64'] }, CLAIMS),
      'duplicated claims': rawToken({ alg: 'RS256' }, twice),
      'duplicated algorithms': rawToken('{"alg":"none","alg":"RS256"}', CLAIMS),
      'claims that are a list': rawToken({ alg: 'RS256' }, [CLAIMS]),
      'many signatures': JSON.stringify({ payload, signatures: [{ protected: head, signature }] }),
      'five parts': `${good}.${head}.${payload}`,
      'DER instead of two numbers': (() => {
        const input = `${encoded({ alg: 'ES256' })}.${encoded(CLAIMS)}`;
        return `${input}.${sign('sha256', Buffer.from(input), pairs.ES256.privateKey).toString('base64url')}`;
      })(),
      'no JSON': `${encoded('{')}.${payload}.${signature}`,
      empty: '..',
    };
    const verdicts = await Promise.all(
      Object.entries(tokens).map(async ([name, token]) => [name, await verdictOf(token)] as const),
    );
    assert.deepEqual(Object.fromEntries(verdicts), Object.fromEntries(Object.keys(tokens).map((name) => [name, 'no'])));
    assert.equal(await verdictOf(good), 'yes');
    const weakToken = `${weakInput}.${createSign('sha256').update(weakInput).sign(weak.privateKey).toString('base64url')}`;
    assert.equal(await verdictOf(weakToken, [await exportJWK(weak.publicKey)]), 'no');
    assert.equal(await verdictOf(good, [{ ...rsaKey, use: 'enc' }]), 'no');
    assert.equal(await verdictOf(good, [{ ...rsaKey, alg: 'PS256' }]), 'no');
  });

  test('claims become headers, and what rules compare', async () => {
    const claims = {
      ...CLAIMS,
      exp: undefined,
      n: 7,
      o: { a: { b: 'deep' } },
      list: ['x', 1],
      bad: 'a\r\nb',
      scope: 'r w',
    };
    const check = new TokenCheck(new KeySets(NONE, () => 0), () => NOW);
    const names = ['sub', 'n', 'o.a.b', 'list', 'bad', 'absent', '__proto__'];
    const { token } = await check.verify(rawToken({ alg: 'RS256' }, claims), [
      provider(publicKeys, { claimHeaders: names.map((claim) => ({ name: 'x', claim })), claims: names }),
    ]);
    assert.deepEqual(token?.headers, {
      sub: 'ann',
      n: '7',
      'o.a.b': 'deep',
      list: Buffer.from('["x",1]').toString('base64'),
    });
    assert.deepEqual(token?.claims, { sub: 'ann', 'o.a.b': 'deep', list: ['x'], bad: 'a\r\nb' });
    assert.deepEqual(token?.scopes, ['r', 'w']);
  });
});

describe('GW-36 keys of issuers', () => {
  test('are fetched once, again for a key they do not have, and stay while the issuer is away', async () => {
    let now = 0;
    let asked = 0;
    let keys: readonly JWK[] | undefined = [rsaKey];
    const fetch: FetchService = () => {
      asked++;
      return keys === undefined
        ? Promise.reject(new Error('away'))
        : Promise.resolve({ status: 200, body: JSON.stringify({ keys }) });
    };
    const check = new TokenCheck(new KeySets(fetch, () => now), () => NOW);
    const of = [provider([], { keys: { type: 'remote', url: URL, seconds: 300 } })];
    const verdict = async (token: string) => (await check.verify(token, of)).verdict;
    const first = rawToken({ alg: 'RS256', kid: 'rsa' }, CLAIMS);
    const second = await signed('ES256', pairs.ES256.privateKey, CLAIMS, { kid: 'ES256' });
    assert.deepEqual(await Promise.all([verdict(first), verdict(first)]), ['yes', 'yes']);
    assert.equal(await verdict(second), 'no');
    assert.equal(asked, 1, 'an unknown key does not make us ask again at once');
    keys = publicKeys.filter(({ kid }) => kid === 'ES256');
    now = RETRY_MS;
    assert.equal(await verdict(second), 'yes');
    assert.equal(await verdict(first), 'no', 'withdrawn');
    keys = undefined;
    now = 400_000;
    assert.equal(await verdict(second), 'yes', 'the last keys');
    assert.equal(await verdict(second), 'yes');
    assert.equal(asked, 3);
  });

  test('nobody gets in before they could be had', async () => {
    const check = new TokenCheck(new KeySets(NONE, () => 0), () => NOW);
    const of = [provider([], { keys: { type: 'remote', url: URL, seconds: 300 } })];
    assert.equal((await check.verify(rawToken({ alg: 'RS256' }, CLAIMS), of)).verdict, 'no');
  });
});
