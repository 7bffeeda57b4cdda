import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Asked } from '../acceptance/auth-server.ts';
import { type Ask, ask } from '../acceptance/http-request.ts';
import { eventually } from '../e2e/eventually.ts';
import { answersWith } from './lab.ts';
import { annotated, GuardedLab } from './protected.ts';

let guarded: GuardedLab;

beforeAll(async () => {
  guarded = await GuardedLab.start();
  await guarded.lab.home.apply({
    ...{ apiVersion: 'v1', kind: 'ConfigMap' },
    metadata: { name: 'to-auth', namespace: 'kube-system' },
    data: { 'X-To-Auth': 'for $http_id' },
  });
  await guarded.guard('put', {
    url: 'http://auth.default.svc/check?u=$http_id',
    method: 'PUT',
    auth_headers_cm_ref: 'kube-system/to-auth',
  });
  await guarded.guard('plain', {});
  await guarded.guard('named', { auth_request_redirect: '$scheme://$http_host$request_uri' });
  await guarded.guard('broken', { auth_headers_cm_ref: 'kube-system/none' });
  for (const name of ['put', 'plain', 'named']) await answersWith(200, guarded.port, `/${name}`);
});
afterAll(() => guarded.stop());

async function askedBy(path: string, options: Ask = {}): Promise<Asked> {
  const before = guarded.auth.asked.length;
  await ask(guarded.port, path, options);
  const asked = guarded.auth.asked[before];
  if (asked === undefined) throw new Error('nobody asked');
  return asked;
}

describe('ALB-82 forward auth request', () => {
  test('method, URL with variables, headers of the ConfigMap', async () => {
    const asked = await askedBy('/put', { headers: { id: 'c3' } });
    expect(asked).toMatchObject({
      method: 'PUT',
      url: '/check?u=c3',
      headers: { id: 'c3', 'x-to-auth': 'for c3', 'x-original-method': 'GET', 'content-length': '0' },
    });
  });

  test('what is asked about is told, whatever the client says about it', async () => {
    const asked = await askedBy('/plain/x%20y?a=1', {
      method: 'POST',
      host: 'a.com',
      body: 'four',
      headers: {
        ...{
          'x-original-uri': '/else',
          'x-original-method': 'GET',
          'x-forwarded-for': '192.0.2.1',
          'x-real-ip': '192.0.2.1',
        },
        ...{
          'x-sent-from': 'client',
          'x-forwarded-proto': 'https',
          'x-auth-request-user': 'root',
          X_Original_URI: '/else',
        },
        ...{ connection: 'x-hop', 'x-hop': '1', cookie: 'a=b', te: 'trailers' },
      },
    });
    expect(asked).toMatchObject({
      method: 'GET',
      url: '/check',
      headers: {
        host: 'auth.default.svc',
        cookie: 'a=b',
        'x-original-uri': '/plain/x%20y?a=1',
        'x-original-url': 'http://a.com/plain/x%20y?a=1',
        'x-original-method': 'POST',
        'x-scheme': 'http',
        'x-sent-from': 'alb',
        'x-real-ip': '127.0.0.1',
        'x-forwarded-for': '192.0.2.1, 127.0.0.1',
        'x-forwarded-proto': 'http',
        'x-auth-request-redirect': '/plain/x%20y?a=1',
      },
    });
    for (const name of [
      'content-length',
      'transfer-encoding',
      'x-hop',
      'te',
      'x-auth-request-user',
      'x_original_uri',
    ]) {
      expect(asked.headers[name], name).toBeUndefined();
    }
  });

  test('auth_request_redirect wins over the original URI', async () => {
    const asked = await askedBy('/named?a=1', { host: 'a.com' });
    expect(asked.headers['x-auth-request-redirect']).toBe('http://a.com/named?a=1');
  });

  test('without its ConfigMap: 503, and nobody is asked', async () => {
    const before = guarded.auth.asked.length;
    const answer = await answersWith(503, guarded.port, '/broken');
    expect(answer.headers['x-alb-err-reason']).toBe('AuthFail : invalid-auth-req-cm-ref');
    expect(guarded.auth.asked.length).toBe(before);
  });

  test('what a variable says can end neither the line nor the URL', async () => {
    const asked = await askedBy('/put', { headers: { id: 'a b' } });
    expect(asked.url).toBe('/check?u=a%20b');
  });

  test('annotations of an Ingress', async () => {
    const url = 'http://auth.default.svc/ingress';
    await guarded.lab.home.apply(annotated('annotated', { 'auth-url': url, 'auth-method': 'HEAD' }));
    const { http } = guarded.lab.ports;
    await answersWith(200, http, '/annotated');
    expect(guarded.auth.asked.at(-1)).toMatchObject({ method: 'HEAD', url: '/ingress' });
  });

  test('connections are kept', async () => {
    const before = guarded.auth.connections();
    for (let i = 0; i < 20; i += 1) await ask(guarded.port, '/plain');
    expect(guarded.auth.connections() - before).toBeLessThanOrEqual(2);
  });

  test.each([
    ['link-local', 'http://169.254.169.254/latest'],
    ['link-local as IPv6', 'http://[::ffff:169.254.169.254]/latest'],
    ['the API server', ''],
    ['a Service that is not there', 'http://none.default.svc/'],
  ])('never asked: %s', async (name, url) => {
    const path = name.replace(/\W+/g, '-').toLowerCase();
    const server = /server: (\S+)/.exec(await guarded.lab.home.kubectl(['config', 'view', '--minify']))?.[1] ?? '';
    await guarded.guard(path, { url: url === '' ? `${server}/version` : url });
    await eventually(async () => {
      const answer = await ask(guarded.port, `/${path}`);
      expect(answer.status).toBe(500);
      expect(answer.headers['x-alb-err-reason']).toMatch(/^AuthFail : send-auth-request-fail : no address of /);
    });
  });
});
