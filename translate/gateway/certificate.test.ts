import 'reflect-metadata';
import { generateKeyPairSync, type KeyObject, webcrypto } from 'node:crypto';
import type { Secret } from '@causeway/resources/kinds';
import { Snapshot } from '@causeway/resources/snapshot';
import * as x509 from '@peculiar/x509';
import { beforeAll, describe, expect, test } from 'vitest';
import { translateCertificate } from './certificate.ts';

let leaf: { certificate: string; key: string };
let authority: { certificate: string; key: string };
let otherKey: string;

beforeAll(async () => {
  leaf = await selfSigned('CN=a.com');
  authority = await selfSigned('CN=ca');
  otherKey = pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
});

async function selfSigned(name: string): Promise<{ certificate: string; key: string }> {
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name,
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
  });
  const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { certificate: certificate.toString('pem'), key };
}

function pem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function translate(data: Readonly<Record<string, string>> | undefined) {
  const snapshot = new Snapshot();
  if (data !== undefined) {
    const secret: Secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: 'n', name: 'c' },
      type: 'kubernetes.io/tls',
      data: Object.fromEntries(
        Object.entries(data).map(([name, text]) => [name, Buffer.from(text, 'latin1').toString('base64')]),
      ),
    };
    snapshot.put('Secret', secret);
  }
  const { certificate, problems } = translateCertificate(snapshot.view('test'), 'n/c');
  return { certificate: certificate?.fragment, problems };
}

const compact = (text: string): string => text.replace(/\s/g, '');

test('ALB-108 a pair that fits is taken', () => {
  const { certificate, problems } = translate({ 'tls.crt': leaf.certificate, 'tls.key': leaf.key });
  expect(problems).toEqual([]);
  expect(certificate).toMatchObject({ kind: 'certificate', id: 'n/c' });
  expect(compact(certificate?.chainPem ?? '')).toBe(compact(leaf.certificate));
  expect(compact(certificate?.keyPem ?? '')).toBe(compact(leaf.key));
});

test('ALB-108 ca.crt is appended to the chain', () => {
  const { certificate } = translate({
    'tls.crt': leaf.certificate,
    'tls.key': leaf.key,
    'ca.crt': authority.certificate,
  });
  expect(compact(certificate?.chainPem ?? '')).toBe(compact(leaf.certificate + authority.certificate));
});

describe('ALB-108 a bad Secret is skipped with a problem that shows no key', () => {
  const cases: readonly { name: string; data: () => Readonly<Record<string, string>> | undefined; message: string }[] =
    [
      { name: 'missing', data: () => undefined, message: 'Secret n/c not found' },
      { name: 'empty', data: () => ({}), message: 'data[tls.crt]: not a PEM certificate' },
      {
        name: 'certificate is none',
        data: () => ({ 'tls.crt': 'x', 'tls.key': leaf.key }),
        message: 'data[tls.crt]: not a PEM certificate',
      },
      {
        name: 'certificate is broken',
        data: () => ({ 'tls.crt': leaf.certificate.replace('MII', 'AII'), 'tls.key': leaf.key }),
        message: 'data[tls.crt]: not a PEM certificate',
      },
      {
        name: 'key is none',
        data: () => ({ 'tls.crt': leaf.certificate, 'tls.key': 'x' }),
        message: 'data[tls.key]: not an unencrypted PEM private key',
      },
      {
        name: 'key of another certificate',
        data: () => ({ 'tls.crt': leaf.certificate, 'tls.key': otherKey }),
        message: 'data[tls.key]: does not belong to the certificate',
      },
    ];
  for (const c of cases) {
    test(c.name, () => {
      const { certificate, problems } = translate(c.data());
      expect(certificate).toBeUndefined();
      expect(problems.map(({ message }) => message)).toEqual([c.message]);
    });
  }
});

test('ALB-108 a bad ca.crt is left out', () => {
  const { certificate, problems } = translate({ 'tls.crt': leaf.certificate, 'tls.key': leaf.key, 'ca.crt': 'x' });
  expect(compact(certificate?.chainPem ?? '')).toBe(compact(leaf.certificate));
  expect(problems.map(({ message }) => message)).toEqual([
    'data[ca.crt]: not a PEM certificate; left out of the chain',
  ]);
});
