import { duration, headerName } from '../gateway-api/names.ts';
import { policyStatus } from '../gateway-api/policy-status.ts';
import type { ObjectOfKind } from '../meta/crd.ts';
import { array, boolean, checked, integer, object, oneOf, optional, string, type TypeOf } from '../meta/schema.ts';
import { envoyGatewayKind, unserved } from './bundle.ts';
import { clientValidation } from './client-validation.ts';
import { network } from './network.ts';
import { policyTargetFields, targetRules } from './policy-target.ts';
import { size } from './size.ts';
import { stringMatch } from './string-match.ts';
import { tcpKeepalive } from './tcp-keepalive.ts';

/** How clients connect. Source: Envoy Gateway v1.7, ClientTrafficPolicy. */
export type ClientTrafficPolicy = ObjectOfKind<typeof ClientTrafficPolicyKind>;

const VERSIONS = ['Auto', '1.0', '1.1', '1.2', '1.3'] as const;
/** `Auto` is the oldest as a minimum and the newest as a maximum. */
const RANKS = '"1.0":1,"1.1":2,"1.2":3,"1.3":4';

const tls = checked(
  object('How connections are encrypted.', {
    minVersion: optional(oneOf('Oldest version of TLS; absent: 1.2.', VERSIONS)),
    maxVersion: optional(oneOf('Newest version; absent: 1.3.', VERSIONS)),
    ciphers: optional(array('For TLS up to 1.2, by the names of OpenSSL.', string('Name.'))),
    clientValidation: optional(clientValidation),
    alpnProtocols: optional(
      array('Protocols that are offered; absent: h2 and http/1.1.', oneOf('Protocol.', ['http/1.0', 'http/1.1', 'h2'])),
    ),
    ecdhCurves: optional(array('For the key exchange: X25519, P-256, P-384, P-521.', string('Name.'))),
    signatureAlgorithms: optional(array('What is signed with, by the names of RFC 8446.', string('Name.'))),
    session: optional(object('Sessions, which are taken up again in any case.', {}, { preserveUnknown: true })),
    fingerprints: optional(unserved('What is noted of clients.')),
  }),
  {
    message: 'setting ciphers has no effect if the minimum possible TLS version is 1.3',
    rule: "has(self.minVersion) && self.minVersion == '1.3' ? !has(self.ciphers) : true",
  },
  {
    message: 'minVersion must be smaller or equal to maxVersion',
    rule:
      `has(self.minVersion) && has(self.maxVersion) ? {"Auto":0,${RANKS}}[self.minVersion] <= {${RANKS},"Auto":5}[self.maxVersion] : ` +
      `(!has(self.minVersion) && has(self.maxVersion) ? 3 <= {${RANKS},"Auto":5}[self.maxVersion] : true)`,
  },
);
export type ClientTls = TypeOf<typeof tls>;

const header = object('A header.', {
  name: headerName('Name.'),
  value: string('Value.', { minLength: 1, maxLength: 4096 }),
});

const forwardedCertificate = checked(
  object('What X-Forwarded-Client-Cert tells backends.', {
    mode: optional(
      oneOf(
        'Whether it is taken off, passed on, or written of the certificate that the client has shown.',
        ['Sanitize', 'ForwardOnly', 'AppendForward', 'SanitizeSet', 'AlwaysForwardOnly'],
        { default: 'Sanitize' },
      ),
    ),
    certDetailsToAdd: optional(
      array('Beside the hash of the certificate.', oneOf('Part of it.', ['Subject', 'Cert', 'Chain', 'DNS', 'URI']), {
        maxItems: 5,
      }),
    ),
  }),
  {
    message: 'certDetailsToAdd can only be set when mode is AppendForward or SanitizeSet',
    rule: "(has(self.certDetailsToAdd) && self.certDetailsToAdd.size() > 0) ? (self.mode == 'AppendForward' || self.mode == 'SanitizeSet') : true",
  },
);
export type ForwardedCertificate = TypeOf<typeof forwardedCertificate>;

function headerChanges(description: string) {
  const list = (what: string) => optional(array(what, header, { minItems: 1, maxItems: 64 }));
  return optional(
    object(description, {
      set: list('Replace what is there.'),
      add: list('Come beside what is there.'),
      addIfAbsent: list('Come where there is none.'),
      remove: optional(array('Are taken off.', string('Name.'), { minItems: 1, maxItems: 64 })),
      removeOnMatch: optional(
        array('Are taken off by the form of their names.', stringMatch('Names.'), { minItems: 1, maxItems: 64 }),
      ),
    }),
  );
}

const headers = checked(
  object('Headers of requests and answers.', {
    earlyRequestHeaders: headerChanges('Of requests, before they are routed.'),
    lateResponseHeaders: headerChanges('Of answers.'),
    withUnderscoresAction: optional(
      oneOf('What becomes of names with _; absent: RejectRequest.', ['Allow', 'RejectRequest', 'DropHeader']),
    ),
    enableEnvoyHeaders: optional(boolean('Headers of Envoy, of which there are none.')),
    disableRateLimitHeaders: optional(boolean('Refusals of limits of rates say nothing of the limit (X-RateLimit-*).')),
    preserveXRequestID: optional(boolean('Deprecated: see requestID.')),
    requestID: optional(
      oneOf('Whether backends get X-Request-ID; absent: as the client sends it.', [
        'PreserveOrGenerate',
        'Preserve',
        'Generate',
        'Disable',
      ]),
    ),
    xForwardedClientCert: optional(forwardedCertificate),
  }),
  {
    message: 'preserveXRequestID and requestID cannot both be set.',
    rule: '!(has(self.preserveXRequestID) && has(self.requestID))',
  },
);
export type ClientHeaders = TypeOf<typeof headers>;

