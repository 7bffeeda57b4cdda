import { createHash } from 'node:crypto';
import { selfSigned } from '@causeway/dataplane/test/certificates';
import { KIND_REFS, type KindName } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from '../acceptance/certificate-authority.ts';
import { BACKEND_ADDRESS } from '../acceptance/given-home.ts';
import { base64, serviceTo, tlsSecret } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab, gateway, HTTPS_PORT, httpListener, httpRoute, to } from './gateway-lab.ts';
import { policy } from './policy-objects.ts';

/** Where everything is that others refer to: a Service, Secrets and a ConfigMap. */
const FAR = 'granting';
const GATEWAY_API = 'gateway.networking.k8s.io';
const ENVOY_GATEWAY = 'gateway.envoyproxy.io';
const [TCP, UDP, TLS, VERIFIED] = [9101, 9102, 9103, 9106];

const far = (name: string, port?: number) => ({ name, namespace: FAR, ...(port === undefined ? {} : { port }) });
const service = far('far', 80);
const listeners = [
  httpListener(),
  httpsListener('far.com'),
  { name: 'verified', port: VERIFIED, protocol: 'HTTPS', tls: { certificateRefs: [{ name: 'own' }] } },
  { name: 'tcp', port: TCP, protocol: 'TCP' },
  { name: 'udp', port: UDP, protocol: 'UDP' },
  { name: 'tls', port: TLS, protocol: 'TLS', tls: { mode: 'Passthrough' } },
] as const;

function httpsListener(hostname: string) {
  return {
    name: 'https',
    port: HTTPS_PORT,
    protocol: 'HTTPS',
    hostname,
    tls: { certificateRefs: [far('pair')] },
  } as const;
}

let lab: GatewayLab;

interface Reference {
  /** Of what to what, and by which field. */
  readonly from: string;
  readonly group?: string;
  readonly to: 'Backend' | 'ConfigMap' | 'Secret' | 'Service';
  readonly field: string;
  readonly objects: readonly object[];
  readonly state: () => Promise<string>;
  readonly refused: string;
  readonly granted: string;
}

const BACKEND = { group: ENVOY_GATEWAY, kind: 'Backend', ...far('far') };

function envoyObject(kind: string, name: string, spec: object): object {
  return { apiVersion: `${ENVOY_GATEWAY}/v1alpha1`, kind, metadata: { name, namespace: 'default' }, spec };
}

const SECTIONS = { GRPCRoute: 'http', TCPRoute: 'tcp', TLSRoute: 'tls', UDPRoute: 'udp' } as const;

function otherRoute(kind: keyof typeof SECTIONS, name: string, rule: object): object {
  const hasNames = kind === 'GRPCRoute' || kind === 'TLSRoute';
  return {
    apiVersion: `${GATEWAY_API}/v1`,
    kind,
    metadata: { name, namespace: 'default' },
    spec: {
      parentRefs: [{ name: 'demo', sectionName: SECTIONS[kind] }],
      ...(hasNames ? { hostnames: [`${name}.test`] } : {}),
      rules: [rule],
    },
  };
}

/** All that an EnvoyProxy may name elsewhere, and a Gateway that it is for. */
const PROXY = {
  backendTLS: { clientCertificateRef: far('pair') },
  telemetry: {
    tracing: { provider: { type: 'OpenTelemetry', backendRefs: [service] } },
    accessLog: {
      settings: [{ sinks: [{ type: 'OpenTelemetry', openTelemetry: { backendRefs: [service] } }] }],
    },
  },
};
const proxied = gateway('proxied', [httpListener('http', { port: 9108 })]);
const infrastructure = { parametersRef: { group: ENVOY_GATEWAY, kind: 'EnvoyProxy', name: 'far' } };

/** Of a provider that need not be asked where its endpoints are. */
function oidc(fields: object, provider: object = {}): object {
  const [authorizationEndpoint, tokenEndpoint] = ['authorize', 'token'].map((path) => `http://issuer.test/${path}`);
  return {
    provider: { issuer: 'http://issuer.test', authorizationEndpoint, tokenEndpoint, ...provider },
    ...{ clientID: 'shop', clientSecret: { name: 'client' } },
    ...fields,
  };
}

