import { isIPv6 } from 'node:net';
import type { Address } from './service-endpoints.ts';

/**
 * What a failed connection is called by programs written in Go: users search for these words.
 *
 * @param servername whom the certificate had to name
 */
export function failureText(error: unknown, { host, port }: Address, servername: string): string {
  const { name, code, message } = Object(error);
  const place = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  if (name === 'AbortError' || name === 'TimeoutError') return 'context deadline exceeded';
  switch (code) {
    case 'ECONNREFUSED':
      return `dial tcp ${place}: connect: connection refused`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `dial tcp: lookup ${host}: no such host`;
    case 'EHOSTUNREACH':
      return `dial tcp ${place}: connect: no route to host`;
    case 'ETIMEDOUT':
      return `dial tcp ${place}: i/o timeout`;
    case 'ECONNRESET':
      return 'EOF';
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'CERT_SIGNATURE_FAILURE':
      return 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `tls: failed to verify certificate: x509: certificate is valid for ${certifiedNames(error)}, not ${servername}`;
    case 'EPROTO':
      return 'http: server gave HTTP response to HTTPS client';
    default:
      return String(message ?? error);
  }
}

/** `DNS:a, IP Address:10.0.0.1` -> `a, 10.0.0.1` */
function certifiedNames(error: unknown): string {
  const names: unknown = Reflect.get(Object(Reflect.get(Object(error), 'cert')), 'subjectaltname');
  return typeof names === 'string' ? names.replaceAll(/(DNS|IP Address):/g, '') : 'other names';
}
