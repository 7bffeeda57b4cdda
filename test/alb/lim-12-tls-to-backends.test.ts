import type { TestCertificate } from '@causeway/dataplane/test/certificates';
import type { Rule, Secret } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CertificateAuthority, createAuthority } from '../acceptance/certificate-authority.ts';
import { ask } from '../acceptance/http-request.ts';
import { base64, group, serviceTo } from '../acceptance/objects.ts';
import { type SeenByTls, startTlsBackend, type TlsBackend } from '../acceptance/tls-backend.ts';
import { eventually } from '../e2e/eventually.ts';
import { eventsOf } from './events.ts';
import { answersWith, Lab } from './lab.ts';

let lab: Lab;
let port: number;
let backends: readonly TlsBackend[];
let authority: CertificateAuthority;
let other: CertificateAuthority;
let client: TestCertificate;

beforeAll(async () => {
  [lab, authority, other] = await Promise.all([Lab.start([]), createAuthority('one'), createAuthority('other')]);
  client = await authority.issue('the client');
  backends = [await startTlsBackend('good', await authority.issue('good.internal'))];
  await lab.home.apply(
    ...backends.flatMap((backend) => serviceTo(backend)),
    secret('ca', { 'ca.crt': authority.certificatePem }),
    secret('other-ca', { 'ca.crt': other.certificatePem }),
    secret('client', { 'ca.crt': authority.certificatePem, 'tls.crt': client.chainPem, 'tls.key': client.keyPem }),
  );
  port = await lab.open('web');
});
afterAll(async () => {
  await lab.stop();
  for (const backend of backends) await backend.close();
});

/** In the namespace of the ALB, where Rules are. */
function secret(name: string, texts: Readonly<Record<string, string>>): Secret {
  const data = Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, base64(text)]));
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'kube-system' }, type: 'Opaque', data };
}

type BackendTls = NonNullable<NonNullable<Rule['spec']['config']>['backendTLS']>;

async function serve(path: string, backendTLS?: BackendTls): Promise<void> {
  await lab.addRule('web', path.slice(1), {
    dslx: [{ type: 'URL', values: [['STARTS_WITH', path]] }],
    serviceGroup: group({ good: 100 }),
    backendProtocol: 'https',
    ...(backendTLS === undefined ? {} : { config: { backendTLS } }),
  });
}

async function seenOn(path: string): Promise<SeenByTls> {
  const { body } = await answersWith(200, port, path);
  return JSON.parse(body) as SeenByTls;
}

describe('LIM-12 TLS to backends', () => {
  test('without settings: any certificate, no name, no certificate of ours', async () => {
    await serve('/plain');
    expect(await seenOn('/plain')).toMatchObject({ serverName: '', client: '', protocol: 'TLSv1.3' });
  });

  test('verified: the right CA and name pass, another CA, name or depth does not', async () => {
    const good = { verify: true, secret: 'kube-system/ca', name: 'good.internal' };
    await serve('/verified', good);
    await serve('/wrong-name', { ...good, name: 'bad.internal' });
    await serve('/wrong-ca', { ...good, secret: 'kube-system/other-ca' });
    await serve('/default-name', { verify: true, secret: 'kube-system/ca' });
    expect(await seenOn('/verified')).toMatchObject({ serverName: '' });
    await answersWith(502, port, '/wrong-name');
    await answersWith(502, port, '/wrong-ca');
    // good.default.svc is not in the certificate.
    await answersWith(502, port, '/default-name');
  });

  test('the name is sent as SNI', async () => {
    await serve('/named', { sendName: true, name: 'Named.internal' });
    expect(await seenOn('/named')).toMatchObject({ serverName: 'named.internal' });
  });

  test('a certificate of ours', async () => {
    await serve('/with-certificate', { secret: 'kube-system/client' });
    expect(await seenOn('/with-certificate')).toMatchObject({ client: 'the client' });
    expect(await seenOn('/plain')).toMatchObject({ client: '' });
  });

  test('versions and ciphers', async () => {
    await serve('/old', { protocols: ['TLSv1.2'], ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' });
    expect(await seenOn('/old')).toMatchObject({ protocol: 'TLSv1.2', cipher: 'ECDHE-ECDSA-AES256-GCM-SHA384' });
  });

  test('connections are kept, and neither they nor their sessions are used with another identity', async () => {
    const paths = ['/plain', '/verified', '/named', '/with-certificate', '/old'];
    for (const path of paths) await answersWith(200, port, path);
    const users = new Map<number, Set<string>>();
    const numbers = new Map<string, Set<number>>();
    for (let n = 0; n < 40; n++) {
      for (const path of paths) {
        const { connection } = JSON.parse((await ask(port, path)).body) as SeenByTls;
        users.set(connection, (users.get(connection) ?? new Set()).add(path));
        numbers.set(path, (numbers.get(path) ?? new Set()).add(connection));
      }
    }
    for (const [connection, by] of users) expect([...by], `connection ${connection}`).toHaveLength(1);
    // Each worker has pools of its own.
    for (const path of paths) expect(numbers.get(path)?.size, path).toBeLessThanOrEqual(4);
    for (const path of ['/wrong-name', '/wrong-ca']) expect((await ask(port, path)).status).toBe(502);
  });

  test('a replaced CA is in force at once', async () => {
    await lab.home.apply(secret('changing', { 'ca.crt': other.certificatePem }));
    await serve('/changing', { verify: true, secret: 'kube-system/changing', name: 'good.internal' });
    await answersWith(502, port, '/changing');
    await lab.home.apply(secret('changing', { 'ca.crt': authority.certificatePem }));
    await answersWith(200, port, '/changing');
    await lab.home.apply(secret('changing', { 'ca.crt': other.certificatePem }));
    await answersWith(502, port, '/changing');
  });

  test('what cannot be verified gets nothing, and the reason is told', async () => {
    await serve('/missing', { verify: true, secret: 'kube-system/missing' });
    await serve('/elsewhere', { verify: true, secret: 'default/ca' });
    for (const name of ['missing', 'elsewhere']) {
      const { headers } = await answersWith(503, port, `/${name}`);
      expect(headers['x-alb-err-reason']).toBe('InvalidBackendTLS : backends cannot be verified');
    }
    await eventually(async () => {
      expect((await eventsOf(lab.home, 'Rule', 'missing')).join()).toContain('Secret kube-system/missing not found');
      expect((await eventsOf(lab.home, 'Rule', 'elsewhere')).join()).toContain(
        'is in another namespace, without ReferenceGrant',
      );
    });
    await lab.home.apply(secret('missing', { 'ca.crt': authority.certificatePem }));
    await answersWith(502, port, '/missing');
  });
});
