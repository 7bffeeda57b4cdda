/**
 * Ways around certificates of clients that worked somewhere: names of TLS and of HTTP that differ, sessions that another host began,
 * certificates that look right, headers that say what the proxy should say.
 */
import { selfSigned, type TestCertificate } from '@causeway/dataplane/test/certificates';
import type { Ingress, Secret } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CertificateAuthority, createAuthority } from '../acceptance/certificate-authority.ts';
import { base64, group, tlsSecret } from '../acceptance/objects.ts';
import { askByTls, http2StatusOf, openHttp2, type TlsAsk, tlsSession } from '../acceptance/tls-ask.ts';
import { ingressOf } from '../alb/ingresses.ts';
import { answersWith, Lab } from '../alb/lab.ts';
import { eventually } from '../e2e/eventually.ts';

let lab: Lab;
let port: number;
let a: CertificateAuthority;
let b: CertificateAuthority;
let ofA: TestCertificate;
let ofB: TestCertificate;

const AUTH_TLS = 'nginx.ingress.kubernetes.io/auth-tls';

beforeAll(async () => {
  // a and b have the same name, so that only signatures tell them apart.
  [lab, a, b] = await Promise.all([Lab.start(['app']), createAuthority('ca'), createAuthority('ca')]);
  port = lab.ports.https;
  [ofA, ofB] = await Promise.all([a.issue('client'), b.issue('client')]);
  await lab.home.apply(
    tlsSecret('cert', await selfSigned('a.com')),
    secret('ca-a', a.certificatePem),
    secret('ca-b', b.certificatePem),
    site('a', { [`${AUTH_TLS}-secret`]: 'default/ca-a' }),
    site('b', { [`${AUTH_TLS}-secret`]: 'default/ca-b' }),
    site('optional', { [`${AUTH_TLS}-secret`]: 'default/ca-a', [`${AUTH_TLS}-verify-client`]: 'optional_no_ca' }),
    site('open', {}),
  );
  await eventually(async () => {
    expect(await status({ host: 'a.com', certificate: ofA })).toBe(200);
    expect(await status({ host: 'b.com', certificate: ofB })).toBe(200);
    expect(await status({ host: 'optional.com' })).toBe(200);
    expect(await status({ host: 'open.com' })).toBe(200);
  });
});
afterAll(() => lab.stop());

function secret(name: string, ca: string): Secret {
  const metadata = { name, namespace: 'default' };
  return { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data: { 'ca.crt': base64(ca) } };
}

function site(name: string, annotations: Readonly<Record<string, string>>): Ingress {
  return ingressOf(name, {
    annotations,
    hosts: { [`${name}.com`]: [{}] },
    tls: [{ hosts: [`${name}.com`], secretName: 'cert' }],
  });
}

async function status(options: TlsAsk): Promise<number> {
  return (await askByTls(port, options)).status;
}

const forged = {
  'ssl-client-verify': 'SUCCESS',
  'SSL-Client-Subject-DN': 'CN=root',
  'ssl-client-issuer-dn': 'CN=ca',
  'ssl-client-cert': 'x',
  ssl_client_verify: 'SUCCESS',
  'ssl-client_subject_dn': 'CN=root',
  'X-Forwarded-Client-Cert': 'Hash=mine',
  'x_forwarded-client_cert': 'Hash=mine',
};
const told = (body: string) =>
  Object.entries((JSON.parse(body) as { readonly headers: Readonly<Record<string, string>> }).headers).filter(
    ([name]) => /^(ssl-client|x-forwarded-client)/.test(name.replaceAll('_', '-')),
  );

