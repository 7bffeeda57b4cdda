/**
 * Gateway IR to data-plane records. Pure: everything that the request path would
 * have to compute per request is computed here, once per change.
 *
 * What this target cannot do yet is answered, never left out: a route with such
 * a filter, protocol or affinity becomes a 500 that names it in the error header.
 */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import type { Branch } from '@causeway/dataplane/policy/branch';
import type { CanaryStep } from '@causeway/dataplane/policy/canary';
import type { ErrorPages, PageAnswer } from '@causeway/dataplane/policy/error-pages';
import type {
  Again,
  CertificateRecord,
  GroupRecord,
  Peer,
  PortRecord,
  PortTls,
  RouteAction,
  RouteRecord,
  StreamPortRecord,
  StreamTls,
} from '@causeway/dataplane/policy/record';
import type { Step } from '@causeway/dataplane/policy/step';
import type { WeightedAnswer } from '@causeway/dataplane/policy/weighted-answer';
import type {
  AffinityIR,
  BackendIR,
  BackendProtocol,
  CanaryIR,
  CertificateIR,
  EjectionIR,
  EndpointIR,
  EndpointSetIR,
  FilterIR,
  ForwardIR,
  HealthCheckIR,
  ListenerIR,
  ListenerTlsIR,
  OwnErrorIR,
  RespondIR,
  RouteActionIR,
  RouteIR,
} from '@causeway/ir/gateway';
import { backendClasses } from './backend-class.ts';
import { renderContent } from './content.ts';
import type { GroupCheck } from './endpoint-health.ts';
import { renderPortTls } from './host-tls.ts';
import { profileOf, repeatsItself } from './profile.ts';
import { renderSteps } from './steps.ts';
import { systemTrustPem } from './system-trust.ts';

/** A group before its endpoints are known. */
export interface GroupSpec {
  /** Hash of the other fields, so that routes with equal backends share one group and its balancer state. */
  readonly id: string;
  readonly backends: readonly GroupBackend[];
  /** The answer while no backend has an endpoint. */
  readonly noEndpoints: RespondIR;
  readonly affinity: AffinityIR;
  readonly ejection?: EjectionIR;
  readonly check?: GroupCheck;
  readonly panicPercent?: number;
}

export interface GroupBackend {
  readonly endpointSet: string;
  /** Above 0. */
  readonly weight: number;
}

/** An action and the group it forwards to. */
export interface RenderedAction {
  readonly action: RouteAction;
  readonly group?: GroupSpec;
  /** Further groups that its steps name. */
  readonly stepGroups?: readonly GroupSpec[];
}

export interface RenderedRoute {
  /** Absent: none of its listeners speaks HTTP. */
  readonly record?: RouteRecord;
  readonly group?: GroupSpec;
  /** Further groups that its steps name. */
  readonly stepGroups?: readonly GroupSpec[];
}

/** ALB-110: no endpoint, or all weights 0. */
const NO_PEER = 'InvalidBalancer : no peer';

/** Of Linux, unless somebody changes net.ipv4.tcp_keepalive_time. */
const SYSTEM_KEEPALIVE_MS = 7_200_000;

/** Layer 4: forwarded by a process beside nginx. */
export function isStream(listener: { readonly protocol: ListenerIR['protocol'] }): boolean {
  return listener.protocol === 'tcp' || listener.protocol === 'udp';
}

/** Id of the record of a listener's port: `80`, on layer 4 `tcp:81`. */
export function portId(listener: ListenerIR): string {
  return isStream(listener) ? `${listener.protocol}:${listener.port}` : String(listener.port);
}

export function isTls(listener: { readonly protocol: ListenerIR['protocol'] }): boolean {
  return listener.protocol === 'https' || listener.protocol === 'grpcs';
}

/**
 * The record of one route, with the id of the route.
 *
 * @param listeners those of `route.listeners` that exist
 */
