import type { KindMap } from '@causeway/resources/kinds';
import { HTTP_PORT, httpListener } from './gateway-lab.ts';

export type RouteKind = Extract<keyof KindMap, 'GRPCRoute' | 'HTTPRoute' | 'TCPRoute' | 'TLSRoute' | 'UDPRoute'>;

/** What becomes of traffic: it gets through, its route has nothing good to send it to, no endpoint, or there is no route for it. */
export type Fate = 'served' | 'unresolved' | 'no endpoint' | 'no route';

/** A route of which one thing is wrong. */
export interface Fault {
  readonly title: string;
  readonly kind: RouteKind;
  /** Also what its hostname begins with. */
  readonly name: string;
  /** Of the Gateway, for this route alone where connections have no name. */
  readonly listener: string;
  readonly object: object;
  /** Conditions as `True Accepted`; `none` where nothing is said. */
  readonly accepted: string;
  readonly resolved: string;
  readonly fates: readonly Fate[];
}

const KINDS: readonly RouteKind[] = ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'];
/** Of requests: a protocol of HTTP leads to their backends. */
const OF_REQUESTS: readonly RouteKind[] = ['HTTPRoute', 'GRPCRoute'];
const NAMED: readonly RouteKind[] = ['HTTPRoute', 'GRPCRoute', 'TLSRoute'];
const ENVOY_GATEWAY = 'gateway.envoyproxy.io';

const PORTS = { tls: 9501, named: 9502, http: 9503, grpc: 9504, ended: 9505 } as const;
/** The first port of a route of TCP or UDP, each of which has a listener of its own. */
const FIRST_PORT = 9520;

/** Another namespace, of which the Gateway takes no routes; Services of `default` are there too. */
const ELSEWHERE = 'elsewhere';

/** Names of Services, by kind of the route; of those of all kinds see {@link SERVICES}. */
const GOOD: Readonly<Record<RouteKind, string>> = {
  HTTPRoute: 'a',
  GRPCRoute: 'calls',
  TLSRoute: 'secure',
  TCPRoute: 'stream',
  UDPRoute: 'packets',
};

const port = (kind: RouteKind, name: string, number = 80) => ({
  name,
  port: number,
  protocol: kind === 'UDPRoute' ? 'UDP' : 'TCP',
});
const of = (name: string, number = 80) => ({ name, port: number });

interface Row {
  readonly title: string;
  readonly kinds?: readonly RouteKind[];
  /** References instead of the good one. */
  readonly backends?: (kind: RouteKind) => readonly object[];
  /** Fields of the reference to the Gateway. */
  readonly parent?: (kind: RouteKind) => object;
  readonly spec?: object;
  readonly namespace?: string;
  readonly accepted?: string;
  readonly resolved?: string;
  readonly fates: readonly Fate[];
}

/** Where a kind may be attached, but a listener says that it may not; of packets there is only one kind. */
const KEEPING_OUT: Readonly<Partial<Record<RouteKind, string>>> = {
  HTTPRoute: 'grpc-only',
  GRPCRoute: 'http-only',
  TLSRoute: 'tcp-only',
  TCPRoute: 'tls-only',
};
const OTHER_PROTOCOL: Readonly<Record<RouteKind, string>> = {
  HTTPRoute: 'tls',
  GRPCRoute: 'tls',
  TLSRoute: 'http',
  TCPRoute: 'http',
  UDPRoute: 'http',
};
const NOT_TAKEN = { accepted: 'False NotAllowedByListeners', fates: ['no route'] } as const;
const NO_PARENT = { accepted: 'False NoMatchingParent', fates: ['no route'] } as const;

