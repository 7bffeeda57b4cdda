/** TLS ports and which ports an Ingress gets: spec ALB section 8, ALB-17 and ALB-36. */
import { connect as connectHttp2 } from 'node:http2';
import { Agent } from 'node:https';
import { type ConnectionOptions, connect as connectTls, type SecureVersion } from 'node:tls';
import { selfSigned, type TestCertificate } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { eventually } from '../e2e/eventually.ts';
import type { AlbPorts } from '../e2e/quick-start.ts';
import { freePort } from '../e2e/traffic.ts';
import { type EchoBackend, startEchoBackend } from './echo-backend.ts';
import { ask } from './http-request.ts';
import { ALB_NAMESPACE, Installation } from './installation.ts';
import { base64, frontend, group, ingress, rule, serviceTo, tlsSecret } from './objects.ts';

let home: Installation;
let app: EchoBackend;
let port: number;
const certificates: Record<string, TestCertificate> = {};

beforeAll(async () => {
  [home, app] = await Promise.all([Installation.start(), startEchoBackend('app')]);
  for (const name of ['a', 'wild', 'fallback', 'other']) {
    certificates[name] = await selfSigned(`${name}.example`);
    await home.apply(tlsSecret(name, certificates[name]));
  }
  await home.apply(...serviceTo(app));
});

afterAll(async () => {
  await home.stop();
  await app.close();
});

/** Name of the certificate shown for that SNI, or `fails`. */
function shown(toPort: number, serverName: string): Promise<string> {
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port: toPort, rejectUnauthorized: false };
    const socket = connectTls({ ...options, ...(serverName !== '' && { servername: serverName }) }, () => {
      const { subject } = socket.getPeerCertificate();
      resolve(String(subject.CN).replace('.example', ''));
      socket.destroy();
    });
    socket.on('error', () => resolve('fails'));
  });
}

