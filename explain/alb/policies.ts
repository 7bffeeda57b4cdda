import { X509Certificate } from 'node:crypto';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { ClientPolicyRecord, HostTlsRecord } from '@causeway/dataplane/policy/client-certificate';
import type {
  CertificateRecord,
  DataplaneRecord,
  GroupRecord,
  PortRecord,
  RouteAction,
  RouteRecord,
  ServerNameRecord,
  StreamPortRecord,
} from '@causeway/dataplane/policy/record';
import { compileRoute, isBefore } from '@causeway/dataplane/policy/route';
import type { Step } from '@causeway/dataplane/policy/step';
import type { CertificateIR, InstanceIR, ListenerIR, ListenerProtocol } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import type { GroupBackend } from '@causeway/targets/nginx/group-record';
import { portId } from '@causeway/targets/nginx/listener-port';
import { translateCertificate } from '@causeway/translate/gateway/certificate';
import { chooseCertificate } from '@causeway/translate/gateway/certificate-choice';
import type { Problem } from '@causeway/translate/gateway/problem';
import { recordsOf, translateAlb } from './intent.ts';

/**
 * What the data planes of an ALB hold: the records that its agents push to the workers, keys of certificates left out. Their form is
 * that of the data plane and changes with it.
 */
export interface AlbPolicies {
  /** `namespace/name` */
  readonly alb: string;
  /** Settings of nginx itself; absent: the ALB has no data plane. */
  readonly instance?: InstanceIR;
  /** By port number. */
  readonly ports: readonly DescribedPort[];
  /** By port, then in matching order; a route on several ports stands once for each. */
  readonly routes: readonly PlacedRoute[];
  readonly groups: readonly DescribedGroup[];
  readonly serverNames: readonly ServerNameRecord[];
  readonly certificates: readonly DescribedCertificate[];
  readonly clientPolicies: readonly ClientPolicyRecord[];
  /** What hosts ask of TLS connections. */
  readonly hostTls: readonly HostTlsRecord[];
  /** Why something is not there. */
  readonly problems: readonly string[];
}

export type DescribedPort =
  | (PortRecord & { readonly protocol: ListenerProtocol } & OfFrontend)
  | (StreamPortRecord & OfFrontend);

interface OfFrontend {
  /** Its name. */
  readonly frontend: string;
}

export interface PlacedRoute extends RouteRecord {
  readonly port: number;
  /** In matching order, from 1. */
  readonly position: number;
}

export interface DescribedGroup extends GroupRecord {
  /** Whose endpoints the peers are; weights are those of whole Services. */
  readonly services: readonly GroupBackend[];
}

/** A certificate without its key. */
export interface DescribedCertificate {
  /** `namespace/name` of the Secret. */
  readonly id: string;
  readonly subject: string;
  readonly issuer: string;
  /** Names and addresses it is for. */
  readonly names: readonly string[];
  /** RFC 3339. */
  readonly notBefore: string;
  readonly notAfter: string;
  readonly serialNumber: string;
  /** SHA-256 of the leaf, hexadecimal with colons. */
  readonly fingerprint: string;
}

export interface PoliciesOptions {
  /** Only what belongs to this port. */
  readonly port?: number;
  /** Milliseconds since 1970; of several certificates for a name, expired ones come last. */
  readonly now: number;
}

/**
 * The view must hold the Secrets named by {@link neededSecrets}. An agent keeps a certificate whose Secret became bad; that is not
 * known here, so such a one is missing.
 */
export function listPolicies(view: View, alb: ObjectKey, { port, now }: PoliciesOptions): AlbPolicies {
  const intent = translateAlb(view, alb);
  const problems: Problem[] = [...intent.problems];
  const certificates = new Map<string, CertificateIR>();
  for (const id of intent.certificates) {
    const choice = chooseCertificate(translateCertificate(view, id), undefined, now);
    if (choice.certificate !== undefined) certificates.set(id, choice.certificate.fragment);
    problems.push(...choice.problems);
  }
  const { records: all, backends } = recordsOf(view, intent, (id) => certificates.get(id));
  const records = ofPort(all, port);
  return {
    alb: objectKeyText(alb),
    ...(intent.instance === undefined ? {} : { instance: intent.instance }),
    ports: describedPorts(records, intent.listeners),
    routes: placedRoutes(records, port),
    groups: records.flatMap((one) => (one.type === 'group' ? { ...one, services: backends(one.id) } : [])),
    serverNames: records.flatMap((one) => (one.type === 'serverName' ? one : [])),
    certificates: records.flatMap((one) => (one.type === 'certificate' ? described(one) : [])),
    clientPolicies: records.flatMap((one) => (one.type === 'clientPolicy' ? one : [])),
    hostTls: records.flatMap((one) => (one.type === 'hostTls' ? one : [])),
    problems: problems.map(({ object, message }) => `${object.kind} ${objectKeyText(object.key)}: ${message}`),
  };
}

/**
 * Ids (`namespace/name`) of the Secrets that decide about an ALB's requests, sorted: passwords, certificates for backends and of
 * clients, and those that it shows itself.
 *
 * @param shown whether the certificates that the ALB shows count too: without TLS nobody sees them
 */
