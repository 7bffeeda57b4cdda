import { createHash } from 'node:crypto';
import { selfSigned } from '@causeway/dataplane/test/certificates';
import { KIND_REFS, type KindName } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
  ...(['GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'] as const).map((from): Reference => {
    const sectionName = from === 'GRPCRoute' ? 'http' : from.slice(0, 3).toLowerCase();
    const hostnames = from === 'GRPCRoute' || from === 'TLSRoute' ? { hostnames: ['far.test'] } : {};
    const port = from === 'UDPRoute' ? 53 : 80;
    return {
      ...{ from, to: 'Service', field: 'backendRefs', ...NOT_RESOLVED },
      objects: [
        {
          apiVersion: `${GATEWAY_API}/v1`,
          kind: from,
          metadata: { name: 'far', namespace: 'default' },
          spec: {
            parentRefs: [{ name: 'demo', sectionName }],
            ...hostnames,
            rules: [{ backendRefs: [far('far', port)] }],
          },
        },
      ],
      state: () => stateOf(from, 'far', 'ResolvedRefs'),
    };
  }),
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
    state: async () => {
      const { status } = (await lab.gateway('demo')) ?? {};
      const found = status?.conditions?.find(({ type }) => type === 'ResolvedRefs');
      return `${found?.status} ${found?.reason}`;
    },
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
    | { readonly status?: Readonly<Record<'ancestors' | 'listeners' | 'parents', readonly Conditioned[] | undefined>> }
    | undefined;
  const { parents, ancestors, listeners: own } = object?.status ?? {};
  const [first] = parents ?? ancestors ?? own ?? [];
  const found = first?.conditions?.find((condition) => condition.type === type);
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
