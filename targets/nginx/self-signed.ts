import { webcrypto } from 'node:crypto';

const VALID_MS = 10 * 365 * 24 * 3_600_000;

export interface KeyPairPem {
  readonly certificate: string;
  readonly key: string;
}

/** A P-256 certificate that vouches for itself, for hosts of the machine: nobody else is meant to trust it. */
export async function createSelfSigned(now: Date, hosts: readonly string[] = ['localhost']): Promise<KeyPairPem> {
  // Slow to load, and needed once per instance.
  const x509 = await loadX509();
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=localhost',
    notBefore: now,
    notAfter: new Date(now.getTime() + VALID_MS),
    signingAlgorithm: algorithm,
    keys,
    extensions: [new x509.SubjectAlternativeNameExtension(hosts.map((value) => ({ type: 'dns', value })))],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return { certificate: `${certificate.toString('pem')}\n`, key: `${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n` };
}

async function loadX509(): Promise<typeof import('@peculiar/x509')> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  return x509;
}
