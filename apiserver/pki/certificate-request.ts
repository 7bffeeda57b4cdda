import { createPublicKey, verify } from 'node:crypto';
import { DER, DerError, derItems, derValues } from './der.ts';
import { type Subject, subjectIn } from './subject.ts';

/** A request for a certificate. Its signature says that who asks has the key. */
export interface CertificateRequest {
  readonly subject: Subject;
  readonly der: Buffer;
}

const PEM = /-----BEGIN ([^\n-]+)-----\r?\n([\s\S]*?)-----END \1-----/;

/** By the content of the object identifier, in hexadecimal digits. Source: RFC 3279, RFC 4055, RFC 5758, RFC 8410. */
const DIGESTS: Readonly<Record<string, string | null>> = {
  '2a864886f70d010105': 'sha1',
  '2a864886f70d01010b': 'sha256',
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
  '2a8648ce3d0401': 'sha1',
  '2a8648ce3d040302': 'sha256',
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
  // Ed25519 digests by itself.
  '2b6570': null,
};

/**
 * Reads a request in PEM, and verifies its signature.
 *
 * Source: RFC 2986 (PKCS #10).
 *
 * @returns what is wrong, in words for people, when it cannot be read or is not signed by its key
 */
export function readCertificateRequest(text: string): CertificateRequest | string {
  const [, label, body = ''] = PEM.exec(text) ?? [];
  if (label !== 'CERTIFICATE REQUEST') return 'PEM block type must be CERTIFICATE REQUEST';
  const der = Buffer.from(body.replace(/^[^\n]*:[^\n]*\n/gm, ''), 'base64');
  try {
    return verified(der);
  } catch (error) {
    if (error instanceof DerError) return `asn1: ${error.message}`;
    if (error instanceof Error && 'code' in error) return `x509: unreadable public key: ${error.message}`;
    throw error;
  }
}

function verified(der: Buffer): CertificateRequest | string {
  const [request, trailing] = derValues(der);
  if (trailing !== undefined) throw new DerError('syntax error: trailing data');
  const [info, algorithm, signature] = derItems(request, DER.sequence);
  const [, name, key] = derItems(info, DER.sequence);
  const [identifier] = derItems(algorithm, DER.sequence);
  if (info === undefined || key === undefined || signature?.tag !== DER.bitString || identifier === undefined) {
    throw new DerError('structure error: no certificate request');
  }
  const subject = subjectIn(name);
  const digest = DIGESTS[identifier.content.toString('hex')];
  if (digest === undefined) return 'x509: cannot verify signature: algorithm unimplemented';
  const publicKey = createPublicKey({ key: key.whole, format: 'der', type: 'spki' });
  // The first byte of a bit string tells how many bits of the last are unused: none.
  if (verify(digest, info.whole, publicKey, signature.content.subarray(1))) return { subject, der };
  return publicKey.asymmetricKeyType === 'rsa'
    ? 'crypto/rsa: verification error'
    : `x509: ${publicKey.asymmetricKeyType === 'ec' ? 'ECDSA' : 'Ed25519'} verification failure`;
}
