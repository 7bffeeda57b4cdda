import { type ConnectionOptions, connect as connectTls, type SecureVersion, type TLSSocket } from 'node:tls';
import { selfSigned } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { ALB_NAMESPACE } from '../acceptance/installation.ts';
import { group, tlsSecret } from '../acceptance/objects.ts';
import { asked } from '../e2e/asked.ts';
import { eventually } from '../e2e/eventually.ts';
import { ALB, Lab } from './lab.ts';
import { alpn, http2Status, shown } from './tls-client.ts';

let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await Lab.start(['app'], { workerLimit: 2 });
  await lab.home.apply(tlsSecret('tls', await selfSigned('a.example')));
  port = await lab.open('tls', {
    protocol: 'https',
    certificate_name: 'default/tls',
    serviceGroup: group({ app: 100 }),
  });
  await lab.addRule('tls', 'named', {
    dslx: [{ type: 'HOST', values: [['EQ', 'a.com']] }],
    serviceGroup: group({ app: 100 }),
    domain: 'a.com',
    certificate_name: 'default/tls',
  });
  await eventually(async () => expect(await shown(port, 'a.com')).toBe('a'));
});
afterAll(() => lab.stop());

interface Negotiated {
  readonly protocol: string;
  readonly cipher: string;
  readonly curve: string;
}

/** What was negotiated, or `refused`. */
function negotiated(options: ConnectionOptions): Promise<Negotiated> {
  asked.times += 1;
  return new Promise((resolve) => {
    const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options }, () => {
      const key = socket.getEphemeralKeyInfo();
      const curve = key !== null && 'name' in key ? (key.name ?? '') : '';
      resolve({ protocol: socket.getProtocol() ?? '', cipher: socket.getCipher().name, curve });
      socket.destroy();
    });
    socket.on('error', () => resolve({ protocol: 'refused', cipher: '', curve: '' }));
  });
}

function only(version: SecureVersion): ConnectionOptions {
  return { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' };
}

/** A request on a connection of its own. @returns the session it ends with, and whether it resumed `session` */
async function visit(
  version: SecureVersion,
  session?: Buffer,
): Promise<{ readonly session: Buffer; readonly resumed: boolean }> {
  let latest: Buffer | undefined;
  const socket: TLSSocket = connectTls({
    ...{ host: '127.0.0.1', port, rejectUnauthorized: false, minVersion: version, maxVersion: version },
    ...(session !== undefined && { session }),
  });
  socket.on('session', (got: Buffer) => {
    latest = got;
  });
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
  });
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await eventually(() => expect(answer).toContain('200 OK'));
  const resumed = socket.isSessionReused();
  socket.destroy();
  return { session: latest ?? session ?? Buffer.alloc(0), resumed };
}

describe('ALB-97 protocols', () => {
  test('TLS 1.1 fails, 1.2 and 1.3 work', async () => {
    expect((await negotiated(only('TLSv1.1'))).protocol).toBe('refused');
    expect((await negotiated(only('TLSv1.2'))).protocol).toBe('TLSv1.2');
    expect((await negotiated(only('TLSv1.3'))).protocol).toBe('TLSv1.3');
  });

  test('AEAD suites only; the server prefers', async () => {
    const tls12 = (ciphers: string) => negotiated({ ...only('TLSv1.2'), ciphers });
    expect((await tls12('ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA')).protocol).toBe('refused');
    const suites = ['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-AES128-GCM-SHA256'];
    const chosen = await tls12(suites.join(':'));
    expect(await tls12(suites.toReversed().join(':'))).toEqual(chosen);
    for (const suite of suites) expect((await tls12(suite)).cipher).toBe(suite);
  });

  test('the cheap curves come first; clients that know only secp384r1 are served (ADR 0009)', async () => {
    expect((await negotiated({})).curve).toBe('X25519');
    for (const curve of ['X25519', 'prime256v1', 'secp384r1']) {
      expect((await negotiated({ ecdhCurve: curve })).curve).toBe(curve);
    }
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    '%s: a session is resumed by whichever worker takes the connection',
    async (version) => {
      let { session } = await visit(version);
      for (let i = 0; i < 12; i += 1) {
        const next = await visit(version, session);
        expect(next.resumed).toBe(true);
        session = next.session;
      }
    },
  );

  test('ALPN h2; enableHTTP2 "false": http/1.1', async () => {
    expect(await alpn(port)).toBe('h2');
    expect(await http2Status(port, '/a')).toBe(200);
    await lab.home.kubectl([
      ...['patch', 'alb2', ALB, '-n', ALB_NAMESPACE, '--type=merge'],
      ...['-p', '{"spec":{"config":{"enableHTTP2":"false"}}}'],
    ]);
    await eventually(async () => expect(await alpn(port)).toBe('http/1.1'));
    expect(await ask(port, '/a', { serverName: 'a.com' })).toMatchObject({ status: 200 });
  });
});
