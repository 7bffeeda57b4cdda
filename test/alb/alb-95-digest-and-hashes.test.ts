import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import type { Secret } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, ask } from '../acceptance/http-request.ts';
import { base64 } from '../acceptance/objects.ts';
import { answersWith, Lab } from './lab.ts';
import { annotated } from './protected.ts';

let lab: Lab;
let port: number;

const HASHES = {
  apr1: '$apr1$qICNZ61Q$2iooiJVUAMmprq258/ChP1',
  bcrypt: '$2y$05$abcdefghijklmnopqrstuuUq7qXkDOZJ5Q8HA9wCOH0FErWp6q0b6',
  sha: '{SHA}Ys23Ag/5IOWqZCw9QGaVDdHwH00=',
  sha256: '$5$saltstring$ckecdJS/eSdm0unAeZ/CaKuX1FzfM/3J.RC9FlHSQe.',
  sha512: '$6$saltstring$88RS2V.D4lbqS2Tyd.vTlUssLIHbUr.cg3ODlcl5Dkii8bUuolsXnckoHcsf7p1EmDfwRtYC34Jz7JU/csQSN1',
};

beforeAll(async () => {
  lab = await Lab.start(['app']);
  port = lab.ports.http;
  const ha1 = (algorithm: string, user: string) => createHash(algorithm).update(`${user}:r:bar`).digest('hex');
  await lab.home.apply(
    secret('digest', `foo:r:${ha1('md5', 'foo')}\nnew:r:${ha1('sha256', 'new')}\nfoo:other:${'0'.repeat(32)}\n`),
    secret(
      'hashes',
      Object.entries(HASHES)
        .map(([user, hash]) => `${user}:${hash}`)
        .join('\n'),
    ),
    annotated('digest', { 'auth-type': 'digest', 'auth-secret': 'digest', 'auth-realm': 'r' }),
    secret('md5', `foo:r:${ha1('md5', 'foo')}`),
    annotated('md5', { 'auth-type': 'digest', 'auth-secret': 'md5', 'auth-realm': 'r' }),
    annotated('hashes', { 'auth-type': 'basic', 'auth-secret': 'hashes' }),
  );
  await answersWith(401, port, '/digest');
  await answersWith(401, port, '/hashes');
});
afterAll(() => lab.stop());

function secret(name: string, auth: string): Secret {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default' }, data: { auth: base64(auth) } };
}

interface Attempt {
  readonly user?: string;
  readonly password?: string;
  readonly algorithm?: 'MD5' | 'SHA-256';
  readonly method?: string;
  /** What the credentials are for; default: what is asked for. */
  readonly uri?: string;
  readonly nc?: string;
}

async function nonceOf(path = '/digest'): Promise<string> {
  return /nonce="([^"]+)"/.exec((await ask(port, path)).headers['www-authenticate'] ?? '')?.[1] ?? '';
}

function credentials(nonce: string, path: string, attempt: Attempt): string {
  const { user = 'foo', password = 'bar', algorithm = 'MD5', method = 'GET', uri = path, nc = '00000001' } = attempt;
  const hash = (text: string) =>
    createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const response = hash(`${hash(`${user}:r:${password}`)}:${nonce}:${nc}:c:auth:${hash(`${method}:${uri}`)}`);
  return (
    `Digest username="${user}", realm="r", nonce="${nonce}", uri="${uri}", qop=auth, nc=${nc}, cnonce="c", ` +
    `algorithm=${algorithm}, response="${response}"`
  );
}

async function login(nonce: string, attempt: Attempt = {}, path = '/digest'): Promise<Answer> {
  return ask(port, path, { headers: { authorization: credentials(nonce, path, attempt) } });
}

describe('ALB-95, LIM-01 digest', () => {
  test('401 with a challenge for each algorithm, then 200', async () => {
    const answer = await ask(port, '/digest');
    expect(answer.headers['www-authenticate']).toMatch(
      /^Digest realm="r", qop="auth", algorithm=SHA-256, nonce="[^"]+", Digest realm="r", qop="auth", algorithm=MD5, nonce="[^"]+"$/,
    );
    const nonce = await nonceOf();
    expect((await login(nonce)).status).toBe(200);
    expect((await login(nonce, { nc: '00000002' })).status).toBe(200);
    expect((await login(nonce, { nc: '00000003', user: 'new', algorithm: 'SHA-256' })).status).toBe(200);
  });

  test('curl --digest: 200 after one 401', async () => {
    await answersWith(401, port, '/md5');
    const args = ['-sS', '-v', '--digest', '-u', 'foo:bar', `http://127.0.0.1:${port}/md5?a=b`];
    const { stderr } = await promisify(execFile)('curl', args);
    expect(stderr.match(/< HTTP\/1\.1 \d+/g)).toEqual(['< HTTP/1.1 401', '< HTTP/1.1 200']);
  });

  test('a replayed nonce count: 401', async () => {
    const nonce = await nonceOf();
    expect((await login(nonce)).status).toBe(200);
    expect((await login(nonce)).status).toBe(401);
  });

  test.each<[string, Attempt]>([
    ['a wrong password', { password: 'baz' }],
    ['an unknown user', { user: 'nobody' }],
    ['a user of another realm', { user: 'foo', password: 'other' }],
    ['credentials for another path', { uri: '/else' }],
    ['credentials for another method', { method: 'POST' }],
    ['the algorithm of another user', { algorithm: 'SHA-256' }],
    ['a count that is none', { nc: '1' }],
  ])('401: %s', async (_, attempt) => {
    expect((await login(await nonceOf(), attempt)).status).toBe(401);
  });

  test('a nonce that somebody made up: 401', async () => {
    expect((await login('abc')).status).toBe(401);
    const nonce = await nonceOf();
    expect((await login(`0${nonce.slice(1)}`)).status).toBe(401);
  });

  test('Basic credentials do not count', async () => {
    const headers = { authorization: `Basic ${base64('foo:bar')}` };
    expect((await ask(port, '/digest', { headers })).status).toBe(401);
  });
});

describe('ALB-95 further hashes', () => {
  test.each(Object.keys(HASHES))('%s', async (user) => {
    const headers = (password: string) => ({ authorization: `Basic ${base64(`${user}:${password}`)}` });
    expect((await ask(port, '/hashes', { headers: headers('bar') })).status).toBe(200);
    expect((await ask(port, '/hashes', { headers: headers('bar2') })).status).toBe(401);
  });

  test('a flood of wrong passwords does not stop other requests', async () => {
    await lab.home.apply(annotated('open', {}));
    await answersWith(200, port, '/open');
    const flood = Array.from({ length: 300 }, (_, index) =>
      ask(port, '/hashes', { headers: { authorization: `Basic ${base64(`sha512:${index}`)}` } }),
    );
    expect((await ask(port, '/open')).status).toBe(200);
    const statuses = new Set((await Promise.all(flood)).map(({ status }) => status));
    for (const status of statuses) expect([401, 503]).toContain(status);
    expect((await ask(port, '/hashes', { headers: { authorization: `Basic ${base64('sha:bar')}` } })).status).toBe(200);
  });
});
