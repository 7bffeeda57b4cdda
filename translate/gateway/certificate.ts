import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { parseObjectKey } from '@causeway/apis/meta/object';
import type { Secret } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import type { ValidCertificate } from './certificate-choice.ts';
import type { Problem } from './problem.ts';

export interface CertificateTranslation {
  /** The Secret. */
  readonly object: Problem['object'];
  /** There is no such Secret. */
  readonly missing: boolean;
  readonly certificate?: ValidCertificate;
  readonly problems: readonly Problem[];
}

/**
 * Secret -> key pair that can be shown to clients: `tls.crt` and `tls.key` that fit, `ca.crt` appended to the chain.
 *
 * Source: spec ALB-108. Messages never hold key material.
 *
 * @param id `namespace/secret`
 */
export function translateCertificate(view: View, id: string): CertificateTranslation {
  const key = parseObjectKey(id);
  const object: Problem['object'] = { kind: 'Secret', key };
  const problem = (reason: Problem['reason'], message: string): Problem => ({
    object,
    reason,
    message,
    severity: 'Warning',
  });
  const refused = (message: string): CertificateTranslation => ({
    object,
    missing: false,
    problems: [problem('InvalidCertificate', message)],
  });
  const secret = view.get('Secret', key);
  if (secret === undefined) {
    return { object, missing: true, problems: [problem('RefNotFound', `Secret ${id} not found`)] };
  }

  const chain = parseChain(dataOf(secret, 'tls.crt'));
  const leaf = chain?.[0];
  if (chain === undefined || leaf === undefined) {
    return refused('data[tls.crt]: not a PEM certificate');
  }
  const privateKey = parseKey(dataOf(secret, 'tls.key'));
  if (privateKey === undefined) {
    return refused('data[tls.key]: not an unencrypted PEM private key');
  }
  if (!leaf.checkPrivateKey(privateKey)) {
    return refused('data[tls.key]: does not belong to the certificate');
  }

  const authority = dataOf(secret, 'ca.crt');
  const authorities = authority.trim() === '' ? [] : parseChain(authority);
  return {
    object,
    missing: false,
    certificate: {
      fragment: {
        kind: 'certificate',
        id,
        chainPem: [...chain, ...(authorities ?? [])].map((certificate) => certificate.toString()).join(''),
        keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      },
      notBefore: Date.parse(leaf.validFrom),
      notAfter: Date.parse(leaf.validTo),
    },
    problems:
      authorities === undefined
        ? [problem('InvalidCertificate', 'data[ca.crt]: not a PEM certificate; left out of the chain')]
        : [],
  };
}

/** The certificates of one entry of a Secret, each as PEM; undefined when it is absent or cannot be read. */
export function certificatesOf(secret: Secret, name: 'tls.crt' | 'ca.crt'): readonly string[] | undefined {
  return parseChain(dataOf(secret, name))?.map((certificate) => certificate.toString());
}

/** Every certificate of a PEM text, each as PEM; undefined when one cannot be read or there is none. */
export function pemCertificates(pem: string): readonly string[] | undefined {
  return parseChain(pem)?.map((certificate) => certificate.toString());
}

const CRL = /-----BEGIN X509 CRL-----[A-Za-z0-9+/=\s]+-----END X509 CRL-----/g;

/** Every list of revoked certificates in a PEM text, each as PEM; undefined when there is none. */
export function pemRevocations(pem: string): readonly string[] | undefined {
  return pem.match(CRL)?.map((list) => `${list}\n`);
}

/** `tls.crt` and `tls.key` as PEM; undefined when the Secret has neither, `unusable` when they do not fit. */
export function keyPairOf(
  secret: Secret,
): { readonly chainPem: string; readonly keyPem: string } | 'unusable' | undefined {
  const [crt, key] = [dataOf(secret, 'tls.crt'), dataOf(secret, 'tls.key')];
  if (crt === '' && key === '') return undefined;
  const chain = parseChain(crt);
  const privateKey = parseKey(key);
  if (chain?.[0] === undefined || privateKey === undefined || !chain[0].checkPrivateKey(privateKey)) return 'unusable';
  return {
    chainPem: chain.map((certificate) => certificate.toString()).join(''),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** The first certificate of the chain; undefined when it cannot be read. */
export function leafOf(secret: Secret): X509Certificate | undefined {
  return parseChain(dataOf(secret, 'tls.crt'))?.[0];
}

function dataOf(secret: Secret, name: string): string {
  return Buffer.from(secret.data?.[name] ?? '', 'base64').toString('latin1');
}

/** Every certificate of a PEM text, in its order; undefined when one cannot be read or there is none. */
function parseChain(pem: string): readonly X509Certificate[] | undefined {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
  if (blocks === null) return undefined;
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return undefined;
  }
}

function parseKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey({ key: pem, format: 'pem' });
  } catch {
    return undefined;
  }
}
