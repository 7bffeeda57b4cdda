import 'reflect-metadata';
import { webcrypto as crypto } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import {
  BasicConstraintsExtension,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from './client.ts';
import type { Kubeconfig } from './kubeconfig.ts';
import { answerJson, startTestServer, type TestServer } from './test-server.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

interface Issued {
  readonly certificate: X509Certificate;
  readonly keys: crypto.CryptoKeyPair;
  readonly certPem: string;
  readonly keyPem: string;
}

async function issue(name: string, issuer?: Issued, host?: string): Promise<Issued> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const notBefore = new Date(Date.now() - 60_000);
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: issuer?.certificate.subject ?? `CN=${name}`,
    publicKey: keys.publicKey,
    signingKey: issuer?.keys.privateKey ?? keys.privateKey,
    signingAlgorithm: algorithm,
    notBefore,
    notAfter: new Date(Date.now() + 3_600_000),
    extensions: [
      new BasicConstraintsExtension(issuer === undefined),
      ...(host === undefined
        ? []
        : [new SubjectAlternativeNameExtension([{ type: /^\d/.test(host) ? 'ip' : 'dns', value: host }])]),
    ],
  });
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const keyPem = `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`;
  return { certificate, keys, certPem: certificate.toString('pem'), keyPem };
}

let ca: Issued;
let user: Issued;
let server: TestServer;
let namedServer: TestServer;

beforeAll(async () => {
  ca = await issue('test CA');
  user = await issue('alice', ca);
  const start = async (host: string) => {
    const { certPem, keyPem } = await issue('server', ca, host);
    const tls = { cert: certPem, key: keyPem, ca: ca.certPem, requestCert: true, rejectUnauthorized: false };
    return startTestServer((request, response) => {
      const socket = request.socket as TLSSocket;
      const name = socket.authorized ? String(socket.getPeerCertificate().subject.CN) : 'anonymous';
      answerJson(response, 200, { metadata: { name } });
    }, tls);
  };
  server = await start('127.0.0.1');
  namedServer = await start('api.example');
});
afterAll(async () => {
  await server.close();
  await namedServer.close();
});

async function nameSeen(to: TestServer, credentials: Partial<Kubeconfig>): Promise<string | undefined> {
  const client = createClient({ server: to.url, namespace: 'default', ...credentials });
  const node = { group: '', version: 'v1', kind: 'Node', plural: 'nodes', namespaced: false };
  try {
    return (await client.get(node, { namespace: '', name: 'x' }))?.metadata.name;
  } finally {
    await client.close();
  }
}

test('the CA of the kubeconfig is trusted', async () => {
  expect(await nameSeen(server, { ca: ca.certPem })).toBe('anonymous');
});

test('another CA is not', async () => {
  const other = await issue('other CA');
  const refused = { name: 'ConnectionError', code: 'unreachable' };
  await expect(nameSeen(server, { ca: other.certPem })).rejects.toMatchObject(refused);
  await expect(nameSeen(server, {})).rejects.toMatchObject(refused);
});

test('unless told to skip verification', async () => {
  expect(await nameSeen(server, { insecureSkipTlsVerify: true })).toBe('anonymous');
});

test('a client certificate names the user', async () => {
  const credentials = { ca: ca.certPem, clientCertificate: user.certPem, clientKey: user.keyPem };
  expect(await nameSeen(server, credentials)).toBe('alice');
});

test('the name in the certificate must be the host, or tls-server-name', async () => {
  await expect(nameSeen(namedServer, { ca: ca.certPem })).rejects.toMatchObject({ code: 'unreachable' });
  expect(await nameSeen(namedServer, { ca: ca.certPem, tlsServerName: 'api.example' })).toBe('anonymous');
});
