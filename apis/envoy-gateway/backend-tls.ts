import { secretReference } from '../gateway-api/object-reference.ts';
import { array, object, oneOf, optional, string, type TypeOf } from '../meta/schema.ts';

const TLS_VERSIONS = ['Auto', '1.0', '1.1', '1.2', '1.3'] as const;

/** How TLS is spoken to backends, whoever they are. Source: Envoy Gateway v1.7, BackendTLSConfig. */
export const backendTlsFields = {
  clientCertificateRef: optional(secretReference('What is shown to those that ask for a certificate.')),
  minVersion: optional(oneOf('Oldest version of TLS; absent: 1.2.', TLS_VERSIONS)),
  maxVersion: optional(oneOf('Newest version; absent: 1.3.', TLS_VERSIONS)),
  ciphers: optional(array('For TLS up to 1.2, by the names of OpenSSL.', string('Name.'))),
};

export const backendTls = object('TLS towards backends that it is spoken to.', backendTlsFields, {
  preserveUnknown: true,
});
/** Fields besides are preserved, and told. */
export type BackendTlsConfig = TypeOf<typeof backendTls>;
