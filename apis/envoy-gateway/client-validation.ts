import { secretReference } from '../gateway-api/object-reference.ts';
import { array, boolean, object, optional, string, type TypeOf } from '../meta/schema.ts';
import { stringMatch, stringMatchFields } from './string-match.ts';

const names = (description: string) => optional(array(description, stringMatch('Names.')));

/** Which certificates clients show. Source: Envoy Gateway v1.7, ClientValidationContext. */
export const clientValidation = object('Clients show a certificate.', {
  optional: optional(boolean('They may also show none.')),
  caCertificateRefs: optional(
    array('Authorities, under the key ca.crt.', secretReference('A Secret or ConfigMap.'), { maxItems: 8 }),
  ),
  subjectAltNames: optional(
    object('It must be for one of these names.', {
      dnsNames: names('Of hosts.'),
      emailAddresses: names('For mail.'),
      ipAddresses: names('IP addresses.'),
      uris: names('URIs.'),
      otherNames: optional(
        array(
          'Others.',
          object('A name.', { oid: string('Its kind, e.g. 1.3.6.1.4.1.311.20.2.3.'), ...stringMatchFields }),
        ),
      ),
    }),
  ),
  spkiHashes: optional(
    array('It must have one of these keys, or one of certificateHashes.', string('SHA-256 of a key, in base64.')),
  ),
  certificateHashes: optional(
    array('It must be one of these, or have one of spkiHashes.', string('SHA-256 of a certificate, hexadecimal.')),
  ),
  crl: optional(
    object('Certificates that are revoked.', {
      refs: array('Lists of them as PEM, under the key ca.crl.', secretReference('A Secret or ConfigMap.'), {
        minItems: 1,
        maxItems: 8,
      }),
      onlyVerifyLeafCertificate: optional(boolean('Authorities between are not looked up.')),
    }),
  ),
});
export type ClientValidation = TypeOf<typeof clientValidation>;
