import type { GroupRecord, Peer, RouteAction } from '@causeway/dataplane/policy/record';
import type { InstanceIR } from '@causeway/ir/gateway';
import { planeText } from '../plane-name.ts';
import type { AlbPolicies, DescribedCertificate, DescribedGroup, DescribedPort, PlacedRoute } from './policies.ts';
import { type Column, renderTable } from './table.ts';

const PORTS: readonly Column<DescribedPort>[] = [
  ['PORT', ({ port }) => port],
  ['PROTOCOL', ({ protocol }) => protocol],
  ['FRONTEND', ({ frontend }) => frontend],
  ['NO ROUTE', (port) => restText(port)],
  ['NO SNI', (port) => (port.type === 'port' ? (port.tls?.fallback ?? '') : '')],
  ['UNKNOWN SNI', (port) => (port.type === 'port' ? (port.tls?.forUnknown ?? '') : '')],
];

const ROUTES: readonly Column<PlacedRoute>[] = [
  ['PORT', ({ port }) => port],
  ['ORDER', ({ position }) => position],
  ['ROUTE', ({ name }) => name],
  ['ACTION', ({ action }) => actionText(action)],
];

interface GroupRow {
  readonly group: DescribedGroup;
  /** Absent: it has none. */
  readonly peer?: Peer;
}

const GROUPS: readonly Column<GroupRow>[] = [
  ['GROUP', ({ group }) => group.id],
  ['POLICY', ({ group }) => policyText(group)],
  ['SERVICES', ({ group }) => group.services.map(({ endpointSet, weight }) => `${endpointSet} x ${weight}`).join(', ')],
  ['ENDPOINT', ({ peer }) => (peer === undefined ? 'none' : `${peer.address}:${peer.port}`)],
  ['WEIGHT', ({ peer }) => peer?.weight ?? ''],
];

const CERTIFICATES: readonly Column<DescribedCertificate>[] = [
  ['CERTIFICATE', ({ id }) => id],
  ['SUBJECT', ({ subject }) => subject],
  ['NAMES', ({ names }) => names.join(',')],
  ['ISSUER', ({ issuer }) => issuer],
  ['NOT AFTER', ({ notAfter }) => notAfter],
  ['SHA-256', ({ fingerprint }) => fingerprint],
];

export function renderAlbPolicies(policies: AlbPolicies): string {
  const { alb, instance, ports, routes, groups, serverNames, certificates, hostTls, problems } = policies;
  const rows = groups.flatMap((group): GroupRow[] =>
    group.peers.length === 0 ? [{ group }] : group.peers.map((peer) => ({ group, peer })),
  );
  const parts = [
    `${planeText(alb)}: ${instance === undefined ? 'no data plane' : settingsText(instance)}`,
    ports.length === 0 ? 'No ports.' : renderTable(PORTS, ports),
  ];
  if (routes.length > 0) parts.push(renderTable(ROUTES, routes));
  if (rows.length > 0) parts.push(renderTable(GROUPS, rows));
  if (serverNames.length > 0) {
    parts.push(
      renderTable(
        [
          ['PORT', ({ port }) => port],
          ['SNI', ({ host }) => host],
          ['CERTIFICATE', ({ certificate }) => certificate],
        ],
        serverNames,
      ),
    );
  }
  if (certificates.length > 0) parts.push(renderTable(CERTIFICATES, certificates));
  if (hostTls.length > 0) {
    parts.push(
      renderTable(
        [
          ['PORT', ({ port }) => port],
          ['HOST', ({ host }) => (host === '' ? '*' : host)],
          ['CLIENT CERTIFICATE', ({ policy }) => clientPolicyText(policies, policy)],
          ['CIPHERS', ({ ciphers }) => ciphers ?? ''],
        ],
        hostTls,
      ),
    );
  }
  if (problems.length > 0) parts.push(problems.map((problem) => `problem: ${problem}`).join('\n'));
  return parts.join('\n\n');
}

function clientPolicyText({ clientPolicies }: AlbPolicies, id: string | undefined): string {
  const policy = clientPolicies.find((one) => one.id === id);
  if (policy === undefined) return '';
  return policy.depth === undefined ? policy.verify : `${policy.verify}, depth ${policy.depth}`;
}

function settingsText({ workers, http2, ipv6, gzip, metricsPort, trustedProxies }: InstanceIR): string {
  return [
    workers === 1 ? '1 worker' : `${workers} workers`,
    ...[...(http2 ? ['HTTP/2'] : []), ...(ipv6 ? ['IPv6'] : []), ...(gzip ? ['gzip'] : [])],
    `metrics on port ${metricsPort}`,
    `trusted proxies: ${trustedProxies.length === 0 ? 'none' : trustedProxies.join(', ')}`,
  ].join(', ');
}

function restText(port: DescribedPort): string {
  if (port.type === 'port') return port.fallback === undefined ? 'answers 404' : actionText(port.fallback);
  if (port.group === undefined) return 'closes connections';
  const { receive = false, optional, send } = port.proxyProtocol ?? {};
  return [
    `to group ${port.group}`,
    `${port.attempts} attempts`,
    `connect ${port.connectMs} ms, idle ${port.idleMs} ms`,
    ...(receive ? [optional === true ? 'PROXY protocol in, or not' : 'PROXY protocol in'] : []),
    ...(send === undefined ? [] : [`PROXY protocol ${send} out`]),
  ].join(', ');
}

function actionText(action: RouteAction): string {
  if (action.type === 'respond') return `answers ${action.status}: ${action.reason ?? ''}`;
  if (action.branches !== undefined) {
    let before = 0;
    return action.branches
      .map(({ weightUpTo, action: own }) => {
        const weight = weightUpTo - before;
        before = weightUpTo;
        return `${weight} of the requests: ${actionText(own)}`;
      })
      .join('; ');
  }
  if (action.redirect !== undefined) return `redirects: ${JSON.stringify(action.redirect)}`;
  return [
    `${action.way ?? 'http'} to group ${action.group}`,
    ...(action.host === undefined ? [] : [`host ${action.host}`]),
    `${action.attempts} attempts`,
    `connect ${action.connectMs} ms, send ${action.sendMs} ms, read ${action.readMs} ms`,
    ...(action.steps ?? []).map((step) => JSON.stringify(step)),
  ].join(', ');
}

/** By the names of ALB's session_affinity_policy. */
function policyText({ affinity, attribute, slowStartMs }: GroupRecord): string {
  const names = {
    roundRobin: 'rr',
    sourceAddress: 'sip-hash',
    cookie: 'cookie',
    session: 'cookie',
    header: 'header',
    template: 'hash',
    ewma: 'ewma',
  };
  return [
    names[affinity],
    ...(attribute === undefined ? [] : [attribute]),
    ...(slowStartMs === undefined ? [] : [`(slow start ${slowStartMs / 1000} s)`]),
  ].join(' ');
}
