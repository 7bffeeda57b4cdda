/** Certificates of clients (LIM-03; beyond ALB), and TLS with clients. */
import { boolean, integer, object, oneOf, optional, string, type TypeOf } from '../meta/schema.ts';
import { CIPHERS_PATTERN, MAX_VERIFY_DEPTH } from './backend-tls.ts';
import { checkRegex } from './regex.ts';
import { readTemplate } from './template.ts';

export const CLIENT_VERIFICATIONS = ['on', 'off', 'optional', 'optional_no_ca'] as const;

export const clientCertificate = object(
  'Certificates that clients of the host must show on https ports. An empty object switches off what a higher level set.',
  {
    secret: optional(string('Secret `namespace/name`: ca.crt with the authorities, ca.crl with what they revoked.')),
    verify: optional(
      oneOf(
        'on: required; optional: verified where there is one; optional_no_ca: of any authority, the backend decides. Default on.',
        CLIENT_VERIFICATIONS,
      ),
    ),
    verifyDepth: optional(
      integer('Authorities between that of ca.crt and the client at most; default 1.', {
        minimum: 0,
        maximum: MAX_VERIFY_DEPTH,
      }),
    ),
    errorPage: optional(string('URL that clients without a good certificate are sent to; may hold variables.')),
    passToBackend: optional(boolean('Backends get the certificate in ssl-client-cert; default false.')),
    matchCN: optional(string('Regular expression behind `CN=`, for the beginning of the common name; others get 403.')),
  },
);
export type ClientCertificateConfig = TypeOf<typeof clientCertificate>;

export const clientTLS = object('TLS with clients of the host on https ports.', {
  ciphers: optional(string('OpenSSL cipher list for TLS 1.2.', { pattern: CIPHERS_PATTERN })),
  preferServerCiphers: optional(boolean('The order of ciphers is that of the list, not of the client; default true.')),
});
export type ClientTlsConfig = TypeOf<typeof clientTLS>;

/** @returns what is wrong with a {@link ClientCertificateConfig.errorPage} */
export function errorPageMistake(text: string): string | undefined {
  if (!/^https?:\/\/[\x21-\x7e\u0080-\uffff]+$/.test(text)) return 'must be a URL that begins with http:// or https://';
  const read = readTemplate(text);
  return typeof read === 'string' ? read : undefined;
}

const CN = 'CN=';

/** @returns the expression for a common name, anchored at its beginning; or what is wrong */
export function readCommonName(text: string): { readonly pattern: string } | string {
  if (!text.startsWith(CN) || text.length === CN.length) return `must begin with ${CN}, then a regular expression`;
  const expression = text.slice(CN.length);
  const verdict = checkRegex(expression);
  return verdict.dialect === 'invalid' ? verdict.error : { pattern: `^(?:${expression})` };
}
