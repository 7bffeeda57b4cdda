import type { ObjectOfKind } from '../meta/crd.ts';
import { array, checked, object, oneOf, optional, string } from '../meta/schema.ts';
import { backendValidation } from './backend-validation.ts';
import { AGE_COLUMN, gatewayApiKind } from './bundle.ts';
import { conditions } from './condition.ts';
import { controllerName, portNumber, preciseHostname } from './names.ts';
import { secretReference } from './object-reference.ts';
import { parentReference } from './parent-reference.ts';

/** A backend outside. Source: Gateway API, XBackend, which upstream still tries out. */
export type XBackend = ObjectOfKind<typeof XBackendKind>;

const port = object('Its port.', {
  name: optional(
    checked(string('By which it is referred to.', { maxLength: 63 }), {
      message: 'Name must be a valid DNS label',
      rule: "self == '' || format.dns1123Label().validate(self) == null",
    }),
  ),
  port: portNumber('Number.'),
});

const tls = checked(
  object('How connections are encrypted.', {
    mode: oneOf('None; ServerOnly: TLS; ClientAndServer: with a certificate of ours.', [
      'None',
      'ServerOnly',
      'ClientAndServer',
    ]),
    clientCertificateRef: optional(secretReference('The certificate that it is shown.')),
    validation: optional(backendValidation),
  }),
  {
    message: 'clientCertificateRef must be set if and only if mode is ClientAndServer',
    rule: "(self.mode == 'ClientAndServer') == has(self.clientCertificateRef)",
  },
);

const spec = checked(
  object('Where it is.', {
    type: oneOf('What it is.', ['ExternalHostname']),
    externalHostname: optional(
      object('Of type ExternalHostname.', {
        hostname: checked(preciseHostname('Name that DNS knows.'), {
          message: 'hostname must not be an IP address or end with .cluster.local',
          rule: "!self.endsWith('.cluster.local')",
        }),
      }),
    ),
    port,
    protocol: optional(oneOf('What it speaks.', ['TCP', 'HTTP', 'HTTP2', 'HTTP11', 'H2C', 'MCP'])),
    tls: optional(tls),
  }),
  {
    message: 'externalHostname must be set when type is ExternalHostname and must be unset otherwise',
    rule: "(self.type == 'ExternalHostname') == has(self.externalHostname)",
  },
);

const status = object('What became of it.', {
  parents: optional(
    array(
      'One entry for each object that uses it, and controller.',
      object('At one parent.', {
        parentRef: parentReference,
        controllerName: controllerName('Who says so.'),
        conditions: optional(conditions('Accepted and others.', { maxItems: 'any' })),
      }),
      { maxItems: 32, list: 'atomic' },
    ),
  ),
});

export const XBackendKind = gatewayApiKind({
  kind: 'XBackend',
  plural: 'xbackends',
  shortNames: ['xbackend'],
  experimentalGroup: true,
  storage: 'v1alpha1',
  versions: [{ name: 'v1alpha1', description: 'A backend outside.', spec, status, columns: [AGE_COLUMN] }],
});