describe('names of TLS and HTTP that differ', () => {
  test.each([
    { serverName: 'open.com', host: 'a.com', want: 421 },
    { serverName: '', host: 'a.com', want: 'no handshake' },
    { serverName: 'a.com', host: 'b.com', want: 421 },
    { serverName: 'b.com', host: 'a.com', want: 421 },
    { serverName: 'optional.com', host: 'a.com', want: 421 },
    { serverName: 'open.com', host: 'A.COM.', want: 421 },
    { serverName: 'open.com', host: 'a.com:443', want: 421 },
  ])('SNI $serverName, Host $host: $want', async ({ serverName, host, want }) => {
    for (const certificate of [undefined, ofA, ofB]) {
      const got = await status({ serverName, host, certificate }).catch(() => 'no handshake');
      expect(got).toBe(want);
    }
  });

  test('a request line that names the other host', async () => {
    const options = { serverName: 'open.com', host: 'open.com', path: 'https://a.com/', certificate: ofA };
    expect([400, 421]).toContain(await status(options));
  });

  test('HTTP/2: another host on a connection that is there', async () => {
    const session = openHttp2(port, { host: 'open.com', certificate: ofA });
    expect(await http2StatusOf(session, 'open.com')).toBe(200);
    expect(await http2StatusOf(session, 'a.com')).toBe(421);
    session.destroy();
    const guarded = openHttp2(port, { host: 'a.com', certificate: ofA });
    expect(await http2StatusOf(guarded, 'a.com')).toBe(200);
    expect(await http2StatusOf(guarded, 'b.com')).toBe(421);
    expect(await http2StatusOf(guarded, 'a.com')).toBe(200);
    guarded.destroy();
  });
});

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('sessions of %s', (version) => {
  test('one with a certificate cannot be resumed, neither for its host nor for another', async () => {
    const first = await tlsSession(port, { host: 'a.com', certificate: ofA, version });
    if (first.session !== undefined) {
      for (const host of ['a.com', 'b.com', 'open.com']) {
        expect((await tlsSession(port, { host, version, session: first.session })).isResumed).toBe(false);
        expect(await status({ host: 'a.com', serverName: host, version, session: first.session })).not.toBe(200);
      }
    }
  });

  test('one of an open host can, and opens no other host', async () => {
    const { session } = await tlsSession(port, { host: 'open.com', version });
    expect(session).toBeDefined();
    if (session === undefined) return;
    expect((await tlsSession(port, { host: 'open.com', version, session })).isResumed).toBe(true);
    expect(await status({ host: 'a.com', version, session, certificate: ofA })).toBe(421);
    expect(await status({ host: 'a.com', version, certificate: ofA })).toBe(200);
  });
});

test('a session from before its host asked for certificates opens nothing, and is forgotten', async () => {
  const version = 'TLSv1.2' as const;
  await lab.home.apply(site('late', {}));
  await eventually(async () => expect(await status({ host: 'late.com' })).toBe(200));
  const { session } = await tlsSession(port, { host: 'late.com', version });
  expect(session).toBeDefined();
  if (session === undefined) return;
  await lab.home.apply(site('late', { [`${AUTH_TLS}-secret`]: 'default/ca-a' }));
  await eventually(async () => expect(await status({ host: 'late.com' })).toBe(400));
  const client = { host: 'late.com', version, session, certificate: ofA };
  expect(await status(client)).toBe(421);
  expect(await status(client)).toBe(200);
});

describe('certificates that look right', () => {
  test.each([
    { name: 'of an authority of the same name', issue: () => Promise.resolve(ofB) },
    { name: 'self-signed', issue: () => selfSigned('client') },
    { name: 'expired', issue: () => a.issue('client', { notAfter: new Date(Date.now() - 60_000) }) },
    { name: 'for servers', issue: () => a.issue('client', { purpose: 'serverAuth' }) },
    { name: 'behind an authority of another one', issue: async () => (await b.intermediate('mid')).issue('client') },
    {
      name: 'behind too many authorities',
      issue: async () => (await (await a.intermediate('mid')).intermediate('low')).issue('client'),
    },
    {
      name: 'signed by a certificate that is no authority',
      issue: async () => ({
        ...(await b.issue('client')),
        chainPem: `${(await b.issue('x')).chainPem}${ofA.chainPem}`,
      }),
    },
  ])('$name: 400', async ({ issue }) => {
    const answer = await askByTls(port, { host: 'a.com', certificate: await issue() }).catch((error: Error) => error);
    if (!(answer instanceof Error)) expect(answer.status).toBe(400);
  });

  test('for clients: 200', async () => {
    expect(await status({ host: 'a.com', certificate: await a.issue('client', { purpose: 'clientAuth' }) })).toBe(200);
  });

  test('optional_no_ca takes no expired one', async () => {
    const expired = await a.issue('client', { notAfter: new Date(Date.now() - 60_000) });
    expect(await status({ host: 'optional.com', certificate: expired })).toBe(400);
  });
});

