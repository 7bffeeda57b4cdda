import { createPrivateKey, webcrypto, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { writePrivateFile } from './private-file.ts';

/** PEM texts. */
export interface Credentials {
  readonly caCertificate: string;
  readonly certificate: string;
  readonly key: string;
}

const DAY_MS = 24 * 3600_000;
const CA_DAYS = 3650;
const SERVER_DAYS = 365;
/** A server certificate is replaced when it has less than this left. */
const RENEW_DAYS = 60;

/** Names by which the server is addressed, on this machine and by programs made for a cluster. */
const NAMES = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', '127.0.0.1', '::1'];

/** Of the keys that the server makes, and of what it signs. */
export const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** With the key of the authority. */
export interface SignedCredentials extends Credentials {
  readonly caKey: string;
}

/**
 * The certificate authority of one data directory and the server certificate it signed, made when they are missing, no longer
 * fit or expire soon. The authority itself stays, so that kubeconfigs stay valid.
 *
 * @param directory private; made when it is absent
 * @param address what the server binds, besides the usual names
 */
export async function serverCredentials(directory: string, address: string, now: Date): Promise<Credentials> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const present: Partial<Record<keyof SignedCredentials, string>> = {};
  for (const [part, file] of Object.entries(FILES) as [keyof SignedCredentials, string][]) {
    const place = join(directory, file);
    if (existsSync(place)) present[part] = readFileSync(place, 'utf8');
  }
  const { caKey, ...made } = await renewedCredentials(present, [...new Set([...NAMES, address])], now);
  const texts = { caKey, ...made };
  // The authority before what it signed: a start that was cut short goes on with it.
  for (const [part, file] of Object.entries(FILES) as [keyof SignedCredentials, string][]) {
    if (texts[part] !== present[part]) writePrivateFile(join(directory, file), texts[part]);
  }
  return made;
}

const FILES: Readonly<Record<keyof SignedCredentials, string>> = {
  caKey: 'ca.key',
  caCertificate: 'ca.crt',
  key: 'apiserver.key',
  certificate: 'apiserver.crt',
};

/**
 * What is `present`, where all of it is, fits these names and does not end soon; else a new server certificate, of the same
 * authority when there is one.
 *
 * @param names of hosts, and addresses
 */
export async function renewedCredentials(
  present: Partial<SignedCredentials>,
  names: readonly string[],
  now: Date,
): Promise<SignedCredentials> {
  const { caCertificate, caKey, certificate, key } = present;
  const hasAuthority = caCertificate !== undefined && caKey !== undefined;
  if (hasAuthority && certificate !== undefined && key !== undefined) {
    const whole = { caCertificate, caKey, certificate, key };
    if (isFit(whole, names, now)) return whole;
  }
  // Slow to load, and needed about once a year.
  const x509 = await loadX509();
  const authority = hasAuthority ? await readAuthority(caCertificate, caKey) : await createAuthority(x509, now);
  const made = await createServerCertificate(x509, authority, names, now);
  return { caCertificate: authority.certificateText, caKey: authority.keyText, ...made };
}

export interface ClientSubject {
  readonly name: string;
  readonly groups: readonly string[];
  readonly days: number;
}

/** A certificate that proves to the server of this directory who somebody is. It holds until it ends: there is no list of revoked ones. */
export interface ClientCredentials extends Credentials {
  readonly expires: Date;
}

/**
 * @param directory of {@link serverCredentials}
 * @throws Error when there is no authority yet
 */
export async function clientCredentials(
  directory: string,
  { name, groups, days }: ClientSubject,
  now: Date,
): Promise<ClientCredentials> {
  const authority = await openAuthority(directory);
  const x509 = await loadX509();
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const expires = new Date(now.getTime() + days * DAY_MS);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [{ CN: [name] }, ...groups.map((group) => ({ O: [group] }))],
    issuer: authority.subject,
    // The clock of a client may be behind.
    notBefore: new Date(now.getTime() - 300_000),
    notAfter: expires,
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: authority.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
    ],
  });
  return {
    caCertificate: authority.certificateText,
    certificate: `${certificate.toString('pem')}\n`,
    key: await keyText(keys.privateKey),
    expires,
  };
}

/** Who signs; see {@link openAuthority}. */
export interface Authority {
  readonly certificateText: string;
  readonly keyText: string;
  readonly subject: string;
  readonly privateKey: webcrypto.CryptoKey;
}

type X509 = typeof import('@peculiar/x509');

/** The package that writes certificates. It is slow to load. */
export async function loadX509(): Promise<X509> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  return x509;
}

function isFit({ caCertificate, certificate, key }: Credentials, names: readonly string[], now: Date): boolean {
  const server = new X509Certificate(certificate);
  const authority = new X509Certificate(caCertificate);
  return (
    server.verify(authority.publicKey) &&
    server.checkPrivateKey(createPrivateKey(key)) &&
    Date.parse(server.validTo) - now.getTime() > RENEW_DAYS * DAY_MS &&
    names.every((name) => (isIP(name) ? server.checkIP(name) : server.checkHost(name)) !== undefined)
  );
}

/**
 * @param directory of {@link serverCredentials}
 * @throws Error when there is no authority yet
 */
export function openAuthority(directory: string): Promise<Authority> {
  const textOf = (part: 'caCertificate' | 'caKey'): string => readFileSync(join(directory, FILES[part]), 'utf8');
  return readAuthority(textOf('caCertificate'), textOf('caKey'));
}

async function createAuthority(x509: X509, now: Date): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const name = 'CN=causeway-ca';
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name,
    notBefore: new Date(now.getTime() - DAY_MS),
    notAfter: new Date(now.getTime() + CA_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    certificateText: `${certificate.toString('pem')}\n`,
    keyText: await keyText(keys.privateKey),
    subject: certificate.subject,
    privateKey: keys.privateKey,
  };
}

async function readAuthority(certificateText: string, keyText: string): Promise<Authority> {
  const bytes = createPrivateKey(keyText).export({ format: 'der', type: 'pkcs8' });
  const privateKey = await webcrypto.subtle.importKey('pkcs8', bytes, ALGORITHM, false, ['sign']);
  return { certificateText, keyText, subject: new X509Certificate(certificateText).subject, privateKey };
}

async function createServerCertificate(
  x509: X509,
  authority: Authority,
  names: readonly string[],
  now: Date,
): Promise<{ readonly certificate: string; readonly key: string }> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: 'CN=causeway-apiserver',
    issuer: authority.subject,
    notBefore: new Date(now.getTime() - DAY_MS),
    notAfter: new Date(now.getTime() + SERVER_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: authority.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value })),
      ),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: await keyText(keys.privateKey) };
}

/** A random one, positive and without leading zeros, as DER wants it. */
export function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  return `4${Buffer.from(bytes).toString('hex').slice(1)}`;
}

async function keyText(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'pkcs8' })
    .toString();
}