export function renderRoute(route: RouteIR, listeners: readonly ListenerIR[]): RenderedRoute {
  const ports = new Set(listeners.filter((listener) => !isStream(listener)).map(({ port }) => String(port)));
  if (ports.size === 0) return {};
  const { action, group, stepGroups } = renderAction(route.action, route.filters);
  const record: RouteRecord = {
    type: 'route',
    id: route.id,
    ports: [...ports].sort(),
    match: route.match,
    priority: route.order.priority,
    specificity: route.order.specificity,
    tie: route.order.tie,
    action,
    name: route.name,
    sourceType: route.source.type,
    sourceNamespace: route.source.namespace,
    sourceName: route.source.name,
  };
  return { record, ...(group && { group }), ...(stepGroups && { stepGroups }) };
}

export interface RenderedPort {
  readonly record: PortRecord;
  readonly fallbackFilters: readonly FilterIR[];
  readonly group?: GroupSpec;
  /** Further groups that the steps of its fallback name. */
  readonly stepGroups?: readonly GroupSpec[];
}

/**
 * The records of one port from all listeners on it (at least one). Where two listeners claim
 * the same thing, the first by id wins.
 *
 * @param hasCertificate whether a certificate is there; a missing one is skipped, the others work (ALB-108)
 */
export function renderPort(listeners: readonly ListenerIR[], hasCertificate: (id: string) => boolean): RenderedPort {
  const sorted = [...listeners].sort((a, b) => (a.id < b.id ? -1 : 1));
  const first = sorted[0];
  assert(first !== undefined, 'a port has a listener');
  const withFallback = sorted.find((listener) => listener.fallback !== undefined) ?? first;
  const { fallbackFilters = [] } = withFallback;
  const fallback = withFallback.fallback && renderAction(withFallback.fallback, fallbackFilters);
  const tls = sorted.flatMap((listener) => listener.tls ?? []);
  const record: PortRecord = {
    type: 'port',
    id: String(first.port),
    port: first.port,
    ...(fallback && { fallback: fallback.action }),
    name: withFallback.name,
    ...(isTls(first) && { tls: { ...renderTls(tls, hasCertificate), ...renderApart(sorted) } }),
  };
  return {
    record,
    fallbackFilters,
    ...(fallback?.group && { group: fallback.group }),
    ...(fallback?.stepGroups && { stepGroups: fallback.stepGroups }),
  };
}

export interface RenderedStreamPort {
  readonly record: StreamPortRecord;
  readonly group?: GroupSpec;
}

/** The record of a layer 4 port; of several listeners on it the first by id has it. */
export function renderStreamPort(listeners: readonly ListenerIR[]): RenderedStreamPort {
  const [first] = [...listeners].sort((a, b) => (a.id < b.id ? -1 : 1));
  assert(first !== undefined && (first.protocol === 'tcp' || first.protocol === 'udp'), 'a layer 4 listener');
  const { protocol, port, fallback, proxyProtocol, keepalive } = first;
  const id = portId(first);
  if (fallback?.type !== 'forward') {
    return { record: { type: 'streamPort', id, protocol, port, connectMs: 0, idleMs: 0, attempts: 0 } };
  }
  const { timeouts, retry } = fallback;
  const group = forwardGroup(fallback);
  return {
    group,
    record: {
      ...{ type: 'streamPort', id, protocol, port, group: group.id, connectMs: timeouts.connectMs },
      idleMs: Math.min(timeouts.readMs, timeouts.sendMs),
      attempts: retry.attempts,
      ...streamTlsOf(fallback),
      ...(proxyProtocol && { proxyProtocol }),
      ...(fallback.access && { access: fallback.access }),
      ...(fallback.mostConnections !== undefined && { mostSessions: fallback.mostConnections }),
      ...(keepalive?.tcp && { keepaliveMs: keepalive.tcp.idleMs ?? SYSTEM_KEEPALIVE_MS }),
    },
  };
}