export function neededSecrets(view: View, alb: ObjectKey, shown = true): readonly string[] {
  const asked = new Set<string>();
  const noting: View = {
    get: (kind, key) => {
      if (kind === 'Secret') asked.add(objectKeyText(key));
      return view.get(kind, key);
    },
    by: (kind, index, value) => view.by(kind, index, value),
    has: (kind, index, value) => view.has(kind, index, value),
    all: (kind) => view.all(kind),
  };
  const { certificates } = translateAlb(noting, alb);
  return [...new Set([...asked, ...(shown ? certificates : [])])].sort();
}

/** Records of one port, with the groups and certificates that they name. */
function ofPort(records: readonly DataplaneRecord[], port: number | undefined): readonly DataplaneRecord[] {
  if (port === undefined) return records;
  const own = new Set(records.filter((record) => isOfPort(record, port)));
  const named = new Set([...own].flatMap(namesIn));
  return records.filter((record) => own.has(record) || named.has(`${record.type} ${record.id}`));
}

function isOfPort(record: DataplaneRecord, port: number): boolean {
  switch (record.type) {
    case 'port':
    case 'streamPort':
      return record.port === port;
    case 'route':
    case 'passthrough':
      return record.ports.includes(String(port));
    case 'serverName':
    case 'hostTls':
      return record.port === String(port);
    case 'clientPolicy':
    case 'group':
    case 'certificate':
      return false;
  }
}

/** Groups and certificates that a record names, as `type id`. */
function namesIn(record: DataplaneRecord): readonly string[] {
  const names = groupsOf(record).map((group) => `group ${group}`);
  if (record.type === 'serverName') names.push(`certificate ${record.certificate}`);
  if (record.type === 'hostTls') names.push(`clientPolicy ${record.policy}`);
  for (const step of stepsOf(record)) if (step.type === 'clientCertificate') names.push(`clientPolicy ${step.policy}`);
  if (record.type !== 'port') return names;
  const { fallback, forUnknown, policy } = record.tls ?? {};
  return [...names, `certificate ${fallback}`, `certificate ${forUnknown}`, `clientPolicy ${policy}`];
}

function stepsOf(record: DataplaneRecord): readonly Step[] {
  if (record.type === 'route') return stepsIn(record.action);
  return record.type === 'port' && record.fallback !== undefined ? stepsIn(record.fallback) : [];
}

function stepsIn({ steps = [], branches = [], http2 }: RouteAction): readonly Step[] {
  const others = [...branches.map(({ action }) => action), ...(http2 === undefined ? [] : [http2])];
  return [...steps, ...others.flatMap(stepsIn)];
}

function groupsOf(record: DataplaneRecord): readonly string[] {
  if (record.type === 'route') return groupsIn(record.action);
  if (record.type === 'port') return record.fallback === undefined ? [] : groupsIn(record.fallback);
  return record.type === 'streamPort' || record.type === 'passthrough' ? [record.group ?? []].flat() : [];
}

function groupsIn({ group, branches = [], http2 }: RouteAction): readonly string[] {
  const others = [...branches.map(({ action }) => action), ...(http2 === undefined ? [] : [http2])];
  return [...(group === undefined ? [] : [group]), ...others.flatMap(groupsIn)];
}

function describedPorts(
  records: readonly DataplaneRecord[],
  listeners: readonly ListenerIR[],
): readonly DescribedPort[] {
  const listenerOf = new Map(listeners.map((listener) => [portId(listener), listener]));
  const ports = records.flatMap((record): readonly DescribedPort[] => {
    const listener = listenerOf.get(record.id);
    if (listener === undefined) return [];
    const { protocol, name: frontend } = listener;
    if (record.type === 'port') return [{ ...record, protocol, frontend }];
    return record.type === 'streamPort' ? [{ ...record, frontend }] : [];
  });
  return ports.sort((a, b) => a.port - b.port || (a.id < b.id ? -1 : 1));
}

function placedRoutes(records: readonly DataplaneRecord[], only: number | undefined): readonly PlacedRoute[] {
  const byPortNumber = new Map<number, RouteRecord[]>();
  for (const record of records) {
    if (record.type !== 'route') continue;
    for (const port of record.ports.map(Number)) {
      if (only !== undefined && only !== port) continue;
      const routes = byPortNumber.get(port) ?? [];
      routes.push(record);
      byPortNumber.set(port, routes);
    }
  }
  return [...byPortNumber]
    .sort(([a], [b]) => a - b)
    .flatMap(([port, routes]) =>
      routes
        .map((route) => ({ route, compiled: compileRoute(route) }))
        .sort((a, b) => (isBefore(a.compiled, b.compiled) ? -1 : 1))
        .map(({ route }, index) => ({ ...route, port, position: index + 1 })),
    );
}

function described({ id, chainPem }: CertificateRecord): DescribedCertificate {
  const leaf = new X509Certificate(chainPem);
  return {
    id,
    subject: oneLine(leaf.subject),
    issuer: oneLine(leaf.issuer),
    names: (leaf.subjectAltName ?? '').split(', ').flatMap((name) => (name === '' ? [] : name.replace(/^[^:]*:/, ''))),
    notBefore: new Date(leaf.validFrom).toISOString(),
    notAfter: new Date(leaf.validTo).toISOString(),
    serialNumber: leaf.serialNumber,
    fingerprint: leaf.fingerprint256,
  };
}

/** Node separates the parts of a name by line ends. */
function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ');
}
