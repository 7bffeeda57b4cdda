/** Certificates are parsed when they are pushed, so that a handshake only sets pointers. */
import type { CData } from 'ffi';
import { parse_pem_cert, parse_pem_priv_key } from 'ngx.ssl';
import type { CertificateRecord } from '../policy/record.ts';

export interface Certificate {
  readonly chain: CData;
  readonly key: CData;
}

/** @returns the certificate, or what is wrong with its PEM */
export function parseCertificate(record: CertificateRecord): LuaMultiReturn<[Certificate] | [undefined, string]> {
  const [chain, chainProblem] = parse_pem_cert(record.chainPem);
  if (chain === undefined) return $multi(undefined, chainProblem ?? 'no certificate');
  const [key, keyProblem] = parse_pem_priv_key(record.keyPem);
  if (key === undefined) return $multi(undefined, keyProblem ?? 'no key');
  return $multi({ chain, key });
}
