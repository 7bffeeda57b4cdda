import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { JsonObject } from '../schema/json.ts';

const KEYS = {
  ec: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  rsa: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  },
  ed25519: { name: 'Ed25519' },
} as const;

export type KeyKind = keyof typeof KEYS;

/** Both PEM. */
export interface MadeRequest {
  readonly request: string;
  readonly key: string;
}

/** A key, and a request for a certificate for it. */
export async function makeRequest(
  subject: string,
  { kind = 'ec', host }: { readonly kind?: KeyKind; readonly host?: string } = {},
): Promise<MadeRequest> {
  const algorithm = KEYS[kind];
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const names = host === undefined ? [] : [{ type: 'dns' as const, value: host }];
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subject,
    keys,
    signingAlgorithm: algorithm,
    extensions: names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)],
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' });
  return { request: `${request.toString('pem')}\n`, key: key.toString() };
}

export function signingRequest(name: string, request: string, spec: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec: {
      request: Buffer.from(request).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['client auth', 'digital signature'],
      ...spec,
    },
  };
}
