import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ErrorPagesBackend, type PageRequest, startErrorPages } from '../acceptance/error-pages.ts';
import { type Answer, type Ask, ask } from '../acceptance/http-request.ts';
import { base64, group, ingress, serviceTo } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { freePort } from '../e2e/traffic.ts';
import { ALB, answersWith, Lab } from './lab.ts';

const NGINX = 'nginx.ingress.kubernetes.io/';
let lab: Lab;
let pages: ErrorPagesBackend;

beforeAll(async () => {
  [lab, pages] = await Promise.all([Lab.start(['app']), startErrorPages()]);
  await lab.home.apply(...serviceTo({ name: 'pages', port: pages.port }));
  await lab.home.apply({
    ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'pw', namespace: 'default' } },
    data: { auth: base64('foo:$apr1$qICNZ61Q$2iooiJVUAMmprq258/ChP1') },
  });
});
afterAll(async () => {
  await lab.stop();
  await pages.close();
});

/** An Ingress of host `<name>.com` for Service app, or another, ready. */
async function serve(name: string, settings: Readonly<Record<string, string>>, service = 'app'): Promise<void> {
  const annotations = Object.fromEntries(Object.entries(settings).map(([key, value]) => [`${NGINX}${key}`, value]));
  await lab.home.apply(ingress(name, '/', service, { className: ALB, host: `${name}.com`, annotations }));
}

function send(name: string, path: string, options: Ask = {}): Promise<Answer> {
  return ask(lab.ports.http, path, { ...options, host: `${name}.com` });
}

function asked({ headers, body }: Answer): PageRequest {
  expect(headers['x-backend']).toBe('pages');
  return JSON.parse(body) as PageRequest;
}

describe('ALB-28 custom-http-errors (LIM-14)', () => {
  test('errors of the backend are fetched from the default backend, which is told about them; others stay', async () => {
    await serve('web', { 'custom-http-errors': '404,503', 'default-backend': 'pages' });
    await answersWith(200, lab.ports.http, '/', { host: 'web.com' });
    const answer = await send('web', '/a/b?status=503&body=its%20own', {
      headers: { accept: 'text/html', 'x-request-id': 'r1', 'x-code': '200', 'x-service-name': 'forged' },
    });
    expect(answer.status).toBe(503);
    const { method, url, headers } = asked(answer);
    expect([method, url.split('?')[0]]).toEqual(['GET', '/']);
    expect(headers).toMatchObject({
      'x-code': '503',
      'x-format': 'text/html',
      'x-original-uri': '/a/b?status=503&body=its%20own',
      'x-namespace': 'default',
      'x-ingress-name': 'web',
      'x-service-name': 'app',
      'x-service-port': '80',
      'x-request-id': 'r1',
      host: 'web.com',
    });
    expect((await send('web', '/?status=500&body=own')).body).toBe('own');
    expect((await send('web', '/?status=418&body=own')).body).toBe('own');
    const generated = asked(await send('web', '/?status=404')).headers;
    expect(generated['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
    expect(generated['x-code']).toBe('404');
  });

  test('bodies of requests are not sent again, and the connection is good for the next request', async () => {
    const posted = asked(await send('web', '/?status=503', { method: 'POST', body: 'x'.repeat(100_000) }));
    expect(posted).toMatchObject({ method: 'POST', body: '' });
    const head = await send('web', '/?status=404', { method: 'HEAD' });
    expect([head.status, head.headers['x-backend'], head.body]).toEqual([404, 'pages', '']);
  });

  test('errors of ours are too: refused logins, a backend that is down', async () => {
    await serve('ours', {
      'custom-http-errors': '401,500,502',
      'default-backend': 'pages',
      'auth-type': 'basic',
      'auth-secret': 'pw',
    });
    const refused = await eventually(async () => {
      const answer = await send('ours', '/');
      expect(answer.status).toBe(401);
      return answer;
    });
    expect(asked(refused).headers['x-code']).toBe('401');
    expect(refused.headers['www-authenticate']).toMatch(/^Basic/);
    expect((await send('ours', '/', { headers: { authorization: `Basic ${base64('foo:bar')}` } })).status).toBe(200);

    await lab.home.apply(...serviceTo({ name: 'down', port: await freePort() }));
    await serve('down', { 'custom-http-errors': '502', 'default-backend': 'pages' }, 'down');
    const down = await answersWith(502, lab.ports.http, '/x', { host: 'down.com' });
    expect(asked(down).headers['x-service-name']).toBe('down');
  });

  test('disable-proxy-intercept-errors: answers of backends stay, those of nginx do not', async () => {
    const settings = { 'custom-http-errors': '502,503', 'default-backend': 'pages' };
    await serve('kept', { ...settings, 'disable-proxy-intercept-errors': 'true' });
    await answersWith(200, lab.ports.http, '/', { host: 'kept.com' });
    expect((await send('kept', '/?status=503&body=own')).body).toBe('own');
    await serve('kept-down', { ...settings, 'disable-proxy-intercept-errors': 'true' }, 'down');
    expect(asked(await answersWith(502, lab.ports.http, '/', { host: 'kept-down.com' })).headers['x-code']).toBe('502');
  });

  test('while the Service has no endpoint the default backend is told 503, and gets the path', async () => {
    await lab.serve('none', []);
    await serve('none', { 'default-backend': 'pages' }, 'none');
    const { url, headers } = asked(await answersWith(503, lab.ports.http, '/a?b=c', { host: 'none.com' }));
    expect(url).toBe('/a?b=c');
    expect(headers).toMatchObject({ 'x-code': '503', 'x-ingress-name': 'none', 'x-service-name': 'none' });
  });

  test('by typed fields of the Frontend, with its default service group, and off again for one Rule', async () => {
    const port = await lab.open('errors', {
      serviceGroup: group({ pages: 100 }),
      config: { customErrors: { statuses: [503] } },
    });
    const to = (path: string) => ({ dslx: [{ type: 'URL' as const, values: [['STARTS_WITH', path]] }] });
    await lab.addRule('errors', 'on', { ...to('/on'), serviceGroup: group({ app: 100 }) });
    await lab.addRule('errors', 'off', {
      ...{ ...to('/off'), serviceGroup: group({ app: 100 }) },
      config: { customErrors: { statuses: [] } },
    });
    await lab.addRule('errors', 'empty', {
      ...{ ...to('/empty'), serviceGroup: group({ none: 100 }) },
      config: { customErrors: { statuses: [500] } },
    });
    await answersWith(200, port, '/on');
    await answersWith(200, port, '/off');
    expect(asked(await ask(port, '/on?status=503')).headers['x-ingress-name']).toBe('on');
    expect((await ask(port, '/off?status=503&body=own')).body).toBe('own');
    const empty = asked(await answersWith(500, port, '/empty'));
    expect(empty.headers).toMatchObject({ 'x-code': '500', 'x-service-name': 'none' });
  });

  test('what cannot be done is told: a status that is none, no default backend', async () => {
    await serve('wrong', { 'custom-http-errors': '200,abc', 'default-backend': 'pages' });
    await serve('nobody', { 'custom-http-errors': '503' });
    await answersWith(200, lab.ports.http, '/', { host: 'wrong.com' });
    await answersWith(200, lab.ports.http, '/', { host: 'nobody.com' });
    expect((await send('nobody', '/?status=503&body=own')).body).toBe('own');
    await eventually(async () => {
      const events = await lab.home.kubectl(['get', 'events', '-A']);
      expect(events).toContain('custom-http-errors');
      expect(events).toContain('there is no defaultBackend');
    });
  });
});
