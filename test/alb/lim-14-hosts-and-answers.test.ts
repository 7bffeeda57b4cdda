import { selfSigned } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Echo } from '../acceptance/echo-backend.ts';
import { type Answer, ask } from '../acceptance/http-request.ts';
import { tlsSecret } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { eventsOf } from './events.ts';
import { ingressOf, type PathOf } from './ingresses.ts';
import { ALB, answersWith, Lab } from './lab.ts';
import { shown } from './tls-client.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['app'], { workerLimit: 1 });
});
afterAll(() => lab.stop());

/** An Ingress of one host, with these annotations of nginx's family. */
async function serve(
  host: string,
  annotations: Readonly<Record<string, string>>,
  paths: readonly PathOf[] = [{}],
): Promise<void> {
  const named = Object.entries(annotations).map(([name, value]) => [`nginx.ingress.kubernetes.io/${name}`, value]);
  const ingress = ingressOf(host.replaceAll('.', '-'), {
    className: ALB,
    hosts: { [host]: paths },
    annotations: Object.fromEntries(named) as Readonly<Record<string, string>>,
  });
  await lab.home.apply(ingress);
}

function at(host: string, path = '/', status = 200, options: Parameters<typeof answersWith>[3] = {}): Promise<Answer> {
  return answersWith(status, lab.ports.http, path, { host, ...options });
}

function header(text: string): string {
  return `header=${encodeURIComponent(text)}`;
}

describe('ALB-28 and LIM-14: further hosts of an Ingress', () => {
  test('app-root: / leads to the application, all else is as it was', async () => {
    await serve('root.com', { 'app-root': '/app' });
    expect((await at('root.com', '/', 302)).headers.location).toBe('/app');
    await at('root.com', '/x');
    // Also where no path of the Ingress takes it.
    await serve('below.com', { 'app-root': '/app' }, [{ path: '/app' }]);
    expect((await at('below.com', '/', 302)).headers.location).toBe('/app');
    await at('below.com', '/x', 404);
    await serve('exact.com', { 'app-root': '/app' }, [{ path: '/', pathType: 'Exact' }, { path: '/app' }]);
    expect((await at('exact.com', '/', 302)).headers.location).toBe('/app');
  });

  test('from-to-www-redirect: the other name leads to the host, with path and query', async () => {
    await serve('w.com', { 'from-to-www-redirect': 'true' });
    const port = lab.ports.http;
    expect((await at('www.w.com', '/x?y=%20', 308)).headers.location).toBe(`http://w.com:${port}/x?y=%20`);
    await at('w.com');
    await serve('www.v.com', { 'from-to-www-redirect': 'true' });
    expect((await at('v.com', '/x', 308)).headers.location).toBe(`http://www.v.com:${port}/x`);
  });

  test('from-to-www-redirect: not when both names have rules', async () => {
    await lab.home.apply(ingressOf('own-www', { className: ALB, hosts: { 'www.w.com': [{ path: '/only' }] } }));
    await at('www.w.com', '/x', 404);
    await at('www.w.com', '/only');
  });

  test('server-alias: further hosts with the same rules, and the same certificate', async () => {
    await serve('a.com', { 'server-alias': 'b.com, *.c.com' }, [{ path: '/x' }]);
    for (const host of ['a.com', 'b.com', 'y.c.com']) await at(host, '/x');
    await at('b.com', '/y', 404);
    await at('c.com', '/x', 404);
    await lab.home.apply(
      tlsSecret('own', await selfSigned('own.example')),
      ingressOf('secured', {
        className: ALB,
        hosts: { 'own.com': [{}] },
        tls: [{ hosts: ['own.com'], secretName: 'own' }],
        annotations: { 'nginx.ingress.kubernetes.io/server-alias': 'alias.com' },
      }),
    );
    await eventually(async () => expect(await shown(lab.ports.https, 'alias.com')).toBe('own'));
    const answer = await ask(lab.ports.https, '/', { host: 'alias.com', serverName: 'alias.com' });
    expect(answer.status).toBe(200);
  });

  test('use-regex: paths of any type are regular expressions without case', async () => {
    await serve('r.com', { 'use-regex': 'true' }, [{ path: '/foo/.*' }, { path: '/v[0-9]', pathType: 'Exact' }]);
    await at('r.com', '/FOO/x');
    await at('r.com', '/V1/y');
    await at('r.com', '/vx', 404);
    await serve('s.com', { 'use-regex': 'true', 'rewrite-target': '/$1' }, [{ path: '/bar/(.*)' }]);
    expect((JSON.parse((await at('s.com', '/BAR/Baz')).body) as Echo).url).toBe('/Baz');
  });

  test('http2-push-preload is taken, and does nothing', async () => {
    await serve('push.com', { 'http2-push-preload': 'true' });
    await at('push.com');
    const warnings = (await eventsOf(lab.home, 'Ingress', 'push-com')).filter((event) => event.startsWith('Warning'));
    expect(warnings).toEqual([]);
  });
});

describe('LIM-14: answers of backends', () => {
  test('proxy-cookie-domain and proxy-cookie-path', async () => {
    await serve('cookie.com', { 'proxy-cookie-domain': 'x a.com', 'proxy-cookie-path': '/app /' });
    const { headers } = await at(
      'cookie.com',
      `/?${header('set-cookie: s=1; Domain=x; Path=/app')}&${header('set-cookie: t=2; Domain=y')}`,
    );
    expect(headers['set-cookie']).toEqual(['s=1; Domain=a.com; Path=/', 't=2; Domain=y']);
  });

  test('proxy-redirect-from and -to', async () => {
    await serve('moved.com', { 'proxy-redirect-from': 'http://backend:80/', 'proxy-redirect-to': 'https://$host/' });
    const location = async (text: string) =>
      (await at('moved.com', `/?status=302&${header(`location: ${text}`)}`, 302)).headers.location;
    expect(await location('http://backend:80/x?y')).toBe('https://moved.com/x?y');
    expect(await location('http://other/x')).toBe('http://other/x');
  });

  test('without them both are passed on as they are', async () => {
    await serve('plain.com', { 'proxy-redirect-from': 'off', 'proxy-cookie-domain': 'off' });
    const { headers } = await at(
      'plain.com',
      `/?${header('set-cookie: s=1; Domain=x')}&${header('location: http://b/')}`,
    );
    expect(headers['set-cookie']).toEqual(['s=1; Domain=x']);
    expect(headers.location).toBe('http://b/');
  });

  test('connection-proxy-header, with all other headers of a proxy', async () => {
    await serve('conn.com', { 'connection-proxy-header': 'keep-alive, close' });
    const { headers } = JSON.parse((await at('conn.com')).body) as Echo;
    expect(headers).toMatchObject({
      connection: 'keep-alive, close',
      host: 'conn.com',
      'x-forwarded-proto': 'http',
      'x-real-ip': '127.0.0.1',
      'x-original-uri': '/',
    });
  });
});

describe('ALB-28: snippets', () => {
  test('configuration-snippet has no effect; the event names what to use', async () => {
    const snippet = 'more_set_headers "X-Own: 1"; return 418;';
    await serve('snippet.com', { 'configuration-snippet': snippet, 'server-snippet': snippet });
    expect((await at('snippet.com')).headers['x-own']).toBeUndefined();
    await eventually(async () => {
      const events = (await eventsOf(lab.home, 'Ingress', 'snippet-com')).join('\n');
      expect(events).toMatch(/configuration-snippet\]: raw configuration is never taken, ignored; .*rewrite-response/);
      expect(events).toMatch(/server-snippet\]: raw configuration is never taken, ignored; .*server-alias/);
    });
  });
});
