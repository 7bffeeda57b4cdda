import { selfSigned } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Echo } from '../acceptance/echo-backend.ts';
import { ask } from '../acceptance/http-request.ts';
import { ingress, tlsSecret } from '../acceptance/objects.ts';
import { shown } from '../alb/tls-client.ts';
import { eventually } from '../e2e/eventually.ts';
import { NginxLab } from './nginx-lab.ts';

const CLASS = { className: 'default-demo' };
let lab: NginxLab;

beforeAll(async () => {
  lab = await NginxLab.start(['app'], { extraArgs: { 'default-ssl-certificate': 'default/fallback' } });
  await lab.home.apply(tlsSecret('named', await selfSigned('named.example')));
});
afterAll(() => lab.stop());

describe('IN-17 TLS at the edge', () => {
  test('a host with a certificate answers https, and 308 to there on http', async () => {
    await lab.home.apply(ingress('secure', '/', 'app', { ...CLASS, host: 's.com', tls: 'named' }));
    await eventually(async () => {
      expect(await shown(lab.https, 's.com')).toBe('named');
      const answer = await ask(lab.https, '/', { serverName: 's.com', host: 's.com' });
      expect(answer.status).toBe(200);
    });
    const { status, headers } = await ask(lab.http, '/x?y=1', { host: 's.com' });
    expect({ status, location: headers['location'] }).toEqual({ status: 308, location: 'https://s.com/x?y=1' });
  });

  test('a host without one is served on both; ssl-redirect false keeps http', async () => {
    const annotations = { 'nginx.ingress.kubernetes.io/ssl-redirect': 'false' };
    await lab.home.apply(
      ingress('plain', '/', 'app', { ...CLASS, host: 'p.com' }),
      ingress('both', '/', 'app', { ...CLASS, host: 'b.com', tls: 'named', annotations }),
    );
    await eventually(async () => {
      expect((await ask(lab.http, '/', { host: 'p.com' })).status).toBe(200);
      expect((await ask(lab.https, '/', { serverName: 'p.com', host: 'p.com' })).status).toBe(200);
      expect((await ask(lab.http, '/', { host: 'b.com' })).status).toBe(200);
    });
  });
});

describe('IN-19 default certificate', () => {
  test('self-signed and a condition while the Secret is missing, then the Secret', async () => {
    const conditionOf = async () =>
      (await lab.home.read('IngressNginx', { namespace: 'default', name: 'demo' }))?.status?.conditions?.[0];
    expect((await ask(lab.https, '/', { serverName: 'other.com', host: 'other.com' })).status).toBe(404);
    await eventually(async () => {
      expect(await conditionOf()).toMatchObject({
        status: 'False',
        message: expect.stringContaining('Secret default/fallback not found') as string,
      });
    });
    await lab.home.apply(tlsSecret('fallback', await selfSigned('fallback.example')));
    await eventually(async () => {
      expect(await shown(lab.https, 'other.com')).toBe('fallback');
      expect(await conditionOf()).toMatchObject({ status: 'True' });
    });
  });
});

describe('IN-15 forwarded headers', () => {
  test('what the client says is replaced, until use-forwarded-headers trusts it', async () => {
    const seen = async () => {
      const { body } = await ask(lab.http, '/', { host: 'p.com', headers: { 'x-forwarded-for': '1.2.3.4' } });
      return (JSON.parse(body) as Echo).headers['x-forwarded-for'];
    };
    expect(await seen()).toBe('127.0.0.1');
    const patch = JSON.stringify({ spec: { controller: { config: { 'use-forwarded-headers': 'true' } } } });
    await lab.home.kubectl(['patch', 'ingressnginx', 'demo', '-n', 'default', '--type=merge', '-p', patch]);
    await eventually(async () => expect(await seen()).toMatch(/^1\.2\.3\.4/));
  });
});
