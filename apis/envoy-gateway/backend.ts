import { conditions } from '../gateway-api/condition.ts';
import { preciseHostname } from '../gateway-api/names.ts';
import { localReference } from '../gateway-api/object-reference.ts';
import type { ObjectOfKind } from '../meta/crd.ts';
import { array, boolean, checked, integer, object, oneOf, optional, string, type TypeOf } from '../meta/schema.ts';
import { backendTlsFields } from './backend-tls.ts';
import { envoyGatewayKind, unserved } from './bundle.ts';

/** Endpoints that are no Service. Source: Envoy Gateway v1.7, Backend. */
export type Backend = ObjectOfKind<typeof BackendKind>;

const OCTET = '(25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)';
const IPV6 = '(([0-9a-fA-F]{1,4}:){1,7}[0-9a-fA-F]{1,4}|::|(([0-9a-fA-F]{1,4}:){0,5})?(:[0-9a-fA-F]{1,4}){1,2})';
const PROTOCOLS = ['gateway.envoyproxy.io/h2c', 'gateway.envoyproxy.io/ws', 'gateway.envoyproxy.io/wss'] as const;

const port = integer('Port.', { minimum: 0, maximum: 65_535, format: 'int32' });

const endpoint = checked(
  object('One of them.', {
    fqdn: optional(object('By its name, which DNS knows.', { hostname: preciseHostname('Name.'), port })),
    ip: optional(
      object('By its address.', {
        address: string('IPv4 or IPv6.', {
          minLength: 3,
          maxLength: 45,
          pattern: `^(${OCTET}\\.){3}${OCTET}$|^${IPV6}$`,
        }),
        port,
      }),
    ),
    unix: optional(
      object('A socket of the machine. Not served.', {
        path: checked(string('Its path.'), {
          message: 'unix domain socket path must not exceed 108 characters',
          rule: 'size(self) <= 108',
        }),
      }),
    ),
    hostname: optional(preciseHostname('Its name, where backends are told theirs.')),
    zone: optional(string('Zone that it is in.')),
  }),
  { message: 'one of fqdn, ip or unix must be specified', rule: 'has(self.fqdn) || has(self.ip) || has(self.unix)' },
  {
    message: 'only one of fqdn, ip or unix can be specified',
    rule: '!((has(self.fqdn) && (has(self.ip) || has(self.unix))) || (has(self.ip) && has(self.unix)))',
  },
);
export type BackendEndpoint = TypeOf<typeof endpoint>;

const SOME_REFERENCES = 'has(self.caCertificateRefs) && size(self.caCertificateRefs) > 0';
const WELL_KNOWN = "has(self.wellKnownCACertificates) && self.wellKnownCACertificates != ''";
const SKIPS = 'has(self.insecureSkipVerify) && self.insecureSkipVerify';

const tls = checked(
  object('Connections are encrypted.', {
    caCertificateRefs: optional(
      array('Authorities, under ca.crt.', localReference('A ConfigMap or Secret.'), { maxItems: 8 }),
    ),
    wellKnownCACertificates: optional(oneOf('Authorities that the machine trusts.', ['System'])),
    insecureSkipVerify: optional(boolean('Any certificate will do.', { default: false })),
    sni: optional(preciseHostname('Name that is asked for and verified; absent: the name of the endpoints.')),
    ...backendTlsFields,
    ecdhCurves: optional(unserved('Curves.')),
    signatureAlgorithms: optional(unserved('Signatures.')),
    alpnProtocols: optional(unserved('Protocols that are offered.')),
  }),
  {
    message: 'must not contain both CACertificateRefs and WellKnownCACertificates',
    rule: `!(${SOME_REFERENCES} && ${WELL_KNOWN})`,
  },
  {
    message: 'must not contain either CACertificateRefs or WellKnownCACertificates when InsecureSkipVerify is enabled',
    rule: `!((${SKIPS}) && ((${SOME_REFERENCES}) || (${WELL_KNOWN})))`,
  },
);
export type BackendTls = TypeOf<typeof tls>;

const endpoints = checked(array('Where requests go.', endpoint, { minItems: 1, maxItems: 256 }), {
  message: 'fqdn addresses cannot be mixed with other address types',
  rule: 'self.all(f, has(f.fqdn)) || !self.exists(f, has(f.fqdn))',
});

const spec = checked(
  object('Where requests go.', {
    type: optional(
      oneOf('DynamicResolver: where the Host of the request says. Not served.', ['Endpoints', 'DynamicResolver'], {
        default: 'Endpoints',
      }),
    ),
    endpoints: optional(endpoints),
    appProtocols: optional(array('What they speak.', oneOf('Protocol.', PROTOCOLS))),
    fallback: optional(boolean('Only while no other backend of the rule is well.')),
    tls: optional(tls),
  }),
  {
    message: 'DynamicResolver type cannot have endpoints specified',
    rule: "!has(self.type) || self.type != 'DynamicResolver' || !has(self.endpoints)",
  },
);

export const BackendKind = envoyGatewayKind({
  kind: 'Backend',
  plural: 'backends',
  shortName: 'be',
  description: 'Endpoints that are no Service.',
  spec,
  status: object('What became of it.', { conditions: optional(conditions('Accepted.')) }),
});