const NOT_RESOLVED = { refused: 'False RefNotPermitted', granted: 'True ResolvedRefs' };
const NOT_ACCEPTED = { refused: 'False Invalid', granted: 'True Accepted' };

const REFERENCES: readonly Reference[] = [
  {
    ...{ from: 'HTTPRoute', to: 'Service', field: 'backendRefs', refused: '500', granted: 'b' },
    objects: [httpRoute('backend', [to('far', '/backend', { backendRefs: [service] })])],
    state: () => lab.answerer('/backend'),
  },
  {
    ...{ from: 'HTTPRoute', to: 'Backend', field: 'backendRefs', refused: '500', granted: 'b' },
    objects: [
      httpRoute('object', [
        to('far', '/object', { backendRefs: [{ group: ENVOY_GATEWAY, kind: 'Backend', ...far('far') }] }),
      ]),
    ],
    state: () => lab.answerer('/object'),
  },
  {
    ...{ from: 'HTTPRoute', to: 'Service', field: 'filters.requestMirror', ...NOT_RESOLVED },
    objects: [
      httpRoute('mirror', [
        to('a', '/mirror', { filters: [{ type: 'RequestMirror', requestMirror: { backendRef: service } }] }),
      ]),
    ],
    state: () => stateOf('HTTPRoute', 'mirror', 'ResolvedRefs'),
  },
  {
    ...{ from: 'HTTPRoute', to: 'Service', field: 'filters.externalAuth', refused: '500', granted: 'a' },
    objects: [
      httpRoute('auth', [
        to('a', '/auth', {
          filters: [{ type: 'ExternalAuth', externalAuth: { protocol: 'HTTP', backendRef: service, http: {} } }],
        }),
      ]),
    ],
    state: () => lab.answerer('/auth'),
  },
  ...(['GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'] as const).flatMap((from): readonly Reference[] => {
    const port = from === 'UDPRoute' ? 53 : 80;
    const row = (target: 'Backend' | 'Service', backend: object): Reference => ({
      ...{ from, to: target, field: 'backendRefs', ...NOT_RESOLVED },
      objects: [otherRoute(from, target.toLowerCase(), { backendRefs: [backend] })],
      state: () => stateOf(from, target.toLowerCase(), 'ResolvedRefs'),
    });
    return [row('Service', far('far', port)), row('Backend', { group: ENVOY_GATEWAY, kind: 'Backend', ...far('far') })];
  }),
  {
    ...{ from: 'GRPCRoute', to: 'Service', field: 'filters.requestMirror', ...NOT_RESOLVED },
    objects: [
      otherRoute('GRPCRoute', 'mirror', {
        filters: [{ type: 'RequestMirror', requestMirror: { backendRef: service } }],
        backendRefs: [{ name: 'a', port: 80 }],
      }),
    ],
    state: () => stateOf('GRPCRoute', 'mirror', 'ResolvedRefs'),
  },
  {
    ...{ from: 'HTTPRoute', to: 'Backend', field: 'filters.requestMirror', ...NOT_RESOLVED },
    objects: [
      httpRoute('copied', [
        to('a', '/copied', { filters: [{ type: 'RequestMirror', requestMirror: { backendRef: BACKEND } }] }),
      ]),
    ],
    state: () => stateOf('HTTPRoute', 'copied', 'ResolvedRefs'),
  },
  {
    ...{ from: 'HTTPRoute', to: 'Backend', field: 'filters.externalAuth', refused: '500', granted: 'a' },
    objects: [
      httpRoute('asked', [
        to('a', '/asked', {
          filters: [{ type: 'ExternalAuth', externalAuth: { protocol: 'HTTP', backendRef: BACKEND, http: {} } }],
        }),
      ]),
    ],
    state: () => lab.answerer('/asked'),
  },
  {
    ...{ from: 'HTTPRouteFilter', group: ENVOY_GATEWAY, to: 'Secret', field: 'credentialInjection' },
    ...{ refused: '500', granted: 'a' },
    objects: [
      envoyObject('HTTPRouteFilter', 'shown', { credentialInjection: { credential: { valueRef: far('credential') } } }),
      httpRoute('shown', [
        to('a', '/shown', {
          filters: [
            { type: 'ExtensionRef', extensionRef: { group: ENVOY_GATEWAY, kind: 'HTTPRouteFilter', name: 'shown' } },
          ],
        }),
      ]),
    ],
    state: () => lab.answerer('/shown'),
  },
  {
    ...{ from: 'Backend', group: ENVOY_GATEWAY, to: 'Secret', field: 'tls.clientCertificateRef', ...NOT_ACCEPTED },
    objects: [
      envoyObject('Backend', 'showing', {
        endpoints: [{ ip: { address: '192.0.2.1', port: 443 } }],
        tls: { insecureSkipVerify: true, clientCertificateRef: far('pair') },
      }),
      httpRoute('showing', [
        to('a', '/showing', { backendRefs: [{ group: ENVOY_GATEWAY, kind: 'Backend', name: 'showing' }] }),
      ]),
    ],
    state: () => stateOf('Backend', 'showing', 'Accepted'),
  },
  {
    ...{ from: 'EnvoyProxy', group: ENVOY_GATEWAY, to: 'Secret', field: 'backendTLS', ...NOT_RESOLVED },
    objects: [envoyObject('EnvoyProxy', 'far', PROXY), { ...proxied, spec: { ...proxied.spec, infrastructure } }],
    state: () => saidOf('proxied', 'ResolvedRefs'),
  },
  ...(['telemetry.tracing', 'telemetry.accessLog'] as const).map(
    (field): Reference => ({
      ...{ from: 'EnvoyProxy', group: ENVOY_GATEWAY, to: 'Service', field, refused: 'told', granted: 'good' },
      objects: [],
      state: async () => {
        const told = (await conditionOf('proxied', 'Accepted'))?.message ?? '';
        const about = told.split('; ').filter((each) => each.includes(`spec.${field}`));
        return about.some((each) => each.includes('no ReferenceGrant')) ? 'told' : (about[0] ?? 'good');
      },
    }),
  ),
  {
    ...{ from: 'Gateway', to: 'Secret', field: 'listeners.tls.certificateRefs', ...NOT_RESOLVED },
    objects: [],
    state: () => lab.listenerCondition('demo', 'https', 'ResolvedRefs'),
  },
  {
    ...{ from: 'Gateway', to: 'ConfigMap', field: 'tls.frontend', ...NOT_RESOLVED },
    objects: [],
    state: () => lab.listenerCondition('demo', 'verified', 'ResolvedRefs'),
  },
  {
    ...{ from: 'Gateway', to: 'Secret', field: 'tls.backend', ...NOT_RESOLVED },
    objects: [],
    state: () => saidOf('demo', 'ResolvedRefs'),
  },
  {
    ...{ from: 'ListenerSet', to: 'Secret', field: 'listeners.tls.certificateRefs', ...NOT_RESOLVED },
    objects: [
      {
        apiVersion: `${GATEWAY_API}/v1`,
        kind: 'ListenerSet',
        metadata: { name: 'far', namespace: 'default' },
        spec: { parentRef: { name: 'demo' }, listeners: [httpsListener('set.com')] },
      },
    ],
    state: () => stateOf('ListenerSet', 'far', 'ResolvedRefs'),
  },
  ...(
    [
      { name: 'basic', to: 'Secret', spec: { basicAuth: { users: far('users') } }, granted: '401' },
      {
        name: 'key',
        to: 'Secret',
        spec: { apiKeyAuth: { credentialRefs: [far('keys')], extractFrom: [{ headers: ['x-key'] }] } },
        granted: '401',
      },
      { name: 'ask', to: 'Service', spec: { extAuth: { http: { backendRefs: [service] } } }, granted: 'a' },
      { name: 'ask-backend', to: 'Backend', spec: { extAuth: { http: { backendRefs: [BACKEND] } } }, granted: 'a' },
      {
        name: 'ask-grpc',
        field: 'extAuth.grpc',
        to: 'Service',
        // Nobody there speaks gRPC.
        spec: { extAuth: { failOpen: true, grpc: { backendRefs: [service] } } },
        granted: 'a',
      },
      {
        name: 'keys-of-issuer',
        to: 'Service',
        spec: {
          jwt: { providers: [{ name: 'p', remoteJWKS: { uri: 'http://issuer.test/keys', backendRefs: [service] } }] },
        },
        granted: '401',
      },
      { name: 'sign-in', to: 'Secret', spec: { oidc: oidc({ clientSecret: far('client') }) }, granted: '302' },
      {
        name: 'sign-in-as',
        field: 'oidc.clientIDRef',
        to: 'Secret',
        spec: { oidc: oidc({ clientID: undefined, clientIDRef: far('client') }) },
        granted: '302',
      },
      { name: 'sign-in-at', to: 'Service', spec: { oidc: oidc({}, { backendRefs: [service] }) }, granted: '302' },
    ] as const
  ).map(({ name, spec, ...reference }): Reference => {
    const [field = ''] = Object.keys(spec);
    return {
      ...{ from: 'SecurityPolicy', group: ENVOY_GATEWAY, field, refused: '500', ...reference },
      objects: [httpRoute(name, [to('a', `/${name}`)]), policy('SecurityPolicy', name, `HTTPRoute/${name}`, spec)],
      state: () => lab.answerer(`/${name}`),
    };
  }),
  ...(['ConfigMap', 'Secret'] as const).map((kind): Reference => {
    const name = kind.toLowerCase();
    const caCertificateRefs = [{ kind, ...far('authority') }];
    return {
      ...{
        from: 'ClientTrafficPolicy',
        group: ENVOY_GATEWAY,
        to: kind,
        field: 'tls.clientValidation',
        ...NOT_ACCEPTED,
      },
      objects: [
        gateway(name, [httpListener('http', { port: kind === 'Secret' ? 9104 : 9105 })]),
        policy('ClientTrafficPolicy', name, `Gateway/${name}`, { tls: { clientValidation: { caCertificateRefs } } }),
      ],
      state: () => stateOf('ClientTrafficPolicy', name, 'Accepted'),
    };
  }),
  {
    ...{ from: 'ClientTrafficPolicy', group: ENVOY_GATEWAY, to: 'ConfigMap', field: 'tls.clientValidation.crl' },
    ...NOT_ACCEPTED,
    objects: [
      gateway('revoked', [httpListener('http', { port: 9107 })]),
      policy('ClientTrafficPolicy', 'revoked', 'Gateway/revoked', {
        tls: {
          clientValidation: {
            caCertificateRefs: [{ kind: 'ConfigMap', name: 'clients' }],
            crl: { refs: [{ kind: 'ConfigMap', ...far('revoked') }] },
          },
        },
      }),
    ],
    state: () => stateOf('ClientTrafficPolicy', 'revoked', 'Accepted'),
  },
];

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
}

