import { selfSigned } from '@causeway/dataplane/test/certificates';
import type { Frontend } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALB_NAMESPACE } from '../acceptance/installation.ts';
import { frontend, tlsSecret } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { frontendName, ingressOf, rulesOf } from './ingresses.ts';
import { ALB, answersWith, Lab } from './lab.ts';
import { shown } from './tls-client.ts';

let lab: Lab;
let http: string;
let https: string;

beforeAll(async () => {
  lab = await Lab.start(['app'], { defaultSSLStrategy: 'Both', defaultSSLCert: 'default/first' });
  http = frontendName(ALB, lab.ports.http);
  https = frontendName(ALB, lab.ports.https);
  for (const name of ['first', 'second', 'own']) {
    await lab.home.apply(tlsSecret(name, await selfSigned(`${name}.example`)));
  }
});
afterAll(() => lab.stop());

describe('ALB-18 Frontends created on demand', () => {
  const read = (name: string) => lab.home.read('Frontend', { namespace: ALB_NAMESPACE, name });
  const patch = (kind: string, name: string, body: object) =>
    lab.home.kubectl(['patch', kind, name, '-n', ALB_NAMESPACE, '--type=merge', '-p', JSON.stringify(body)]);

  test('first Ingress: Frontends of both ports, with label, owner, source and default certificate', async () => {
    expect(await lab.home.list('Frontend')).toEqual([]);
    await lab.home.apply(ingressOf('first', { className: ALB, hosts: { 'a.com': [{}] } }));
    await answersWith(200, lab.ports.http, '/', { host: 'a.com' });
    const owner = await lab.home.read('ALB2', { namespace: ALB_NAMESPACE, name: ALB });
    const wanted = (port: number, more: Partial<Frontend['spec']>) => ({
      metadata: {
        labels: { 'alb2.cpaas.io/name': ALB },
        ownerReferences: [{ kind: 'ALB2', name: ALB, uid: owner?.metadata.uid }],
      },
      spec: { port, source: { type: 'ingress', namespace: 'default', name: 'first' }, ...more },
    });
    expect(await read(http)).toMatchObject(wanted(lab.ports.http, { protocol: 'http' }));
    expect(await read(https)).toMatchObject(
      wanted(lab.ports.https, { protocol: 'https', certificate_name: 'default_first' }),
    );
  });

  test('config.timeout set by a user is still there after the Ingress changed, and others came', async () => {
    const timeout = { proxy_read_timeout_ms: 1234 };
    await patch('frontend', http, { spec: { config: { timeout } } });
    await lab.home.apply(
      ingressOf('first', { className: ALB, hosts: { 'a.com': [{ path: '/changed' }] } }),
      ingressOf('second', { className: ALB, hosts: { 'b.com': [{}] } }),
    );
    await answersWith(404, lab.ports.http, '/', { host: 'a.com' });
    await answersWith(200, lab.ports.http, '/', { host: 'b.com' });
    expect((await read(http))?.spec).toMatchObject({
      config: { timeout },
      source: { type: 'ingress', namespace: 'default', name: 'first' },
    });
  });

  test('the default certificate follows the ALB while it is the one we wrote', async () => {
    await patch('alb2', ALB, { spec: { config: { defaultSSLCert: 'default/second' } } });
    await eventually(async () => expect((await read(https))?.spec.certificate_name).toBe('default_second'));
    await eventually(async () => expect(await shown(lab.ports.https, 'a.com')).toBe('second'));
    await patch('frontend', https, { spec: { certificate_name: 'default/own' } });
    await eventually(async () => expect(await shown(lab.ports.https, 'a.com')).toBe('own'));
    await patch('alb2', ALB, { spec: { config: { defaultSSLCert: 'default/first' } } });
    await lab.home.apply(ingressOf('third', { className: ALB, hosts: { 'c.com': [{}] } }));
    await answersWith(200, lab.ports.http, '/', { host: 'c.com' });
    expect((await read(https))?.spec.certificate_name).toBe('default/own');
  });

  test('a Frontend that exists is used, whatever its name', async () => {
    const ports = await lab.home.addAlb('other');
    await lab.home.apply(frontend('other', 'by-hand', ports.http));
    await lab.home.apply(ingressOf('elsewhere', { className: 'other', hosts: { 'a.com': [{}] } }));
    await answersWith(200, ports.http, '/', { host: 'a.com' });
    expect(Object.keys(await rulesOf(lab.home, 'elsewhere'))).toEqual(['by-hand 0-0']);
    expect(await read(frontendName('other', ports.http))).toBeUndefined();
  });

  test('it stays when the last Ingress goes', async () => {
    await lab.home.kubectl(['delete', 'ingress', 'first', 'second', 'third']);
    await eventually(async () =>
      expect((await lab.home.list('Rule')).map(({ metadata }) => metadata.labels?.['alb2.cpaas.io/name'])).toEqual([
        'other',
      ]),
    );
    expect(await read(http)).toMatchObject({ spec: { port: lab.ports.http } });
  });
});