/** Source: GW-09, GW-12, GW-13, GW-15, GW-16; Gateway API v1.6, RouteConditionReason. */
const ROWS: readonly Row[] = [
  { title: 'nothing', fates: ['served'] },
  {
    title: 'a Service that is not there',
    backends: () => [of('nobody')],
    ...{ resolved: 'False BackendNotFound', fates: ['unresolved'] },
  },
  {
    title: 'a port that the Service does not have',
    backends: (kind) => [of(GOOD[kind], 81)],
    ...{ resolved: 'False BackendNotFound', fates: ['unresolved'] },
  },
  {
    title: 'a port of the other transport',
    backends: (kind) => [of(kind === 'UDPRoute' ? GOOD.TCPRoute : GOOD.UDPRoute)],
    ...{ resolved: 'False BackendNotFound', fates: ['unresolved'] },
  },
  {
    title: 'an unknown kind',
    backends: () => [{ group: 'example.com', kind: 'Bucket', name: 'a', port: 80 }],
    ...{ resolved: 'False InvalidKind', fates: ['unresolved'] },
  },
  {
    title: 'a kind of the core group',
    backends: () => [{ kind: 'ConfigMap', name: 'a', port: 80 }],
    ...{ resolved: 'False InvalidKind', fates: ['unresolved'] },
  },
  {
    title: 'another namespace without consent',
    backends: (kind) => [{ ...of(GOOD[kind]), namespace: ELSEWHERE }],
    ...{ resolved: 'False RefNotPermitted', fates: ['unresolved'] },
  },
  {
    title: 'another namespace without consent, and nothing there',
    backends: () => [{ ...of('nobody'), namespace: ELSEWHERE }],
    ...{ resolved: 'False RefNotPermitted', fates: ['unresolved'] },
  },
  {
    title: 'a Backend that is not there',
    backends: () => [{ group: ENVOY_GATEWAY, kind: 'Backend', ...of('nobody') }],
    ...{ resolved: 'False BackendNotFound', fates: ['unresolved'] },
  },
  {
    title: 'a Backend that is not served',
    backends: () => [{ group: ENVOY_GATEWAY, kind: 'Backend', ...of('socket') }],
    ...{ resolved: 'False BackendNotFound', fates: ['unresolved'] },
  },
  {
    title: 'no endpoint',
    backends: (kind) => [of(kind === 'UDPRoute' ? 'no-packets' : 'empty')],
    fates: ['no endpoint'],
  },
  {
    title: 'one good backend, and one that is not there',
    backends: (kind) => [of(GOOD[kind]), of('nobody')],
    ...{ resolved: 'False BackendNotFound', fates: ['served', 'unresolved'] },
  },
  {
    title: 'one good backend, and one without a share that is not there',
    backends: (kind) => [of(GOOD[kind]), { ...of('nobody'), weight: 0 }],
    ...{ resolved: 'False BackendNotFound', fates: ['served'] },
  },
  { title: 'no share at all', backends: (kind) => [{ ...of(GOOD[kind]), weight: 0 }], fates: ['unresolved'] },
  {
    title: 'a protocol that nobody speaks',
    kinds: OF_REQUESTS,
    backends: () => [of('odd')],
    ...{ resolved: 'False UnsupportedProtocol', fates: ['unresolved'] },
  },
  {
    title: 'a protocol that is nothing to a connection',
    kinds: ['TLSRoute', 'TCPRoute'],
    backends: (kind) => [of(kind === 'TLSRoute' ? 'odd-secure' : 'odd-stream')],
    fates: ['served'],
  },
  {
    title: 'WebSockets for calls',
    kinds: ['GRPCRoute'],
    backends: () => [of('sockets')],
    ...{ resolved: 'False UnsupportedProtocol', fates: ['unresolved'] },
  },
  { title: 'a section that is not there', parent: () => ({ sectionName: 'nowhere' }), ...NO_PARENT },
  { title: 'a port that is not there', parent: () => ({ port: 1 }), ...NO_PARENT },
  { title: 'a section with another port', parent: () => ({ port: PORTS.named }), ...NO_PARENT },
  { title: 'a Gateway that is not there', parent: () => ({ name: 'nobody' }), ...{ ...NO_PARENT, ...nothingSaid() } },
  {
    title: 'a parent of another kind',
    parent: () => ({ group: '', kind: 'Service', name: 'a', sectionName: undefined }),
    ...{ ...NO_PARENT, ...nothingSaid() },
  },
  { title: 'a listener of another protocol', parent: (kind) => ({ sectionName: OTHER_PROTOCOL[kind] }), ...NOT_TAKEN },
  {
    title: 'a listener that takes other kinds',
    kinds: KINDS.filter((kind) => KEEPING_OUT[kind] !== undefined),
    parent: (kind) => ({ sectionName: KEEPING_OUT[kind] }),
    ...NOT_TAKEN,
  },
  { title: 'a namespace that is not taken', namespace: ELSEWHERE, ...NOT_TAKEN },
  {
    title: 'no hostname of the listener',
    kinds: NAMED,
    spec: { hostnames: ['other.org'] },
    ...{ accepted: 'False NoMatchingListenerHostname', fates: ['no route'] },
  },
];

function nothingSaid(): Pick<Row, 'accepted' | 'resolved'> {
  return { accepted: 'none', resolved: 'none' };
}

/** Where the routes of a kind belong; of TCP and UDP each has a listener of its own. */
const LISTENER: Readonly<Partial<Record<RouteKind, string>>> = {
  HTTPRoute: 'http',
  GRPCRoute: 'http',
  TLSRoute: 'tls',
};

/** What connections and requests ask for; TCP and UDP know none. */
export const hostOf = (name: string): string => `${name}.faults.test`;