interface Conditioned {
  readonly conditions?: readonly Condition[];
}

/** Of the object where it is attached first. */
async function stateOf(kind: KindName, name: string, type: string): Promise<string> {
  const object = (await lab.home.api.get(KIND_REFS[kind], { namespace: 'default', name })) as
    | {
        readonly status?: Conditioned &
          Readonly<Record<'ancestors' | 'listeners' | 'parents', readonly Conditioned[] | undefined>>;
      }
    | undefined;
  const { parents, ancestors, listeners: own, conditions } = object?.status ?? {};
  const [first] = parents ?? ancestors ?? own ?? [{ conditions: conditions ?? [] }];
  const found = first?.conditions?.find((condition) => condition.type === type);
  return `${found?.status} ${found?.reason}`;
}

async function conditionOf(gatewayName: string, wanted: string) {
  return (await lab.gateway(gatewayName))?.status?.conditions?.find(({ type }) => type === wanted);
}

async function saidOf(gatewayName: string, wanted: string): Promise<string> {
  const found = await conditionOf(gatewayName, wanted);
  return `${found?.status} ${found?.reason}`;
}

function grant(name: string, from: object, target: object): object {
  return {
    apiVersion: `${GATEWAY_API}/v1beta1`,
    kind: 'ReferenceGrant',
    metadata: { name, namespace: FAR },
    spec: { from: [from], to: [target] },
  };
}

