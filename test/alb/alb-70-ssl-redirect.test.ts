import { selfSigned } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, ask } from '../acceptance/http-request.ts';
import { tlsSecret } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { ingressOf, rulesOf } from './ingresses.ts';
import { ALB, answersWith, Lab } from './lab.ts';

const NGINX = 'nginx.ingress.kubernetes.io';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['app'], { workerLimit: 1, defaultSSLStrategy: 'Both', defaultSSLCert: 'default/c' });
  for (const name of ['c', 'own']) await lab.home.apply(tlsSecret(name, await selfSigned(`${name}.example`)));
});
afterAll(() => lab.stop());

function secure(host: string, path = '/x'): Promise<Answer> {
  return ask(lab.ports.https, path, { host, serverName: host });
}

describe('ALB-70 SSL redirect', () => {
  test('force-ssl-redirect: 308 from http, no loop on https, other hosts are left alone', async () => {
    const annotations = { [`${NGINX}/force-ssl-redirect`]: 'true' };
    await lab.home.apply(ingressOf('forced', { className: ALB, hosts: { 'a.com': [{}] }, annotations }));
    const answer = await answersWith(308, lab.ports.http, '/x/?y=%20', { host: `a.com:${lab.ports.http}` });
    expect(answer.headers.location).toBe('https://a.com/x/?y=%20');
    await eventually(async () => expect(await secure('a.com')).toMatchObject({ status: 200 }));
    await answersWith(404, lab.ports.http, '/x', { host: 'other.com' });
    const rules = Object.values(await rulesOf(lab.home, 'forced'));
    expect(rules.map(({ spec }) => spec.config?.redirect).filter((redirect) => redirect !== undefined)).toEqual([
      { code: 308, scheme: 'https' },
    ]);
  });

  test('another code is taken', async () => {
    const annotations = { [`${NGINX}/force-ssl-redirect`]: 'true', 'alb.ingress.cpaas.io/redirect-code': '307' };
    await lab.home.apply(ingressOf('code', { className: ALB, hosts: { 'code.com': [{}] }, annotations }));
    await answersWith(307, lab.ports.http, '/', { host: 'code.com' });
  });

  test('ssl-redirect: not for a host that only has the default certificate', async () => {
    const annotations = { [`${NGINX}/ssl-redirect`]: 'true' };
    await lab.home.apply(ingressOf('plain', { className: ALB, hosts: { 'b.com': [{}] }, annotations }));
    await answersWith(200, lab.ports.http, '/', { host: 'b.com' });
  });

  test('ssl-redirect: for a host with a certificate of its own, which http is opened for', async () => {
    const secured = (annotations: Readonly<Record<string, string>>) =>
      ingressOf('secured', {
        className: ALB,
        hosts: { 'own.com': [{}] },
        tls: [{ hosts: ['own.com'], secretName: 'own' }],
        annotations,
      });
    await lab.home.apply(secured({}));
    await eventually(async () => expect(await secure('own.com')).toMatchObject({ status: 200 }));
    expect((await ask(lab.ports.http, '/x', { host: 'own.com' })).status).toBe(404);
    await lab.home.apply(secured({ [`${NGINX}/ssl-redirect`]: 'true' }));
    const answer = await answersWith(308, lab.ports.http, '/x', { host: 'own.com' });
    expect(answer.headers.location).toBe('https://own.com/x');
    expect(await secure('own.com')).toMatchObject({ status: 200 });
  });

  test('ingressSSLRedirect: everything on the HTTP port, matched or not', async () => {
    await lab.home.configure(ALB, { ingressSSLRedirect: true });
    const answer = await answersWith(308, lab.ports.http, '/x', { host: 'unknown.com' });
    expect(answer.headers.location).toBe('https://unknown.com/x');
    await answersWith(308, lab.ports.http, '/x', { host: 'b.com' });
    expect(await secure('unknown.com')).toMatchObject({ status: 404 });
    expect(await secure('b.com')).toMatchObject({ status: 200 });
  });

  test('ingressSSLRedirect: a redirect of the Frontend goes before it', async () => {
    const name = `${ALB}-${String(lab.ports.http).padStart(5, '0')}`;
    const patch = JSON.stringify({ spec: { config: { redirect: { url: 'http://moved.com/', code: 301 } } } });
    await lab.home.kubectl(['patch', 'frontend', name, '-n', 'kube-system', '--type=merge', '-p', patch]);
    const answer = await answersWith(301, lab.ports.http, '/x', { host: 'unknown.com' });
    expect(answer.headers.location).toBe('http://moved.com/');
  });
});