/** All backends of a layer 4 route speak TLS in the same way, or none does. */
export function streamTlsOf({ backends }: ForwardIR): { readonly tls?: StreamTls } {
  const tls = backends.find(({ weight }) => weight > 0)?.tls;
  if (tls === undefined) return {};
  const { name, trustPem = systemTrustPem(), certificate } = tls;
  return { tls: { name, trustPem, ...(certificate === undefined ? {} : { certificate }) } };
}

/**
 * The endpoints of a group with the weights of ALB-61, divided by their greatest common divisor.
 *
 * @param isWell absent: all are
 */
export function renderGroup(
  spec: GroupSpec,
  endpointSet: (id: string) => EndpointSetIR | undefined,
  isWell?: (endpoint: EndpointIR) => boolean,
): GroupRecord {
  let weightSum = 0;
  for (const backend of spec.backends) weightSum += backend.weight;
  const { fewestWell, isUsed } = usedEndpoints(spec, endpointSet, isWell);

  const peers = new Map<string, { address: string; port: number; weight: number }>();
  for (const backend of spec.backends) {
    const endpoints = (endpointSet(backend.endpointSet)?.endpoints ?? []).filter(isUsed);
    const weight = Math.max(1, Math.round((backend.weight * 100) / (weightSum * endpoints.length)));
    for (const { address, port } of endpoints) {
      const text = peerText(address, port);
      const known = peers.get(text);
      if (known) known.weight += weight;
      else peers.set(text, { address: addressText(address), port, weight });
    }
  }
  return {
    type: 'group',
    id: spec.id,
    name: spec.backends.map(({ endpointSet }) => endpointSet).join(', '),
    ...renderAffinity(spec.affinity),
    ...(spec.ejection === undefined ? {} : { ejection: { ...spec.ejection, fewestWell } }),
    peers: reduceWeights([...peers.values()]),
    emptyStatus: spec.noEndpoints.status,
    emptyReason: spec.noEndpoints.reason,
  };
}

/** Where too few endpoints are well, all are used: better some errors than the few overrun. */
function usedEndpoints(
  { backends, panicPercent = 0 }: GroupSpec,
  endpointSet: (id: string) => EndpointSetIR | undefined,
  isWell: ((endpoint: EndpointIR) => boolean) | undefined,
): { readonly fewestWell: number; readonly isUsed: (endpoint: EndpointIR) => boolean } {
  const everyOne = () => true;
  if (panicPercent === 0) return { fewestWell: 0, isUsed: isWell ?? everyOne };
  const all = backends.flatMap((backend) => endpointSet(backend.endpointSet)?.endpoints ?? []);
  const fewestWell = Math.ceil((all.length * panicPercent) / 100);
  const panics = isWell === undefined || all.filter(isWell).length < fewestWell;
  return { fewestWell, isUsed: panics ? everyOne : isWell };
}

/** `address:port`, as the data plane names a peer. */
export function peerText(address: string, port: number): string {
  return `${addressText(address)}:${port}`;
}

