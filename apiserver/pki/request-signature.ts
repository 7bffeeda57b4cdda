import { X509Certificate } from 'node:crypto';
import { ALGORITHM, loadX509, openAuthority, serialNumber } from './authority.ts';
import type { CertificateRequest } from './certificate-request.ts';

/** Uses of a key of a client, as CertificateSigningRequests name them. */
export type ClientUsage = 'client auth' | 'digital signature' | 'key encipherment';

export interface RequestedUse {
  readonly usages: readonly ClientUsage[];
  /** How long it should hold; a year when absent, which is also the longest. */
  readonly seconds: number | undefined;
}

const YEAR_SECONDS = 365 * 86_400;
const SHORTEST_SECONDS = 600;
/** Clocks of others may be behind. */
const BACKDATED_MS = 300_000;
/** What holds for less is not cut by that at its end. */
const SHORT_SECONDS = 8 * 3600;
const ALTERNATIVE_NAMES = '2.5.29.17';

/**
 * A certificate by which the server knows who made the request: with its subject, its key and its alternative names, and nothing else of it.
 *
 * Source: Kubernetes pkg/controller/certificates/signer, authority (PermissiveSigningPolicy).
 *
 * @param directory of `serverCredentials`
 * @returns PEM
 * @throws Error when there is no authority, or it has expired
 */
export async function signRequest(
  directory: string,
  { der }: CertificateRequest,
  { usages, seconds = YEAR_SECONDS }: RequestedUse,
  now: Date,
): Promise<string> {
  const authority = await openAuthority(directory);
  const end = Date.parse(new X509Certificate(authority.certificateText).validTo);
  if (end <= now.getTime()) throw new Error('the certificate of the authority has expired');
  const x509 = await loadX509();
  const request = new x509.Pkcs10CertificateRequest(der);
  const names = request.getExtension(ALTERNATIVE_NAMES);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: request.subjectName,
    issuer: authority.subject,
    notBefore: new Date(now.getTime() - BACKDATED_MS),
    notAfter: new Date(Math.min(end, endOf(Math.min(Math.max(seconds, SHORTEST_SECONDS), YEAR_SECONDS), now))),
    signingAlgorithm: ALGORITHM,
    publicKey: request.publicKey,
    signingKey: authority.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      ...keyUsages(x509, usages),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      ...(names === null ? [] : [names]),
    ],
  });
  return `${certificate.toString('pem')}\n`;
}

function endOf(seconds: number, now: Date): number {
  return now.getTime() + seconds * 1000 - (seconds < SHORT_SECONDS ? 0 : BACKDATED_MS);
}

function keyUsages(x509: Awaited<ReturnType<typeof loadX509>>, usages: readonly ClientUsage[]) {
  const { digitalSignature, keyEncipherment } = x509.KeyUsageFlags;
  const flags =
    (usages.includes('digital signature') ? digitalSignature : 0) |
    (usages.includes('key encipherment') ? keyEncipherment : 0);
  return flags === 0 ? [] : [new x509.KeyUsagesExtension(flags, true)];
}
