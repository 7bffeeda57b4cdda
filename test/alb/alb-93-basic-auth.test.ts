import type { Secret } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, ask } from '../acceptance/http-request.ts';
import { base64, group } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { eventsOf } from './events.ts';
import { ingressOf } from './ingresses.ts';
import { answersWith, Lab } from './lab.ts';

const FOO_BAR = 'foo:$apr1$qICNZ61Q$2iooiJVUAMmprq258/ChP1';
/** `new` */
const FOO_NEW = 'foo:$apr1$ab$i6QQgqyxo7RvSA2lwv5Fz1';

let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await Lab.start(['app']);
  port = lab.ports.http;
  await lab.home.apply(
    secret('file', {
      auth: `# people\n\n${FOO_BAR}\nbaz:$2y$05$abcdefghijklmnopqrstuuUq7qXkDOZJ5Q8HA9wCOH0FErWp6q0b6\n`,
    }),
    secret('map', { foo: FOO_BAR.slice(4), colon: '$2b$06$.ABCDEFGHIJKLMNOPQRSTOsFjS9NzTYjxtdsKHHLxuTpLHubPXxzm' }),
    secret('odd', { auth: 'foo:bar\n' }),
    protectedBy('file', { 'auth-secret': 'default/file', 'auth-realm': 'a "realm"' }),
    protectedBy('map', { 'auth-secret': 'map', 'auth-secret-type': 'auth-map' }),
    protectedBy('odd', { 'auth-secret': 'odd' }),
    protectedBy('missing', { 'auth-secret': 'default/none' }),
    protectedBy('typo', { 'auth-secret': 'default/file', 'auth-type': 'ntlm' }),
  );
  await answersWith(401, port, '/file');
  await answersWith(401, port, '/map');
  await answersWith(500, port, '/missing');
  await answersWith(500, port, '/typo');
});
afterAll(() => lab.stop());

function secret(name: string, data: Readonly<Record<string, string>>): Secret {
  const encoded = Object.fromEntries(Object.entries(data).map(([key, text]) => [key, base64(text)]));
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default' }, data: encoded };
}

function protectedBy(name: string, annotations: Readonly<Record<string, string>>) {
  const all = { 'auth-type': 'basic', ...annotations };
  return ingressOf(name, {
    hosts: { '': [{ path: `/${name}` }] },
    annotations: Object.fromEntries(
      Object.entries(all).map(([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value]),
    ),
  });
}

function login(path: string, credentials: string): Promise<Answer> {
  return ask(port, path, { headers: { authorization: `Basic ${base64(credentials)}` } });
}

describe('ALB-93 basic authentication', () => {
  test('foo, bar: 200', async () => {
    const answer = await ask(port, '/file', { headers: { authorization: 'Basic Zm9vOmJhcg==' } });
    expect(answer).toMatchObject({ status: 200, headers: { 'x-backend': 'app' } });
    expect((await login('/map', 'foo:bar')).status).toBe(200);
  });

  test('a hash that is slow, on the second line; a password with a colon', async () => {
    expect((await login('/file', 'baz:bar')).status).toBe(200);
    expect((await login('/map', 'colon:pass:wortä')).status).toBe(200);
  });

  const refusals: readonly [name: string, headers: Record<string, string>, reason: string][] = [
    ['no header', {}, 'basic_auth but req no auth header'],
    ['another scheme', { authorization: 'Bearer Zm9vOmJhcg==' }, 'basic_auth but req no auth header'],
    ['no base64', { authorization: 'Basic %%%' }, 'invalid base64 encoding'],
    ['no colon', { authorization: `Basic ${base64('foobar')}` }, 'invalid format'],
    ['a wrong password', { authorization: `Basic ${base64('foo:baz')}` }, 'invalid user or passwd'],
    ['somebody unknown', { authorization: `Basic ${base64('nobody:bar')}` }, 'invalid user or passwd'],
    ['no user', { authorization: `Basic ${base64(':bar')}` }, 'invalid user or passwd'],
  ];
  test.each(refusals)('401 with realm: %s', async (_, headers, reason) => {
    const answer = await ask(port, '/file', { headers });
    expect(answer).toMatchObject({
      status: 401,
      body: 'X-Error: 401\n',
      headers: { 'www-authenticate': 'Basic realm="a \\"realm\\""', 'x-alb-err-reason': `AuthFail : ${reason}` },
    });
  });

  test('without a realm it is empty', async () => {
    expect((await ask(port, '/map')).headers['www-authenticate']).toBe('Basic realm=""');
  });

  test('configuration errors: 500 and an event', async () => {
    for (const path of ['/missing', '/odd', '/typo']) {
      const answer = await login(path, 'foo:bar');
      expect(answer, path).toMatchObject({ status: 500 });
      expect(answer.headers['x-alb-err-reason'], path).toMatch(/^(AuthFail|AccessDenied) : invalid cfg/);
    }
    const rules = await lab.home.list('Rule');
    const missing = rules.find(({ spec }) => spec.source?.name === 'missing')?.metadata.name ?? '';
    await eventually(async () =>
      expect((await eventsOf(lab.home, 'Rule', missing)).join('\n')).toContain('Secret default/none not found'),
    );
  });

  test('a changed Secret counts, the old password does not, though it was right a moment ago', async () => {
    expect((await login('/file', 'foo:bar')).status).toBe(200);
    await lab.home.apply(secret('file', { auth: FOO_NEW }));
    await eventually(async () => expect((await login('/file', 'foo:new')).status).toBe(200));
    await eventually(async () => expect((await login('/file', 'foo:bar')).status).toBe(401));
  });

  test('a deleted Secret closes the path', async () => {
    await lab.home.kubectl(['delete', 'secret', 'file']);
    await eventually(async () => expect((await login('/file', 'foo:new')).status).toBe(500));
  });

  test('passwords and hashes stand in no log and in no event', async () => {
    const events = await lab.home.kubectl(['get', 'events', '-A', '-o', 'yaml']);
    for (const secretText of ['qICNZ61Q', 'Zm9vOmJhcg', 'apr1']) expect(events).not.toContain(secretText);
  });

  test('Rules have it as a typed field', async () => {
    await lab.home.apply({
      ...secret('own', { auth: FOO_BAR }),
      metadata: { name: 'own', namespace: 'kube-system' },
    });
    const web = await lab.open('web');
    await lab.addRule('web', 'typed', {
      dslx: [{ type: 'URL', values: [['STARTS_WITH', '/']] }],
      serviceGroup: group({ app: 100 }),
      config: { auth: { basic: { realm: 'r', secret: 'kube-system/own', secret_type: 'auth-file' } } },
    });
    await answersWith(401, web);
    expect((await ask(web, '/', { headers: { authorization: 'Basic Zm9vOmJhcg==' } })).status).toBe(200);
  });
});
