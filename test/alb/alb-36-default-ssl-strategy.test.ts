import { selfSigned } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { ALB_NAMESPACE } from '../acceptance/installation.ts';
import { tlsSecret } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { ingressOf } from './ingresses.ts';
import { ALB, answersWith, Lab } from './lab.ts';
import { shown } from './tls-client.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['app'], { defaultSSLStrategy: 'Both', defaultSSLCert: 'default/c' });
  for (const name of ['c', 'own']) await lab.home.apply(tlsSecret(name, await selfSigned(`${name}.example`)));
  await lab.home.apply(
    ingressOf('plain', { className: ALB, hosts: { 'b.com': [{}] } }),
    ingressOf('secured', {
      className: ALB,
      hosts: { 'own.com': [{}] },
      tls: [{ hosts: ['own.com'], secretName: 'own' }],
    }),
  );
});
afterAll(() => lab.stop());

describe('ALB-36 defaultSSLStrategy', () => {
  const secure = (host: string) => ask(lab.ports.https, '/', { host, serverName: host });
  const setStrategy = async (defaultSSLStrategy: string) => {
    const patch = JSON.stringify({ spec: { config: { defaultSSLStrategy } } });
    await lab.home.kubectl(['patch', 'alb2', ALB, '-n', ALB_NAMESPACE, '--type=merge', '-p', patch]);
  };

  test('Both: a host without certificate is served by https with the default one, and by http', async () => {
    await eventually(async () => expect(await secure('b.com')).toMatchObject({ status: 200 }));
    expect(await shown(lab.ports.https, 'b.com')).toBe('c');
    await answersWith(200, lab.ports.http, '/', { host: 'b.com' });
    // One with a certificate shows its own.
    await eventually(async () => expect(await shown(lab.ports.https, 'own.com')).toBe('own'));
  });

  test('Always: by https only', async () => {
    await setStrategy('Always');
    await answersWith(404, lab.ports.http, '/', { host: 'b.com' });
    expect(await secure('b.com')).toMatchObject({ status: 200 });
    expect(await shown(lab.ports.https, 'unknown.com')).toBe('c');
  });

  test('Never: its handshake fails, http serves; hosts with certificates stay on https', async () => {
    await setStrategy('Never');
    await answersWith(200, lab.ports.http, '/', { host: 'b.com' });
    await eventually(async () => expect(await shown(lab.ports.https, 'b.com')).toBe('fails'));
    expect(await secure('own.com')).toMatchObject({ status: 200 });
  });
});
