import { rootCertificates } from 'node:tls';
import { readIfThere } from './optional-file.ts';

/** Where systems keep the authorities that they trust in one file. Source: Go, crypto/x509, root_linux.go. */
const FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

let known: string | undefined;

/**
 * The authorities that this machine trusts, PEM, as they were at the first call; those of Node.js where the machine has no such file.
 * The environment variable `SSL_CERT_FILE` names another one, as for OpenSSL.
 */
export function systemTrustPem(): string {
  known ??= readTrust();
  return known;
}

function readTrust(): string {
  for (const file of [process.env['SSL_CERT_FILE'] ?? '', ...FILES]) {
    const text = file === '' ? '' : readIfThere(file);
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  }
  return rootCertificates.join('\n');
}