describe('headers that only the proxy may say', () => {
  test('on an open host, by TLS and without', async () => {
    expect(told((await askByTls(port, { host: 'open.com', headers: forged })).body)).toEqual([]);
    const plain = await lab.open('plain');
    const rule = {
      dslx: [{ type: 'URL' as const, values: [['STARTS_WITH', '/']] }],
      serviceGroup: group({ app: 100 }),
    };
    await lab.addRule('plain', 'plain', rule);
    expect(told((await answersWith(200, plain, '/', { headers: forged })).body)).toEqual([]);
    // Where the data plane itself sets headers.
    const config = { connectionHeader: 'close' };
    await lab.addRule('plain', 'changed', {
      ...rule,
      dslx: [{ type: 'URL', values: [['EQ', '/changed']] }],
      config,
      priority: -1,
    });
    expect(told((await answersWith(200, plain, '/changed', { headers: forged })).body)).toEqual([]);
  });

  test('on a host without certificate', async () => {
    const { body } = await askByTls(port, { host: 'optional.com', headers: forged });
    expect(told(body)).toEqual([['ssl-client-verify', 'NONE']]);
  });

  test('on a host with one', async () => {
    const { body } = await askByTls(port, { host: 'a.com', headers: forged, certificate: ofA });
    expect(Object.fromEntries(told(body))).toEqual({
      'ssl-client-verify': 'SUCCESS',
      'ssl-client-subject-dn': 'CN=client',
      'ssl-client-issuer-dn': 'CN=ca',
    });
  });
});

describe('behind the firewall, which hands requests back without TLS', () => {
  test('clients are judged, and told to backends, as without', async () => {
    await lab.home.apply(
      site('waf', {
        [`${AUTH_TLS}-secret`]: 'default/ca-a',
        'nginx.ingress.kubernetes.io/enable-modsecurity': 'true',
        'nginx.ingress.kubernetes.io/modsecurity-snippet': 'SecRuleEngine On',
      }),
    );
    await eventually(async () => expect(await status({ host: 'waf.com', certificate: ofA })).toBe(200));
    expect(await status({ host: 'waf.com' })).toBe(400);
    expect(await status({ host: 'waf.com', certificate: ofB })).toBe(400);
    expect(await status({ host: 'waf.com', serverName: 'open.com', certificate: ofA })).toBe(421);
    const headers = { ...forged, 'x-causeway-port': String(port), 'x-causeway-rules': 'x' };
    expect(await status({ host: 'waf.com', headers })).toBe(400);
    const { body } = await askByTls(port, { host: 'waf.com', headers, certificate: ofA });
    expect(Object.fromEntries(told(body))).toMatchObject({ 'ssl-client-subject-dn': 'CN=client' });
    expect(told(body)).toHaveLength(3);
  });
});

describe('on a port that hosts share whose TLS passes through', () => {
  test('clients are judged as on any other', async () => {
    await lab.home.apply(site('raw', { 'nginx.ingress.kubernetes.io/ssl-passthrough': 'true' }));
    // Its backend speaks no TLS.
    await eventually(async () => expect(await status({ host: 'raw.com' }).catch(() => 'passed')).toBe('passed'));
    expect(await status({ host: 'a.com' })).toBe(400);
    expect(await status({ host: 'a.com', certificate: ofB })).toBe(400);
    expect(await status({ host: 'a.com', certificate: ofA })).toBe(200);
    expect(await status({ host: 'a.com', serverName: 'open.com', certificate: ofA })).toBe(421);
  });
});
