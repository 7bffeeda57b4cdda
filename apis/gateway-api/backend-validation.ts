import {
  array,
  checked,
  object,
  oneOf,
  optional,
  type Schema,
  string,
  type TypeOf,
  type ValidationRule,
} from '../meta/schema.ts';
import { hostname, preciseHostname } from './names.ts';
import { localReference } from './object-reference.ts';

const DNS_SUBDOMAIN = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*';
const SOME_REFERENCES = 'has(self.caCertificateRefs) && size(self.caCertificateRefs) > 0';
const WELL_KNOWN = "has(self.wellKnownCACertificates) && self.wellKnownCACertificates != ''";

function nameOfType(type: 'Hostname' | 'URI', field: 'hostname' | 'uri'): readonly ValidationRule[] {
  return [
    {
      message: `SubjectAltName element must contain ${type}, if Type is set to ${type}`,
      rule: `self.type != '${type}' || (has(self.${field}) && self.${field} != '')`,
    },
    {
      message: `SubjectAltName element must not contain ${type}, if Type is not set to ${type}`,
      rule: `self.type == '${type}' || !has(self.${field}) || self.${field} == ''`,
    },
  ];
}

const subjectAltName = checked(
  object('A name.', {
    type: oneOf('Kind of the name.', ['Hostname', 'URI']),
    hostname: optional(hostname('Of type Hostname.')),
    uri: optional(
      string('Of type URI, e.g. spiffe://example.com/service.', {
        minLength: 1,
        maxLength: 253,
        pattern: '^(([^:/?#]+):)(//([^/?#]*))([^?#]*)(\\?([^#]*))?(#(.*))?',
      }),
    ),
  }),
  ...nameOfType('Hostname', 'hostname'),
  ...nameOfType('URI', 'uri'),
);

const fields = object('What the certificate of the backend must be.', {
  caCertificateRefs: optional(
    array(
      'Authorities in PEM (ca.crt of a ConfigMap), one of which must have signed it.',
      localReference('PEM in ca.crt.'),
      {
        maxItems: 8,
        list: 'atomic',
      },
    ),
  ),
  wellKnownCACertificates: optional(
    string('System: the authorities that the machine trusts.', {
      minLength: 1,
      maxLength: 253,
      pattern: `^(System|(${DNS_SUBDOMAIN}/([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]))$`,
    }),
  ),
  hostname: preciseHostname('Asked for (SNI), and in the certificate unless subjectAltNames says what is.'),
  subjectAltNames: optional(
    array('Names, one of which the certificate must have.', subjectAltName, { maxItems: 5, list: 'atomic' }),
  ),
});
export type BackendValidation = TypeOf<typeof fields>;

/** How the certificate of a backend is verified. */
export const backendValidation: Schema<BackendValidation> = checked(
  fields,
  {
    message: 'must not contain both CACertificateRefs and WellKnownCACertificates',
    rule: `!(${SOME_REFERENCES} && ${WELL_KNOWN})`,
  },
  {
    message: 'must specify either CACertificateRefs or WellKnownCACertificates',
    rule: `(${SOME_REFERENCES}) || (${WELL_KNOWN})`,
  },
);
