/** What holds for all TLS of a Gateway, instead of one listener: who clients are, and who it is for backends. */
import { array, checked, object, oneOf, optional } from '../meta/schema.ts';
import { portNumber } from './names.ts';
import { objectReference, secretReference } from './object-reference.ts';

const frontendTls = {
  validation: optional(
    object('Certificates of clients; absent: they need none.', {
      caCertificateRefs: array('Authorities, one of which must have signed it.', objectReference('PEM in ca.crt.'), {
        minItems: 1,
        maxItems: 16,
        list: 'atomic',
      }),
      mode: optional(
        oneOf(
          'AllowInsecureFallback: who has none, or a wrong one, is let in too, and backends are told.',
          ['AllowValidOnly', 'AllowInsecureFallback'],
          { default: 'AllowValidOnly' },
        ),
      ),
    }),
  ),
};

export const gatewayTls = object('TLS of the whole Gateway.', {
  backend: optional(
    object('Towards backends.', {
      clientCertificateRef: optional(secretReference('The certificate that it shows them.')),
    }),
  ),
  frontend: optional(
    object('Towards clients.', {
      default: object('For ports that perPort does not name.', frontendTls),
      perPort: optional(
        checked(
          array(
            'For single ports.',
            object('For one port.', {
              port: portNumber('The port.'),
              tls: object('Instead of the default.', frontendTls),
            }),
            { maxItems: 64, list: ['port'] },
          ),
          {
            message: 'Port for TLS configuration must be unique within the Gateway',
            rule: 'self.all(t1, self.exists_one(t2, t1.port == t2.port))',
          },
        ),
      ),
    }),
  ),
});