const clientIPDetection = checked(
  object('Who the client is, where proxies stand before the Gateway.', {
    xForwardedFor: optional(
      checked(
        object('By the header X-Forwarded-For.', {
          numTrustedHops: optional(integer('So many proxies stand before it.', { minimum: 0, format: 'int32' })),
          trustedCIDRs: optional(array('Networks of proxies.', network('CIDR.'), { minItems: 1 })),
        }),
        {
          message: 'only one of numTrustedHops or trustedCIDRs must be set',
          rule: 'has(self.numTrustedHops) != has(self.trustedCIDRs)',
        },
      ),
    ),
    customHeader: optional(
      object('By another header.', {
        name: string('Name.', { minLength: 1, maxLength: 255, pattern: '^[A-Za-z0-9-]+$' }),
        failClosed: optional(boolean('Requests without it are answered 403.')),
      }),
    ),
  }),
  {
    message: 'customHeader cannot be used in conjunction with xForwardedFor',
    rule: '!(has(self.xForwardedFor) && has(self.customHeader))',
  },
);

const timeout = object('How long things may take.', {
  tcp: optional(object('Connections.', { idleTimeout: optional(duration('Without a byte.')) })),
  http: optional(
    object('Requests.', {
      idleTimeout: optional(duration('Between requests of a connection.')),
      requestReceivedTimeout: optional(duration('Until a request is there.')),
      streamIdleTimeout: optional(duration('Without a byte of a request or answer.')),
    }),
  ),
});

const connectionLimit = object('How many connections there may be.', {
  value: optional(integer('At once.', { minimum: 1, format: 'int64' })),
  closeDelay: optional(duration('How long those beyond wait for their end.')),
  maxConnectionDuration: optional(duration('How long one lives.')),
  maxRequestsPerConnection: optional(integer('Of one.', { minimum: 1, format: 'int32' })),
  maxStreamDuration: optional(duration('How long a request lives.')),
});

const spec = checked(
  object('How clients connect, and where that holds.', {
    ...policyTargetFields,
    tls: optional(tls),
    headers: optional(headers),
    timeout: optional(timeout),
    settings: optional(
      object('Deprecated: what stands here belongs one level higher.', {
        timeout: optional(unserved('As timeout, of which the other one wins.')),
      }),
    ),
    clientIPDetection: optional(clientIPDetection),
    connection: optional(
      object('Connections.', {
        connectionLimit: optional(connectionLimit),
        bufferLimit: optional(size('Of a request body that is held in memory.')),
        socketBufferLimit: optional(unserved('Buffers of the system.')),
        maxAcceptPerSocketEvent: optional(unserved('How many are taken at once.')),
      }),
    ),
    proxyProtocol: optional(
      object('Connections begin with a header of the PROXY protocol.', {
        optional: optional(boolean('Those without are served too.')),
      }),
    ),
    enableProxyProtocol: optional(boolean('Deprecated: see proxyProtocol.')),
    tcpKeepalive: optional(tcpKeepalive),
    path: optional(
      object('What is made of paths.', {
        escapedSlashesAction: optional(
          oneOf('What becomes of %2F and %5C; absent: UnescapeAndRedirect.', [
            'KeepUnchanged',
            'RejectRequest',
            'UnescapeAndForward',
            'UnescapeAndRedirect',
          ]),
        ),
        disableMergeSlashes: optional(boolean('Routes tell // from /.')),
      }),
    ),
    scheme: optional(
      oneOf('Which scheme backends are told by HTTP/2; absent: MatchBackend, that of their connection.', [
        'Preserve',
        'MatchBackend',
      ]),
    ),
    http1: optional(
      object('HTTP/1.1, and 1.0.', {
        preserveHeaderCase: optional(boolean('Names of headers keep their letters, which they always do.')),
        enableTrailers: optional(unserved('Headers after a body.')),
        http10: optional(
          object('HTTP/1.0, which is always there.', {
            useDefaultHost: optional(boolean('For requests without Host.')),
          }),
        ),
        disableSafeMaxConnectionDuration: optional(unserved('How connections end.')),
      }),
    ),
    http2: optional(
      object('HTTP/2.', {
        maxConcurrentStreams: optional(
          integer('Requests of one connection at once.', { minimum: 1, maximum: 2_147_483_647, format: 'int64' }),
        ),
        initialStreamWindowSize: optional(size('Bytes of a request on their way.')),
        initialConnectionWindowSize: optional(size('Bytes of a connection on their way. Not served.')),
        onInvalidMessage: optional(unserved('What ends at a mistake.')),
        connectionKeepalive: optional(unserved('Probes of connections.')),
      }),
    ),
    http3: optional(unserved('HTTP/3.')),
    healthCheck: optional(object('Answered here.', { path: string('Path.', { minLength: 1, maxLength: 1024 }) })),
  }),
  ...targetRules(['Gateway']),
);
export type ClientTrafficPolicySpec = TypeOf<typeof spec>;

export const ClientTrafficPolicyKind = envoyGatewayKind({
  kind: 'ClientTrafficPolicy',
  plural: 'clienttrafficpolicies',
  shortName: 'ctp',
  description: 'How clients connect to a Gateway or a listener.',
  spec,
  status: policyStatus,
});