const fromOf = ({ from: kind, group = GATEWAY_API }: Reference) => ({ group, kind, namespace: 'default' });
const targetOf = ({ to: kind }: Reference) => ({ group: kind === 'Backend' ? ENVOY_GATEWAY : '', kind });
const grantName = ({ from, to: kind }: Reference) => `${from}-${kind}`.toLowerCase();

/** By field, what became of each reference. */
async function states(): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const each of REFERENCES) found[textOf(each)] = await each.state();
  return found;
}

function textOf({ from, field, to: kind }: Reference): string {
  return `${from} ${field} ${kind}`;
}

function wanted(of: (each: Reference) => string): Readonly<Record<string, string>> {
  return Object.fromEntries(REFERENCES.map((each) => [textOf(each), of(each)]));
}

beforeAll(async () => {
  lab = await GatewayLab.start(['a', 'b'], listeners);
  const demo = gateway('demo', listeners);
  const pair = await selfSigned('far.com');
  const hash = createHash('sha1').update('secret').digest('base64');
  const [there, slice] = serviceTo({ name: 'far', port: lab.backends[1]?.port ?? 0 });
  const data = { 'ca.crt': pair.chainPem };
  const clients = await createAuthority('clients');
  const client = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'client' },
    stringData: { 'client-secret': 'x', 'client-id': 'shop' },
  };
  const caCertificateRefs = [{ group: '', kind: 'ConfigMap', ...far('authority') }];
  const tls = {
    frontend: { default: {}, perPort: [{ port: VERIFIED, tls: { validation: { caCertificateRefs } } }] },
    backend: { clientCertificateRef: far('pair') },
  };
  const others = [
    tlsSecret('pair', pair),
    { ...there, spec: { ports: [...(there.spec?.ports ?? []), { name: 'dns', port: 53, protocol: 'UDP' }] } },
    slice,
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'users' },
      stringData: { '.htpasswd': `ann:{SHA}${hash}\n` },
    },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys' }, stringData: { ann: 'key' } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'authority' }, data: { 'ca.crt': base64(pair.chainPem) } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'authority' }, data },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'revoked' }, data: { 'ca.crl': await clients.revoke() } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'credential' }, stringData: { credential: 'Bearer x' } },
    client,
    {
      apiVersion: `${ENVOY_GATEWAY}/v1alpha1`,
      kind: 'Backend',
      metadata: { name: 'far' },
      spec: { endpoints: [{ ip: { address: BACKEND_ADDRESS, port: lab.backends[1]?.port } }] },
    },
  ];
  await lab.home.apply(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: FAR } },
    ...others.map((object) => ({ ...object, metadata: { ...object.metadata, namespace: FAR } })),
    tlsSecret('own', pair),
    client,
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'clients' }, data: { 'ca.crt': clients.certificatePem } },
    { ...demo, spec: { ...demo.spec, allowedListeners: { namespaces: { from: 'Same' } }, tls } },
    ...REFERENCES.flatMap(({ objects }) => objects),
  );
});
afterAll(() => lab.stop());