describe('a port with certificates (ALB-108, ALB-109)', () => {
  let ports: AlbPorts;

  beforeAll(async () => {
    ports = await home.addAlb('sni');
    port = await freePort();
    const own = (name: string) => ({ alb: 'sni', frontend: 'sni-tls', name });
    const everything = [{ type: 'URL' as const, values: [['STARTS_WITH', '/a']] }];
    const broken = { ...tlsSecret('broken', { chainPem: 'no certificate', keyPem: 'no key' }) };
    const mismatched = tlsSecret('mismatched', {
      chainPem: certificates['a']?.chainPem ?? '',
      keyPem: certificates['other']?.keyPem ?? '',
    });
    const withCertificate = (domain: string, secret: string) => ({
      dslx: [{ type: 'HOST' as const, values: [['EQ', domain]] }],
      serviceGroup: group({ app: 100 }),
      domain,
      certificate_name: `default/${secret}`,
    });
    await home.apply(
      broken,
      mismatched,
      frontend('sni', 'sni-tls', port, { protocol: 'https', certificate_name: 'default/fallback' }),
      rule(own('path'), { dslx: everything, serviceGroup: group({ app: 100 }) }),
      rule(own('exact'), withCertificate('a.com', 'a')),
      rule(own('wildcard'), { ...withCertificate('x.e.com', 'wild'), domain: '*.e.com' }),
      rule(own('broken'), withCertificate('broken.com', 'broken')),
      rule(own('mismatched'), withCertificate('mismatched.com', 'mismatched')),
      rule(own('missing'), withCertificate('missing.com', 'missing')),
    );
    await eventually(async () => {
      expect(await shown(port, 'a.com')).toBe('a');
      expect(await shown(port, 'c.e.com')).toBe('wild');
      expect(await shown(port, '')).toBe('fallback');
    });
  });

  const cases = [
    { serverName: 'a.com', want: 'a' },
    { serverName: 'A.Com', want: 'a' },
    { serverName: 'c.e.com', want: 'wild' },
    { serverName: 'x.c.e.com', want: 'fails' },
    { serverName: 'e.com', want: 'fails' },
    { serverName: 'b.com', want: 'fails' },
    { serverName: '', want: 'fallback' },
    { serverName: 'broken.com', want: 'fails' },
    { serverName: 'mismatched.com', want: 'fails' },
    { serverName: 'missing.com', want: 'fails' },
  ];
  test.each(cases)('SNI "$serverName": $want', async ({ serverName, want }) => {
    expect(await shown(port, serverName)).toBe(want);
  });

  test('the rule is chosen by Host, not by SNI; without a rule 404', async () => {
    expect(await ask(port, '/a', { serverName: 'a.com', host: 'elsewhere.com' })).toMatchObject({ status: 200 });
    expect(await ask(port, '/none', { serverName: 'a.com', host: 'elsewhere.com' })).toMatchObject({ status: 404 });
  });

  test('with FallbackDefaultPortCert an unknown name gets the default', async () => {
    const key = 'alb.cpaas.io/nginx-env';
    await home.kubectl(['annotate', 'alb2', 'sni', '-n', ALB_NAMESPACE, `${key}={"FallbackDefaultPortCert":"true"}`]);
    await eventually(async () => expect(await shown(port, 'b.com')).toBe('fallback'));
    expect(await ask(port, '/a', { serverName: 'b.com', host: 'b.com' })).toMatchObject({ status: 200 });
    await home.kubectl(['annotate', 'alb2', 'sni', '-n', ALB_NAMESPACE, `${key}-`]);
    await eventually(async () => expect(await shown(port, 'b.com')).toBe('fails'));
  });

  test('a broken Secret is told, and serves as soon as it is mended', async () => {
    await eventually(async () => {
      const events = await home.kubectl(['get', 'events', '-A']);
      expect(events).toMatch(/Warning .*broken/);
      expect(events).not.toContain('PRIVATE KEY');
    });
    const good = certificates['other'] ?? { chainPem: '', keyPem: '' };
    await home.apply(tlsSecret('broken', good));
    await eventually(async () => expect(await shown(port, 'broken.com')).toBe('other'));
    // And the other way round: what was shown stays away once the Secret is broken.
    await home.apply({ ...tlsSecret('broken', good), data: { 'tls.crt': base64('x'), 'tls.key': base64('y') } });
    await eventually(async () => expect(await shown(port, 'broken.com')).toBe('fails'));
    expect(await shown(port, 'a.com')).toBe('a');
  });

  test('versions of TLS (ALB-97)', async () => {
    const negotiated = (version: SecureVersion) =>
      new Promise<string>((resolve) => {
        const options: ConnectionOptions = {
          ...{ host: '127.0.0.1', port, servername: 'a.com', rejectUnauthorized: false },
          ...{ minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' },
        };
        const socket = connectTls(options, () => {
          resolve(socket.getProtocol() ?? '');
          socket.destroy();
        });
        socket.on('error', () => resolve('refused'));
      });
    expect(await negotiated('TLSv1.1')).toBe('refused');
    expect(await negotiated('TLSv1.2')).toBe('TLSv1.2');
    expect(await negotiated('TLSv1.3')).toBe('TLSv1.3');
  });

  test('HTTP/2 by ALPN; enableHTTP2 "false": HTTP/1.1 (ALB-97)', async () => {
    expect(await alpn(port)).toBe('h2');
    expect(await http2Status(port, '/a')).toBe(200);
    await home.kubectl([
      ...['patch', 'alb2', 'sni', '-n', ALB_NAMESPACE, '--type=merge'],
      ...['-p', '{"spec":{"config":{"enableHTTP2":"false"}}}'],
    ]);
    await eventually(async () => expect(await alpn(port)).toBe('http/1.1'));
    expect(await ask(port, '/a', { serverName: 'a.com' })).toMatchObject({ status: 200 });
  });

  test('WebSocket over TLS (ALB-104)', async () => {
    const socket = new WebSocket(`wss://127.0.0.1:${port}/a`, {
      agent: new Agent({ servername: 'a.com', rejectUnauthorized: false }),
    });
    const answer = await new Promise<string>((resolve, reject) => {
      socket.on('open', () => socket.send('hello'));
      socket.on('message', (data) => resolve(String(data)));
      socket.on('error', reject);
    });
    expect(answer).toBe('app: hello');
    socket.terminate();
    expect(ports.https).toBeGreaterThan(0);
  });
});

describe('HTTP or HTTPS for an Ingress (ALB-17), default certificate (ALB-36)', () => {
  let ports: AlbPorts;
  const bySecret = (annotations: Record<string, string> = {}) =>
    ingress('plain', '/', 'app', { className: 'strategy', host: 'b.com', annotations });

  beforeAll(async () => {
    ports = await home.addAlb('strategy', { defaultSSLCert: 'default/fallback' });
    await home.apply(bySecret(), ingress('secured', '/', 'app', { className: 'strategy', host: 'a.com', tls: 'a' }));
    await eventually(async () => expect(await answers('a.com')).toEqual({ http: 404, https: 200 }));
  });

  async function answers(host: string): Promise<{ http: number; https: number | 'fails' }> {
    const secure = ask(ports.https, '/', { host, serverName: host }).then(
      ({ status }) => status,
      () => 'fails' as const,
    );
    return { http: (await ask(ports.http, '/', { host })).status, https: await secure };
  }

  async function setStrategy(defaultSSLStrategy: string): Promise<void> {
    const patch = JSON.stringify({ spec: { config: { defaultSSLStrategy } } });
    await home.kubectl(['patch', 'alb2', 'strategy', '-n', ALB_NAMESPACE, '--type=merge', '-p', patch]);
  }

  const enable = 'alb.networking.cpaas.io/enable-https';
  const cases = [
    { strategy: 'Never', annotations: {}, want: { http: 200, https: 'fails' } },
    { strategy: 'Both', annotations: {}, want: { http: 200, https: 200 } },
    { strategy: 'Always', annotations: {}, want: { http: 404, https: 200 } },
    { strategy: 'Always', annotations: { [enable]: 'false' }, want: { http: 200, https: 404 } },
    { strategy: 'Request', annotations: { [enable]: 'true' }, want: { http: 404, https: 'fails' } },
    { strategy: 'Request', annotations: { [enable]: 'false' }, want: { http: 200, https: 'fails' } },
  ] as const;
  test.each(cases)('$strategy, $annotations', async ({ strategy, annotations, want }) => {
    await setStrategy(strategy);
    await home.apply(bySecret(annotations));
    await eventually(async () => expect(await answers('b.com')).toEqual(want));
    if (want.https === 200) expect(await shown(ports.https, 'b.com')).toBe('fallback');
    // The host with a certificate is where it was.
    expect(await answers('a.com')).toEqual({ http: 404, https: 200 });
    expect(await shown(ports.https, 'a.com')).toBe('a');
  });

  test('one certificate of several hosts serves all of them on both ports', async () => {
    await setStrategy('Never');
    const mixed = ingress('mixed', '/', 'app', { className: 'strategy', host: 'c.com', tls: 'other' });
    const [first] = mixed.spec?.rules ?? [];
    await home.apply({ ...mixed, spec: { ...mixed.spec, rules: [first, { ...first, host: 'd.com' }] } });
    await eventually(async () => expect(await answers('c.com')).toEqual({ http: 200, https: 200 }));
    await eventually(async () => expect(await answers('d.com')).toEqual({ http: 200, https: 'fails' }));
    expect((await home.list('Rule')).filter(({ spec }) => spec.source?.name === 'mixed')).toHaveLength(4);
  });
});

function alpn(toPort: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const protocols = { ALPNProtocols: ['h2', 'http/1.1'] };
    const options = { host: '127.0.0.1', port: toPort, servername: 'a.com', rejectUnauthorized: false, ...protocols };
    const socket = connectTls(options, () => {
      resolve(String(socket.alpnProtocol));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

function http2Status(toPort: number, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`https://127.0.0.1:${toPort}`, { servername: 'a.com', rejectUnauthorized: false });
    session.on('error', reject);
    const stream = session.request({ ':path': path, ':authority': 'a.com' });
    stream.on('response', (headers) => {
      resolve(Number(headers[':status']));
      stream.resume();
      session.close();
    });
    stream.on('error', reject);
  });
}
