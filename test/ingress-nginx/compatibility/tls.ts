import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { connect } from 'node:tls';
import type { CompatibilityBench } from './bench.ts';
import type { CompatibilityCase } from './case.ts';

const SECRET = { 'auth-tls-secret': '{namespace}/trust' };

interface TlsAnswer {
  readonly status: number;
  readonly location: string;
  readonly seen: Readonly<Record<string, string>>;
}

/** With a certificate of the CA in Secret `trust`, for CN=the client, or without. */
async function get(bench: CompatibilityBench, host: string, withCertificate: boolean, path = '/'): Promise<TlsAnswer> {
  const { chainPem, keyPem } = await bench.authority.issue('the client');
  const sent = request({
    ...{ host: '127.0.0.1', port: bench.lab.https, path, agent: false, headers: { host } },
    ...{ servername: host, rejectUnauthorized: false },
    ...(withCertificate ? { cert: chainPem, key: keyPem } : {}),
  });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let body = '';
  for await (const part of response.setEncoding('utf8')) body += String(part);
  const { statusCode: status = 0, headers } = response;
  const seen = status === 200 ? (JSON.parse(body) as { headers: Record<string, string> }).headers : {};
  return { status, location: headers.location ?? '', seen };
}

async function statuses(bench: CompatibilityBench, host: string): Promise<{ with: number; without: number }> {
  return { with: (await get(bench, host, true)).status, without: (await get(bench, host, false)).status };
}

/** The cipher that a client of TLS 1.2 gets; '' when there is none. */
function cipherOf(bench: CompatibilityBench, servername: string, ciphers: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(
      {
        host: '127.0.0.1',
        port: bench.lab.https,
        servername,
        ciphers,
        maxVersion: 'TLSv1.2',
        rejectUnauthorized: false,
      },
      () => {
        resolve(socket.getCipher().name);
        socket.destroy();
      },
    );
    socket.on('error', () => resolve(''));
  });
}

/** Groups CertificateAuth, SSLCipher, SSLPassthrough. */
export const TLS: readonly CompatibilityCase[] = [
  {
    of: ['auth-tls-secret', 'auth-tls-verify-client'],
    does: 'answers 400 to who shows no certificate of that CA',
    annotations: { ...SECRET, 'auth-tls-verify-client': 'on' },
    tls: true,
    check: async (bench, host) => assert.deepEqual(await statuses(bench, host), { with: 200, without: 400 }),
  },
  {
    of: ['auth-tls-secret'],
    does: 'alone is verification',
    annotations: SECRET,
    tls: true,
    check: async (bench, host) => assert.deepEqual(await statuses(bench, host), { with: 200, without: 400 }),
  },
  {
    of: ['auth-tls-verify-client', 'auth-tls-verify-depth'],
    does: 'off: nobody is asked',
    annotations: { ...SECRET, 'auth-tls-verify-client': 'off', 'auth-tls-verify-depth': '2' },
    tls: true,
    check: async (bench, host) => assert.deepEqual(await statuses(bench, host), { with: 200, without: 200 }),
  },
  {
    of: ['auth-tls-error-page'],
    does: 'is where clients without certificate are sent',
    annotations: { ...SECRET, 'auth-tls-error-page': 'http://errors.test/error' },
    tls: true,
    check: async (bench, host) => {
      const { status, location } = await get(bench, host, false);
      assert.deepEqual([status, location], [302, 'http://errors.test/error']);
      assert.equal((await get(bench, host, true)).status, 200);
    },
  },
  {
    of: ['auth-tls-pass-certificate-to-upstream'],
    does: 'true: backends get the certificate, URL-encoded',
    annotations: { ...SECRET, 'auth-tls-pass-certificate-to-upstream': 'true' },
    tls: true,
    check: async (bench, host) => {
      assert.equal((await get(bench, host, false)).status, 400);
      const { seen } = await get(bench, host, true);
      assert.match(seen['ssl-client-cert'] ?? '', /^-----BEGIN%20CERTIFICATE-----%0A/);
      assert.equal(seen['ssl-client-verify'], 'SUCCESS');
      assert.equal(seen['ssl-client-subject-dn'], 'CN=the client');
    },
  },
  {
    of: ['auth-tls-match-cn'],
    does: 'answers 403 when the name of the certificate does not match',
    annotations: { ...SECRET, 'auth-tls-match-cn': 'CN=nobody' },
    tls: true,
    check: async (bench, host) => assert.equal((await get(bench, host, true)).status, 403),
  },
  {
    of: ['auth-tls-match-cn'],
    does: 'is a regular expression',
    annotations: { ...SECRET, 'auth-tls-match-cn': 'CN=(nobody|somebody|the client)' },
    tls: true,
    check: async (bench, host) => assert.equal((await get(bench, host, true)).status, 200),
  },
  {
    of: ['ssl-ciphers', 'ssl-prefer-server-ciphers'],
    does: 'are the ciphers of the host up to TLS 1.2, in that order',
    annotations: {
      'ssl-ciphers': 'ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305',
      'ssl-prefer-server-ciphers': 'true',
    },
    tls: 'site',
    check: async (bench, host) => {
      assert.match(await cipherOf(bench, host, 'HIGH'), /CHACHA20/);
      assert.equal(await cipherOf(bench, host, 'ECDHE-ECDSA-AES256-GCM-SHA384'), '');
    },
  },
  {
    of: ['ssl-passthrough'],
    does: 'hands the connection to the backend, which shows its own certificate',
    annotations: { 'ssl-passthrough': 'true' },
    paths: [{ path: '/', service: 'secure' }],
    requests: [{ tls: true, backend: 'secure', body: /"serverName":"c\d+\.test"/ }],
  },
];
