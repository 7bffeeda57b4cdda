import { readFileSync } from 'node:fs';
import type { Secret } from '@causeway/resources/kinds';
import { commandLine } from '@causeway/targets/nginx/proc';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CertificateAuthority, createAuthority } from '../acceptance/certificate-authority.ts';
import { ask } from '../acceptance/http-request.ts';
import { base64, serviceTo } from '../acceptance/objects.ts';
import { startTlsBackend, type TlsBackend } from '../acceptance/tls-backend.ts';
import { eventually } from '../e2e/eventually.ts';
import { eventsOf } from './events.ts';
import { ingressOf } from './ingresses.ts';
import { answersWith, Lab } from './lab.ts';

let lab: Lab;
let authority: CertificateAuthority;
let secure: TlsBackend;

beforeAll(async () => {
  [lab, authority] = await Promise.all([Lab.start(['app']), createAuthority('one')]);
  const other = await createAuthority('other');
  secure = await startTlsBackend('secure', await authority.issue('secure.internal'));
  await lab.home.apply(
    ...serviceTo(secure),
    secret('ca', authority.certificatePem),
    secret('other-ca', other.certificatePem),
  );
});
afterAll(async () => {
  await lab.stop();
  await secure.close();
});

function secret(name: string, certificate: string): Secret {
  const data = { 'ca.crt': base64(certificate) };
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default' }, type: 'Opaque', data };
}

/** An Ingress for the host of its own name. */
async function annotate(
  name: string,
  annotations: Readonly<Record<string, string>>,
  path: { readonly service?: string; readonly port?: number } = {},
): Promise<{ readonly host: string }> {
  const host = `${name}.com`;
  const named = Object.entries(annotations).map(([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value]);
  await lab.home.apply(ingressOf(name, { hosts: { [host]: [path] }, annotations: Object.fromEntries(named) }));
  return { host };
}

describe('ALB-28 how requests are forwarded', () => {
  test('proxy-body-size 1m: 2 MB are answered 413, 0.5 MB 200', async () => {
    const { host } = await annotate('limited', { 'proxy-body-size': '1m' });
    await answersWith(413, lab.ports.http, '/', { host, method: 'POST', body: 'x'.repeat(2_000_000) });
    await answersWith(200, lab.ports.http, '/', { host, method: 'POST', body: 'x'.repeat(500_000) });
  });

  test('enable-access-log false: no line, but for failures', async () => {
    const { host } = await annotate('silent', { 'enable-access-log': 'false' });
    await eventually(async () => {
      const path = `/quiet-${performance.now()}`;
      await answersWith(200, lab.ports.http, path, { host });
      await ask(lab.ports.http, `${path}-loud`, { host: 'nobody.com' });
      await eventually(() => expect(accessLog()).toContain(`${path}-loud`));
      expect(accessLog()).not.toContain(`${path} `);
    });
  });

  test('one that cannot be read is ignored and told, the others count', async () => {
    const { host } = await annotate('half', { 'proxy-body-size': '1x', 'proxy-buffering': 'on' });
    await answersWith(200, lab.ports.http, '/', { host, method: 'POST', body: 'x' });
    await eventually(async () =>
      expect((await eventsOf(lab.home, 'Ingress', 'half')).join()).toContain('proxy-body-size'),
    );
  });

  test.each(['FCGI', 'AUTO_HTTP'])('ALB-27 backend-protocol %s: no Rule', async (protocol) => {
    const name = protocol.toLowerCase().replace('_', '-');
    const { host } = await annotate(name, { 'backend-protocol': protocol });
    await eventually(async () => expect((await eventsOf(lab.home, 'Ingress', name)).join()).toContain(protocol));
    expect((await ask(lab.ports.http, '/', { host })).status).toBe(404);
  });
});

describe('IN-16 TLS to backends by annotation', () => {
  const verified = {
    'backend-protocol': 'HTTPS',
    'proxy-ssl-verify': 'on',
    'proxy-ssl-secret': 'default/ca',
    'proxy-ssl-name': 'secure.internal',
  };

  test.each([
    { name: 'unverified', annotations: { 'backend-protocol': 'HTTPS' }, status: 200 },
    { name: 'verified', annotations: verified, status: 200 },
    { name: 'wrong-ca', annotations: { ...verified, 'proxy-ssl-secret': 'default/other-ca' }, status: 502 },
    { name: 'wrong-name', annotations: { ...verified, 'proxy-ssl-name': 'else.internal' }, status: 502 },
    { name: 'no-secret', annotations: { ...verified, 'proxy-ssl-secret': 'default/absent' }, status: 503 },
    { name: 'elsewhere', annotations: { ...verified, 'proxy-ssl-secret': 'kube-system/ca' }, status: 503 },
    { name: 'unreadable', annotations: { 'backend-protocol': 'HTTPS', 'proxy-ssl-verify': 'sure' }, status: 503 },
    {
      name: 'unverified-no-secret',
      annotations: { 'backend-protocol': 'HTTPS', 'proxy-ssl-secret': 'default/absent' },
      status: 200,
    },
  ])('$name: $status', async ({ name, annotations, status }) => {
    const { host } = await annotate(name, annotations, { service: 'secure' });
    await answersWith(status, lab.ports.http, '/', { host });
  });
});

function accessLog(): string {
  const [master = 0] = lab.home.nginx(lab.ports.http).masters;
  const prefix = / -p (\S+)\/ /.exec(commandLine(master))?.[1] ?? '';
  return readFileSync(`${prefix}/access.log`, 'utf8');
}