describe('GW-12 every reference to another namespace needs its consent', () => {
  test('without a ReferenceGrant nothing is used; nor with one for something else', async () => {
    await eventually(async () => expect(await states()).toEqual(wanted(({ refused }) => refused)));
    for (const each of REFERENCES) {
      const name = grantName(each);
      await lab.home.apply(
        grant(`${name}-name`, fromOf(each), { ...targetOf(each), name: 'other' }),
        grant(`${name}-kind`, fromOf(each), { group: 'example.com', kind: each.to }),
        grant(`${name}-from`, { ...fromOf(each), namespace: 'elsewhere' }, targetOf(each)),
        grant(`${name}-group`, { ...fromOf(each), group: 'example.com' }, targetOf(each)),
      );
    }
    // What is granted last is seen last.
    await lab.home.apply(
      grant('last', { group: GATEWAY_API, kind: 'HTTPRoute', namespace: 'default' }, { group: '', kind: 'Service' }),
    );
    await eventually(async () => expect(await lab.answerer('/backend')).toBe('b'));
    await lab.home.kubectl(['delete', 'referencegrant', 'last', '-n', FAR]);
    await eventually(async () => expect(await states()).toEqual(wanted(({ refused }) => refused)));
  });

  test('with it everything is; when it goes, nothing is any more', async () => {
    await lab.home.apply(...REFERENCES.map((each) => grant(grantName(each), fromOf(each), targetOf(each))));
    await eventually(async () => expect(await states()).toEqual(wanted(({ granted }) => granted)));
    const names = [...new Set(REFERENCES.map(grantName))];
    await lab.home.kubectl(['delete', 'referencegrant', ...names, '-n', FAR]);
    await eventually(async () => expect(await states()).toEqual(wanted(({ refused }) => refused)));
  });
});
