import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import type { TestCertificate } from '@causeway/dataplane/test/certificates';
import {
  BasicConstraintsExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

type WebCrypto = Parameters<typeof X509CertificateGenerator.create>[1];

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' };

/** Signs certificates for tests. */
export interface CertificateAuthority {
  readonly certificatePem: string;
  /** @param commonName also the only alternative name */
  issue(commonName: string): Promise<TestCertificate>;
}

export async function createAuthority(name: string): Promise<CertificateAuthority> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const root = await X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${name}`,
      keys,
      signingAlgorithm: SIGNING,
      extensions: [new BasicConstraintsExtension(true, undefined, true)],
    },
    webcrypto as WebCrypto,
  );
  return {
    certificatePem: root.toString('pem'),
    issue: async (commonName) => {
      const pair = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
      const certificate = await X509CertificateGenerator.create(
        {
          subject: `CN=${commonName}`,
          issuer: root.subject,
          publicKey: pair.publicKey,
          signingKey: keys.privateKey,
          signingAlgorithm: SIGNING,
          extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: commonName }])],
        },
        webcrypto as WebCrypto,
      );
      const key = await webcrypto.subtle.exportKey('pkcs8', pair.privateKey);
      return { chainPem: certificate.toString('pem'), keyPem: PemConverter.encode(key, 'PRIVATE KEY') };
    },
  };
}
