/** TLS towards backends (spec ALB-107). Beyond ALB: LIM-12, ingress-nginx IN-16. */
import { array, boolean, integer, object, oneOf, optional, string, type TypeOf } from '../meta/schema.ts';

export const TLS_PROTOCOLS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
export type TlsProtocol = (typeof TLS_PROTOCOLS)[number];

export const MAX_VERIFY_DEPTH = 100;
/** A host name, which is all that can stand in a server name indication (RFC 6066). */
export const SERVER_NAME_PATTERN = '^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$';
/** Names of suites, and the words and signs of an OpenSSL cipher list. */
export const CIPHERS_PATTERN = '^[A-Za-z0-9!+@=_-]+(:[A-Za-z0-9!+@=_-]+)*$';

export const backendTLS = object('TLS to backends with backendProtocol https and grpcs.', {
  secret: optional(
    string('Secret `namespace/name`: ca.crt to verify backends with, tls.crt and tls.key to show to them.'),
  ),
  verify: optional(boolean('Backends must show a certificate that ca.crt has signed; default false.')),
  verifyDepth: optional(
    integer('Longest chain of certificates; default 1.', { minimum: 0, maximum: MAX_VERIFY_DEPTH }),
  ),
  name: optional(
    string(
      'Name that the certificate must be for; default the Host set for backends, else <service>.<namespace>.svc.',
      {
        pattern: SERVER_NAME_PATTERN,
      },
    ),
  ),
  sendName: optional(boolean('Send the name as server name indication; default false.')),
  protocols: optional(array('Versions; default TLSv1.2 and TLSv1.3.', oneOf('Version.', TLS_PROTOCOLS))),
  ciphers: optional(string('OpenSSL cipher list for TLS 1.2; default that of OpenSSL.', { pattern: CIPHERS_PATTERN })),
});
export type BackendTlsConfig = TypeOf<typeof backendTLS>;
