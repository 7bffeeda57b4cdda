import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Echo } from '../acceptance/echo-backend.ts';
import { type ErrorPagesBackend, type PageRequest, startErrorPages } from '../acceptance/error-pages.ts';
import { ask } from '../acceptance/http-request.ts';
import { ingress, serviceTo } from '../acceptance/objects.ts';
import { answersWith } from '../alb/lab.ts';
import { NginxLab } from './nginx-lab.ts';

const NGINX = 'nginx.ingress.kubernetes.io/';
let lab: NginxLab;
let pages: ErrorPagesBackend;

beforeAll(async () => {
  [lab, pages] = await Promise.all([
    NginxLab.start(['app'], { config: { 'custom-http-errors': '404,503' } }),
    startErrorPages(),
  ]);
  const className = 'default-demo';
  const annotations = { [`${NGINX}default-backend`]: 'pages' };
  await lab.home.apply(
    ...serviceTo({ name: 'pages', port: pages.port }),
    ingress('web', '/', 'app', { className, host: 'web.com', annotations }),
    ingress('own', '/', 'app', {
      className,
      host: 'own.com',
      annotations: { ...annotations, [`${NGINX}custom-http-errors`]: '500' },
    }),
  );
  await answersWith(200, lab.http, '/', { host: 'web.com' });
  await answersWith(200, lab.http, '/', { host: 'own.com' });
});
afterAll(async () => {
  await lab.stop();
  await pages.close();
});

describe('IN-15 X-Request-ID', () => {
  test('of the client, or made for the request', async () => {
    const seen = async (headers: Readonly<Record<string, string>>) =>
      (JSON.parse((await ask(lab.http, '/', { host: 'web.com', headers })).body) as Echo).headers['x-request-id'];
    expect(await seen({ 'x-request-id': 'mine' })).toBe('mine');
    const made = await seen({});
    expect(made).toMatch(/^[0-9a-f]{32}$/);
    expect(await seen({})).not.toBe(made);
  });
});

describe('IN-23 custom-http-errors of the ConfigMap', () => {
  test('holds for every Ingress that says nothing else', async () => {
    const { status, body } = await ask(lab.http, '/?status=503', {
      host: 'web.com',
      headers: { 'x-request-id': 'r2' },
    });
    expect(status).toBe(503);
    expect((JSON.parse(body) as PageRequest).headers).toMatchObject({
      ...{ 'x-code': '503', 'x-ingress-name': 'web', 'x-namespace': 'default', 'x-request-id': 'r2' },
    });
    expect((await ask(lab.http, '/?status=503&body=own', { host: 'own.com' })).body).toBe('own');
    const own = await ask(lab.http, '/?status=500', { host: 'own.com' });
    expect((JSON.parse(own.body) as PageRequest).headers['x-code']).toBe('500');
  });
});
