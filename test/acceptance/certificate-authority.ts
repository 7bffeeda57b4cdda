import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import type { TestCertificate } from '@causeway/dataplane/test/certificates';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
} from '@peculiar/x509';

type WebCrypto = Parameters<typeof X509CertificateGenerator.create>[1];
type KeyPair = Awaited<ReturnType<typeof generateKeys>>;

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' };
const DAY_MS = 86_400_000;

/** Signs certificates for tests. */
export interface CertificateAuthority {
  readonly certificatePem: string;
  /** @param commonName also the only alternative name, unless the options say more */
  issue(commonName: string, options?: IssueOptions): Promise<TestCertificate>;
  /** An authority that this one has signed; its certificates come with its own. */
  intermediate(name: string): Promise<CertificateAuthority>;
  /** A list of revoked certificates. */
  revoke(...certificates: readonly TestCertificate[]): Promise<string>;
}

export interface IssueOptions {
  /** Default a year from now. */
  readonly notAfter?: Date;
  /** Default: for everything. */
  readonly purpose?: 'serverAuth' | 'clientAuth';
  /** Default the common name alone. */
  readonly subject?: string;
  /** Beside the common name. */
  readonly uris?: readonly string[];
  /** The same: an otherName with the number 1.3.6.1.4.1.311.20.2.3. */
  readonly principal?: string;
}

export async function createAuthority(name: string): Promise<CertificateAuthority> {
  const keys = await generateKeys();
  const root = await X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${name}`,
      keys,
      signingAlgorithm: SIGNING,
      extensions: [new BasicConstraintsExtension(true, undefined, true)],
    },
    webcrypto as WebCrypto,
  );
  return authorityOf(root, keys, '');
}

/** @param chainPem comes behind what it signs */
function authorityOf(own: X509Certificate, keys: KeyPair, chainPem: string): CertificateAuthority {
  const certificatePem = own.toString('pem');
  return {
    certificatePem,
    issue: async (commonName, { notAfter, purpose, subject = `CN=${commonName}`, uris = [], principal } = {}) => {
      const pair = await generateKeys();
      const certificate = await X509CertificateGenerator.create(
        {
          subject,
          issuer: own.subject,
          publicKey: pair.publicKey,
          signingKey: keys.privateKey,
          signingAlgorithm: SIGNING,
          ...(notAfter && { notBefore: new Date(notAfter.getTime() - DAY_MS), notAfter }),
          extensions: [
            new SubjectAlternativeNameExtension([
              { type: 'dns', value: commonName },
              ...uris.map((value) => ({ type: 'url', value }) as const),
              ...(principal === undefined ? [] : [{ type: 'upn', value: principal } as const]),
            ]),
            ...(purpose === undefined ? [] : [new ExtendedKeyUsageExtension([ExtendedKeyUsage[purpose]])]),
          ],
        },
        webcrypto as WebCrypto,
      );
      const key = await webcrypto.subtle.exportKey('pkcs8', pair.privateKey);
      return {
        chainPem: `${certificate.toString('pem')}\n${chainPem}`,
        keyPem: PemConverter.encode(key, 'PRIVATE KEY'),
      };
    },
    intermediate: async (name) => {
      const pair = await generateKeys();
      const certificate = await X509CertificateGenerator.create(
        {
          subject: `CN=${name}`,
          issuer: own.subject,
          publicKey: pair.publicKey,
          signingKey: keys.privateKey,
          signingAlgorithm: SIGNING,
          extensions: [new BasicConstraintsExtension(true, undefined, true)],
        },
        webcrypto as WebCrypto,
      );
      return authorityOf(certificate, pair, `${certificate.toString('pem')}\n${chainPem}`);
    },
    revoke: async (...certificates) => {
      const list = await X509CrlGenerator.create(
        {
          issuer: own.subject,
          signingKey: keys.privateKey,
          signingAlgorithm: SIGNING,
          entries: certificates.map(({ chainPem: pem }) => ({
            serialNumber: new X509Certificate(pem.slice(0, pem.indexOf('-----END') + 25)).serialNumber,
          })),
        },
        webcrypto as WebCrypto,
      );
      // The label that OpenSSL reads.
      return list.toString('pem').replaceAll(/(BEGIN|END) CRL/g, '$1 X509 CRL');
    },
  };
}

function generateKeys() {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}