export const FAULTS: readonly Fault[] = ROWS.flatMap((row, index) =>
  (row.kinds ?? KINDS).map((kind): Fault => {
    const name = `${kind.slice(0, -'Route'.length).toLowerCase()}-${index}`;
    const listener = LISTENER[kind] ?? name;
    const { namespace = 'default', accepted = 'True Accepted', resolved = 'True ResolvedRefs', fates } = row;
    const backendRefs = row.backends?.(kind) ?? [of(GOOD[kind])];
    const parentRef = { name: 'demo', namespace: 'default', sectionName: listener, ...row.parent?.(kind) };
    const hostnames = NAMED.includes(kind) ? { hostnames: [hostOf(name)] } : {};
    return {
      ...{ title: row.title, kind, name, listener, accepted, resolved, fates },
      object: {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind,
        metadata: { name, namespace },
        spec: { parentRefs: [parentRef], ...hostnames, rules: [{ backendRefs }], ...row.spec },
      },
    };
  }),
);

const ended = { mode: 'Terminate', certificateRefs: [{ name: 'shown' }] } as const;
const only = (kind: RouteKind) => ({ allowedRoutes: { kinds: [{ kind }] } });

/** Listeners of routes that have one of their own, by name. */
const OWN_PORTS: Readonly<Record<string, number>> = Object.fromEntries(
  FAULTS.filter(({ kind }) => LISTENER[kind] === undefined).map(({ name }, index) => [name, FIRST_PORT + index]),
);

/** All of the Gateway `demo`. */
export const LISTENERS = [
  httpListener('http', { hostname: '*.faults.test' }),
  httpListener('named', { port: PORTS.named, hostname: '*.named.test' }),
  httpListener('grpc-only', { port: PORTS.grpc, ...only('GRPCRoute') }),
  httpListener('http-only', { port: PORTS.http, ...only('HTTPRoute') }),
  { name: 'tls', port: PORTS.tls, protocol: 'TLS', tls: { mode: 'Passthrough' }, hostname: '*.faults.test' },
  { name: 'tcp-only', port: PORTS.ended, protocol: 'TLS', hostname: '*.faults.test', tls: ended, ...only('TCPRoute') },
  { name: 'tls-only', port: PORTS.ended, protocol: 'TLS', hostname: '*.ended.test', tls: ended, ...only('TLSRoute') },
  ...FAULTS.filter(({ name }) => name in OWN_PORTS).map(({ name, kind }) => ({
    name,
    port: OWN_PORTS[name] ?? 0,
    protocol: kind === 'UDPRoute' ? 'UDP' : 'TCP',
  })),
] as const;

/** What routes name besides the good Services. */
export function services(ports: Readonly<Record<RouteKind, number>>): readonly object[] {
  const service = (kind: RouteKind, name: string, target = GOOD[kind], fields: object = {}) => [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { ports: [{ ...port(kind, 'http'), targetPort: 8080, ...fields }] },
    },
    ...(target === ''
      ? []
      : [
          {
            apiVersion: 'discovery.k8s.io/v1',
            kind: 'EndpointSlice',
            metadata: { name: `${name}-1`, labels: { 'kubernetes.io/service-name': name } },
            addressType: 'IPv4',
            ports: [{ ...port(kind, 'http', ports[kind]) }],
            endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: true } }],
          },
        ]),
  ];
  const all = KINDS.flatMap((kind) => service(kind, GOOD[kind]));
  const others = [
    ...service('TCPRoute', 'empty', ''),
    ...service('UDPRoute', 'no-packets', ''),
    ...service('GRPCRoute', 'odd', GOOD.GRPCRoute, { appProtocol: 'kubernetes.io/odd' }),
    ...service('TLSRoute', 'odd-secure', GOOD.TLSRoute, { appProtocol: 'kubernetes.io/odd' }),
    ...service('TCPRoute', 'odd-stream', GOOD.TCPRoute, { appProtocol: 'kubernetes.io/odd' }),
    ...service('GRPCRoute', 'sockets', GOOD.GRPCRoute, { appProtocol: 'kubernetes.io/ws' }),
    {
      apiVersion: `${ENVOY_GATEWAY}/v1alpha1`,
      kind: 'Backend',
      metadata: { name: 'socket' },
      spec: { endpoints: [{ unix: { path: '/run/somebody.sock' } }] },
    },
  ];
  const within = (namespace: string) => (object: { readonly metadata: object }) => ({
    ...object,
    metadata: { ...object.metadata, namespace },
  });
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: ELSEWHERE } },
    ...[...all, ...others].map(within('default')),
    ...all.map(within(ELSEWHERE)),
  ];
}

/** Where the routes of a kind are asked; those of TCP and UDP at {@link OWN_PORTS}. */
export const portOf = ({ kind, name }: Fault): number =>
  OWN_PORTS[name] ?? (kind === 'TLSRoute' ? PORTS.tls : HTTP_PORT);