function addressText(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

export function renderCertificate(certificate: CertificateIR): CertificateRecord {
  return {
    type: 'certificate',
    id: certificate.id,
    chainPem: certificate.chainPem,
    keyPem: certificate.keyPem,
  };
}

function renderAction(action: RouteActionIR, filters: readonly FilterIR[]): RenderedAction {
  if (action.type === 'respond') return withSteps(respondWith(action), renderSteps(filters));
  if (action.type === 'redirect') {
    return withSteps({ action: { type: 'redirect', redirect: action } }, renderSteps(filters));
  }

  const classes = backendClasses(action.backends);
  if (classes.length > 1) return renderSplit(action, classes, filters);
  const [backends = []] = classes;
  const redirect = backends[0]?.redirect;
  if (redirect !== undefined) {
    return withSteps(
      { action: { type: 'redirect', redirect } },
      renderSteps([...filters, ...(backends[0]?.filters ?? [])]),
    );
  }
  const problem = unsupported(backends);
  if (problem !== undefined) return respond(500, problem);

  const valid = groupBackends(backends);
  if (valid.length === 0) return withoutBackend(backends);

  const all = [...filters, ...(backends[0]?.filters ?? [])];
  const host = rewrittenHost(all);
  const way = profileOf({ ...action, backends }, filters)?.id ?? httpProtocol(backends[0]?.protocol);
  const group = groupSpec(backends, action);
  const rendered: RouteAction = {
    type: 'forward',
    group: group.id,
    ...(way === undefined ? {} : { way }),
    ...(host !== undefined && { host }),
    connectMs: action.timeouts.connectMs,
    sendMs: action.timeouts.sendMs,
    readMs: action.timeouts.readMs,
    attempts: action.retry.attempts,
    ...againOf({ ...action, backends }, filters),
  };
  const steps = stepsTo(backends[0], all);
  const canary = action.canary && renderCanary(action, action.canary);
  const spare = action.spareBackends && groupSpec(action.spareBackends, { ...action, affinity: IN_TURN });
  const own: readonly Step[] = [
    ...weightedAnswers(backends),
    ...sessionHeader(action.affinity),
    ...(canary === undefined ? [] : [canary.step]),
    ...(spare === undefined
      ? []
      : [
          {
            ...({ type: 'spareGroup', group: spare.id, insteadOf: group.id } as const),
            ...(action.errorOrigin === undefined ? {} : { origin: action.errorOrigin }),
          },
        ]),
  ];
  const pages = renderErrorPages(action);
  const stepGroups = [
    ...(canary === undefined ? [] : [canary.group]),
    ...(spare === undefined ? [] : [spare]),
    ...(pages?.group === undefined ? [] : [pages.group]),
  ];
  return {
    group,
    ...(stepGroups.length > 0 && { stepGroups }),
    ...withSteps(
      { action: pages === undefined ? rendered : { ...rendered, errors: pages.errors } },
      own.length === 0 ? steps : [...(steps ?? []), ...own],
    ),
  };
}

/** Of an action whose attempts are repeated by the data plane. */
function againOf(action: ForwardIR, filters: readonly FilterIR[]): { readonly again?: Again } {
  if (!repeatsItself(action)) return {};
  const { backends, retry } = action;
  const { baseMs = 0, maxMs = 0 } = retry.backoff ?? {};
  const lastWay = profileOf(action, filters, 'last')?.id ?? httpProtocol(backends[0]?.protocol) ?? 'http';
  return { again: { lastWay, baseMs, maxMs, ...(retry.withinMs === undefined ? {} : { withinMs: retry.withinMs }) } };
}

/** Backends that are reached in different ways: an action for each. */
function renderSplit(
  action: ForwardIR,
  classes: readonly (readonly BackendIR[])[],
  filters: readonly FilterIR[],
): RenderedAction {
  const groups: GroupSpec[] = [];
  let weightUpTo = 0;
  const branches = classes.map((backends): Branch => {
    const rendered = renderAction({ ...action, backends }, filters);
    groups.push(...(rendered.group === undefined ? [] : [rendered.group]), ...(rendered.stepGroups ?? []));
    weightUpTo += backends.reduce((sum, { weight }) => sum + weight, 0);
    return { weightUpTo, action: rendered.action };
  });
  const [group, ...stepGroups] = groups;
  return { action: { type: 'split', branches }, ...(group && { group }), ...(stepGroups.length > 0 && { stepGroups }) };
}

function pageAnswer({ status, as = status, content, redirect }: OwnErrorIR): PageAnswer {
  return {
    status,
    as,
    ...(content === undefined ? {} : { content: renderContent(content) }),
    ...(redirect === undefined ? {} : { redirect }),
  };
}

/** Not while all weights of their backends are 0. */
function renderErrorPages(action: ForwardIR): { readonly errors: ErrorPages; readonly group?: GroupSpec } | undefined {
  const { customErrors, errorOrigin } = action;
  if (customErrors?.answers !== undefined) {
    return { errors: { statuses: customErrors.statuses, answers: customErrors.answers.map(pageAnswer) } };
  }
  if (customErrors === undefined || errorOrigin === undefined) return undefined;
  if (groupBackends(customErrors.backends).length === 0) return undefined;
  const group = groupSpec(customErrors.backends, { ...action, affinity: IN_TURN });
  return { errors: { group: group.id, statuses: customErrors.statuses, origin: errorOrigin }, group };
}

function stepsTo(backend: BackendIR | undefined, filters: readonly FilterIR[]): RouteAction['steps'] {
  const name = backend?.tls?.name ?? '';
  const steps = renderSteps(filters, httpProtocol(backend?.protocol));
  return name === '' ? steps : [{ type: 'backendName', name }, ...(steps ?? [])];
}

const IN_TURN: AffinityIR = { type: 'roundRobin' };

function sessionHeader(affinity: AffinityIR): readonly Step[] {
  if (affinity.type !== 'session' || affinity.carrier !== 'header') return [];
  return [{ type: 'sessionHeader', name: affinity.name }];
}

/** The shares of backends that cannot be reached, while others can. */
function weightedAnswers(backends: readonly BackendIR[]): readonly Step[] {
  const answers: WeightedAnswer[] = [];
  let weightUpTo = 0;
  for (const { target, weight } of backends) {
    if (target.type !== 'invalid') continue;
    weightUpTo += weight;
    answers.push({ weightUpTo, status: target.status, reason: target.reason });
  }
  if (answers.length === 0) return [];
  const totalWeight = backends.reduce((sum, { weight }) => sum + weight, 0);
  return [{ type: 'weightedAnswers', totalWeight, answers }];
}

function renderCanary(action: ForwardIR, canary: CanaryIR): { readonly step: CanaryStep; readonly group: GroupSpec } {
  const { backends, affinity, header, cookie, weight, total, sticky } = canary;
  const group = groupSpec(backends, { ...action, affinity });
  const step: CanaryStep = {
    type: 'canary',
    group: group.id,
    ...(header && { header }),
    ...(cookie !== undefined && { cookie }),
    ...{ weight, total, sticky },
  };
  return { step, group };
}

/** What a forward without filters goes to: connections, not requests. */
export function forwardGroup(action: ForwardIR): GroupSpec {
  return groupSpec(action.backends, action);
}

function groupBackends(backends: readonly BackendIR[]): readonly GroupBackend[] {
  const valid: GroupBackend[] = [];
  for (const { target, weight } of backends) {
    if (target.type === 'endpoints' && weight > 0) valid.push({ endpointSet: target.id, weight });
  }
  return valid;
}

function withSteps(rendered: RenderedAction, steps: RouteAction['steps']): RenderedAction {
  return steps === undefined ? rendered : { ...rendered, action: { ...rendered.action, steps } };
}

/** The first thing of a forward that this target cannot do, as text for the error header. */
function unsupported(backends: readonly BackendIR[]): string | undefined {
  const stream = backends.find(({ protocol }) => httpProtocol(protocol) === undefined);
  return stream && `InvalidUpstream : backend protocol ${stream.protocol}`;
}

function httpProtocol(protocol: BackendProtocol | undefined): string | undefined {
  return protocol === 'tcp' || protocol === 'udp' ? undefined : protocol;
}

/** No backend can take requests: the answer of the first. */
function withoutBackend(backends: readonly BackendIR[]): RenderedAction {
  for (const { target } of backends) {
    if (target.type === 'invalid') return respond(target.status, target.reason);
  }
  return respond(500, NO_PEER);
}

function respond(status: number, reason: string): RenderedAction {
  return { action: { type: 'respond', status, reason } };
}

function respondWith({ status, reason, content }: RespondIR): RenderedAction {
  if (content === undefined) return respond(status, reason);
  return { action: { type: 'respond', status, reason, content: renderContent(content) } };
}

function rewrittenHost(filters: readonly FilterIR[]): string | undefined {
  let host: string | undefined;
  for (const filter of filters) if (filter.type === 'hostRewrite') host = filter.host;
  return host;
}

/** @param all of one class: requests to them are sent in the same way */
function groupSpec(
  all: readonly BackendIR[],
  { noEndpoints, affinity, ejection, healthCheck, panicPercent }: ForwardIR,
): GroupSpec {
  const backends = groupBackends(all);
  const check = healthCheck && groupCheck(all, healthCheck);
  const health = {
    ...(ejection && { ejection }),
    ...(check && { check }),
    ...(panicPercent === undefined ? {} : { panicPercent }),
  };
  const text = JSON.stringify([
    backends,
    noEndpoints.status,
    noEndpoints.reason,
    affinity,
    ...(Object.keys(health).length === 0 ? [] : [health]),
  ]);
  return {
    id: hash('sha256', text, 'base64url').slice(0, 16),
    backends,
    noEndpoints,
    affinity,
    ...health,
  };
}

function groupCheck(backends: readonly BackendIR[], check: HealthCheckIR): GroupCheck | undefined {
  const first = backends.find(({ weight, target }) => weight > 0 && target.type === 'endpoints');
  return first && { ...check, protocol: first.protocol, ...(first.tls && { tls: first.tls }) };
}

type AffinityFields = 'affinity' | 'attribute' | 'session' | 'template' | 'subsetSize' | 'slowStartMs';

function renderAffinity(affinity: AffinityIR): Pick<GroupRecord, AffinityFields> {
  switch (affinity.type) {
    case 'sourceAddress':
      return { affinity: affinity.type };
    case 'cookie':
    case 'header':
      return { affinity: affinity.type, attribute: affinity.name };
    case 'session': {
      const { type, name, mode, cookie, ofCanary, carrier, absoluteSeconds } = affinity;
      return {
        affinity: type,
        attribute: name,
        session: {
          mode,
          ...(ofCanary && { ofCanary }),
          ...(carrier && { carrier }),
          ...(absoluteSeconds !== undefined && { absoluteSeconds }),
          ...cookie,
        },
      };
    }
    case 'template': {
      const { type, template, subsetSize } = affinity;
      return { affinity: type, template, ...(subsetSize !== undefined && { subsetSize }) };
    }
    case 'roundRobin':
    case 'ewma': {
      const { type, slowStart } = affinity;
      return { affinity: type, ...(slowStart !== undefined && { slowStartMs: slowStart.durationMs }) };
    }
  }
}

function reduceWeights(peers: readonly Peer[]): Peer[] {
  let divisor = 0;
  for (const { weight } of peers) divisor = greatestCommonDivisor(weight, divisor);
  return peers.map(({ address, port, weight }) => ({ address, port, weight: weight / divisor }));
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** What comes first is looked at first: names, then longer endings. */
function renderApart(listeners: readonly ListenerIR[]): Pick<PortTls, 'apart'> {
  const hosts = listeners.flatMap(({ tls, hostnames }) => {
    if (tls?.apart === undefined) return [];
    return hostnames.length === 0 ? [''] : hostnames.map((host) => host.replace(/^\*/, ''));
  });
  const isName = (host: string) => host !== '' && !host.startsWith('.');
  const apart = [...new Set(hosts)].sort(
    (a, b) => Number(isName(b)) - Number(isName(a)) || b.length - a.length || (a < b ? -1 : 1),
  );
  return apart.length < 2 ? {} : { apart };
}

function renderTls(all: readonly ListenerTlsIR[], hasCertificate: (id: string) => boolean): PortTls {
  const forUnknown = all.flatMap((tls) => tls.unknownNameCertificate ?? []).find(hasCertificate);
  const fallback = all.flatMap((tls) => tls.defaultCertificate ?? []).find(hasCertificate) ?? forUnknown;
  return {
    ...(fallback !== undefined && { fallback }),
    ...(forUnknown !== undefined && { forUnknown }),
    ...(all.some(({ selfSigned }) => selfSigned === true) && { selfSigned: true }),
    ...renderPortTls(all.find(({ hostTls }) => hostTls !== undefined)?.hostTls),
  };
}
