import { selfSigned } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { ALB_NAMESPACE } from '../acceptance/installation.ts';
import { group, tlsSecret } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { ALB, Lab } from './lab.ts';
import { shown } from './tls-client.ts';

let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await Lab.start(['app']);
  for (const name of ['a', 'wild', 'd', 'strategy', 'other']) {
    await lab.home.apply(tlsSecret(name, await selfSigned(`${name}.example`)));
  }
  port = await lab.open('tls', { protocol: 'https', certificate_name: 'default/d' });
  await withCertificate('tls', 'exact', 'a.com', 'a');
  await withCertificate('tls', 'wildcard', '*.e.com', 'wild');
  await lab.addRule('tls', 'path', {
    dslx: [{ type: 'URL', values: [['STARTS_WITH', '/a']] }],
    serviceGroup: group({ app: 100 }),
  });
  await eventually(async () => {
    expect(await shown(port, 'a.com')).toBe('a');
    expect(await shown(port, 'c.e.com')).toBe('wild');
    expect(await shown(port, '')).toBe('d');
    expect(await ask(port, '/a', { serverName: 'a.com' })).toMatchObject({ status: 200 });
  });
});
afterAll(() => lab.stop());

async function withCertificate(frontend: string, name: string, domain: string, secret: string): Promise<void> {
  await lab.addRule(frontend, name, {
    dslx: [{ type: 'HOST', values: [['EQ', `rule-of-${name}`]] }],
    serviceGroup: group({ app: 100 }),
    domain,
    certificate_name: `default/${secret}`,
  });
}

async function configure(config: Readonly<Record<string, unknown>>): Promise<void> {
  const patch = JSON.stringify({ spec: { config } });
  await lab.home.kubectl(['patch', 'alb2', ALB, '-n', ALB_NAMESPACE, '--type=merge', '-p', patch]);
}

describe('ALB-109 selection by SNI: certificates a.com, *.e.com, port default d', () => {
  const cases = [
    { serverName: 'a.com', want: 'a' },
    { serverName: 'A.Com', want: 'a' },
    { serverName: 'c.e.com', want: 'wild' },
    { serverName: 'x.c.e.com', want: 'fails' },
    { serverName: 'e.com', want: 'fails' },
    { serverName: 'b.com', want: 'fails' },
    { serverName: 'host-1', want: 'd' },
    { serverName: '', want: 'd' },
  ];
  test.each(cases)('SNI "$serverName": $want', async ({ serverName, want }) => {
    expect(await shown(port, serverName)).toBe(want);
  });

  test('no SNI: d and 404', async () => {
    expect(await ask(port, '/none', { serverName: '' })).toMatchObject({ status: 404 });
  });

  test('the rule is chosen by Host, not by SNI', async () => {
    expect(await ask(port, '/a', { serverName: 'a.com', host: 'elsewhere.com' })).toMatchObject({ status: 200 });
    expect(await ask(port, '/none', { serverName: 'a.com', host: 'elsewhere.com' })).toMatchObject({ status: 404 });
  });

  test('ports may have different certificates for one name', async () => {
    const second = await lab.open('second', { protocol: 'https' });
    await withCertificate('second', 'exact-2', 'a.com', 'other');
    await eventually(async () => expect(await shown(second, 'a.com')).toBe('other'));
    expect(await shown(port, 'a.com')).toBe('a');
    expect(await shown(second, '')).toBe('fails');
  });

  test('with FallbackDefaultPortCert an unknown name gets d, and 200 where a rule matches', async () => {
    const key = 'alb.cpaas.io/nginx-env';
    await lab.home.kubectl(['annotate', 'alb2', ALB, '-n', ALB_NAMESPACE, `${key}={"FallbackDefaultPortCert":"true"}`]);
    await eventually(async () => expect(await shown(port, 'b.com')).toBe('d'));
    expect(await ask(port, '/a', { serverName: 'b.com', host: 'b.com' })).toMatchObject({ status: 200 });
    await lab.home.kubectl(['annotate', 'alb2', ALB, '-n', ALB_NAMESPACE, `${key}-`]);
    await eventually(async () => expect(await shown(port, 'b.com')).toBe('fails'));
  });

  test('with strategy Both an unknown name gets the certificate of the Ingress HTTPS port, no name that of the port', async () => {
    await lab.home.apply({
      ...{ apiVersion: 'crd.alauda.io/v1', kind: 'Frontend' },
      metadata: {
        name: `${ALB}-${String(lab.ports.https).padStart(5, '0')}`,
        namespace: ALB_NAMESPACE,
        labels: { 'alb2.cpaas.io/name': ALB },
      },
      spec: { port: lab.ports.https, protocol: 'https', certificate_name: 'default/strategy' },
    });
    await configure({ defaultSSLStrategy: 'Both' });
    await eventually(async () => expect(await shown(port, 'b.com')).toBe('strategy'));
    expect(await shown(port, '')).toBe('d');
    await configure({ defaultSSLStrategy: 'Never' });
    await eventually(async () => expect(await shown(port, 'b.com')).toBe('fails'));
  });
});
