/** PEM as Routes hold it. No message here holds any of it. */
import { createPrivateKey, X509Certificate } from 'node:crypto';

/** The certificates of a text; undefined: none, or one that cannot be read. */
export function certificatesOf(text: string): readonly X509Certificate[] | undefined {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  try {
    const certificates = blocks.map((block) => new X509Certificate(block));
    return certificates.length === 0 ? undefined : certificates;
  } catch {
    return undefined;
  }
}

/** Why a certificate and a key cannot be shown to clients; undefined: they can. */
export function keyPairMistake(certificate: string, key: string): string | undefined {
  const [leaf] = certificatesOf(certificate) ?? [];
  if (leaf === undefined) return 'certificate is no PEM certificate';
  try {
    return leaf.checkPrivateKey(createPrivateKey(key)) ? undefined : 'key does not belong to the certificate';
  } catch {
    return 'key is no unencrypted PEM private key';
  }
}
