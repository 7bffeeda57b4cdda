/** Groups of endpoints as data-plane records. Pure, like all that makes records of the gateway IR. */
import { hash } from 'node:crypto';
import type { GroupHop, GroupRecord, Peer } from '@causeway/dataplane/policy/record';
import type {
  AffinityIR,
  BackendIR,
  EjectionIR,
  EndpointIR,
  EndpointSetIR,
  ForwardIR,
  HealthCheckIR,
  NearnessIR,
  PlaceIR,
  RespondIR,
} from '@causeway/ir/gateway';
import { weightOf } from './backend-class.ts';
import { hopName, hopOf } from './backend-hop.ts';
import type { GroupCheck } from './endpoint-health.ts';
import { nearPart } from './near-part.ts';

/** A group before its endpoints are known. */
export interface GroupSpec {
  /** Hash of the other fields, so that routes with equal backends share one group and its balancer state. */
  readonly id: string;
  readonly backends: readonly GroupBackend[];
  /** The answer while no backend has an endpoint. */
  readonly noEndpoints: RespondIR;
  /** Also the answer for the shares of those that have none. */
  readonly keepsShares?: true;
  /** With these: of backends beside them, which cannot be reached whatever their endpoints are. Only of layer 4. */
  readonly lostWeight?: number;
  readonly affinity: AffinityIR;
  readonly ejection?: EjectionIR;
  readonly check?: GroupCheck;
  readonly panicPercent?: number;
  /** Absent: what the Service of each backend says. */
  readonly nearness?: NearnessIR;
  readonly hop?: GroupHop;
}

export interface GroupBackend {
  readonly endpointSet: string;
  /** Above 0. */
  readonly weight: number;
  /** Used only while no endpoint of the others is well. */
  readonly fallback?: true;
}

/** Of a group together, before they are divided. */
const WEIGHTS = 100;
/** With shares that are parts; so few that a whole round of turns can be computed in advance. */
const FINE_WEIGHTS = 1_000;

/** What is known of endpoints at the moment. */
export interface EndpointFacts {
  /** Absent: all are. */
  readonly isWell?: (endpoint: EndpointIR) => boolean;
  /** Of the data plane; absent: none is near. */
  readonly place?: PlaceIR | undefined;
}

/** The endpoints of a group with the weights of ALB-61, divided by their greatest common divisor; those without one come last. */
export function renderGroup(
  spec: GroupSpec,
  endpointSet: (id: string) => EndpointSetIR | undefined,
  { isWell, place }: EndpointFacts = {},
): GroupRecord {
  const used = usedBackends(spec, endpointSet, isWell);
  const { backends } = used;
  let weightSum = 0;
  for (const backend of backends) weightSum += backend.weight;
  const { fewestWell, panics, isUsed } = usedEndpoints(used, endpointSet, isWell);

  const parts = backends.map((backend) => {
    const set = endpointSet(backend.endpointSet);
    const endpoints = (set?.endpoints ?? []).filter(isUsed);
    const nearness = spec.nearness ?? set?.nearness;
    // Where too few are well, each counts.
    return { backend, endpoints, near: panics ? undefined : nearPart(endpoints, spec.affinity, { nearness, place }) };
  });
  const total = parts.some(({ near }) => near !== undefined && near.share < 1) ? FINE_WEIGHTS : WEIGHTS;

  const peers = new Map<string, { address: string; port: number; weight: number; hop?: string }>();
  for (const { backend, endpoints, near } of parts) {
    for (const endpoint of endpoints) {
      const { address, port } = endpoint;
      const sharers = near === undefined ? endpoints.length : near.sharers(endpoint);
      const weight =
        sharers === Number.POSITIVE_INFINITY
          ? 0
          : Math.max(1, Math.round((backend.weight * total) / (weightSum * sharers)));
      const text = peerText(address, port);
      const known = peers.get(text);
      if (known) known.weight += weight;
      else {
        const hop = spec.hop && { hop: hopName(spec.id, text) };
        peers.set(text, { address: addressText(address), port, weight, ...hop });
      }
    }
  }
  return {
    type: 'group',
    id: spec.id,
    name: spec.backends.map(({ endpointSet }) => endpointSet).join(', '),
    ...renderAffinity(spec.affinity),
    ...(spec.ejection === undefined ? {} : { ejection: { ...spec.ejection, fewestWell } }),
    peers: reduceWeights(sharersFirst([...peers.values()])),
    ...(spec.hop && { hop: spec.hop }),
    emptyStatus: spec.noEndpoints.status,
    emptyReason: spec.noEndpoints.reason,
    ...emptyShareOf({ ...spec, backends }, weightSum, endpointSet),
  };
}

/** Those that are not well do not count: their share goes to the others; nor those that others stand in for, or that stand in for nobody. */
function emptyShareOf(
  { backends, keepsShares, lostWeight = 0 }: GroupSpec,
  weightSum: number,
  endpointSet: (id: string) => EndpointSetIR | undefined,
): Pick<GroupRecord, 'emptyShare'> {
  if (keepsShares !== true) return {};
  const empty = backends.filter((backend) => (endpointSet(backend.endpointSet)?.endpoints.length ?? 0) === 0);
  const weight = empty.reduce((sum, backend) => sum + backend.weight, lostWeight);
  return weight === 0 ? {} : { emptyShare: weight / (weightSum + lostWeight) };
}

type UsedBackends = Pick<GroupSpec, 'backends' | 'panicPercent'>;

/** All, or where some only stand in for the others one of these two parts: unwell endpoints are used when neither has a well one. */
function usedBackends(
  spec: GroupSpec,
  endpointSet: (id: string) => EndpointSetIR | undefined,
  isWell: (endpoint: EndpointIR) => boolean = () => true,
): UsedBackends {
  const fallbacks = spec.backends.filter(({ fallback }) => fallback === true);
  if (fallbacks.length === 0 || fallbacks.length === spec.backends.length) return spec;
  const anyWell = (some: readonly GroupBackend[]) =>
    some.some((backend) => endpointSet(backend.endpointSet)?.endpoints.some(isWell) === true);
  const backends = spec.backends.filter(({ fallback }) => fallback !== true);
  if (anyWell(backends)) return { backends };
  return { ...spec, backends: anyWell(fallbacks) ? fallbacks : backends };
}

/** Where too few endpoints are well, all are used: better some errors than the few overrun. */
function usedEndpoints(
  { backends, panicPercent = 0 }: UsedBackends,
  endpointSet: (id: string) => EndpointSetIR | undefined,
  isWell: ((endpoint: EndpointIR) => boolean) | undefined,
): { readonly fewestWell: number; readonly panics: boolean; readonly isUsed: (endpoint: EndpointIR) => boolean } {
  const everyOne = () => true;
  if (panicPercent === 0) return { fewestWell: 0, panics: false, isUsed: isWell ?? everyOne };
  const all = backends.flatMap((backend) => endpointSet(backend.endpointSet)?.endpoints ?? []);
  const fewestWell = Math.ceil((all.length * panicPercent) / 100);
  if (isWell === undefined) return { fewestWell, panics: false, isUsed: everyOne };
  const panics = all.filter(isWell).length < fewestWell;
  return { fewestWell, panics, isUsed: panics ? everyOne : isWell };
}

function sharersFirst(peers: readonly Peer[]): readonly Peer[] {
  return [...peers.filter(({ weight }) => weight > 0), ...peers.filter(({ weight }) => weight === 0)];
}

/** `address:port`, as the data plane names a peer. */
export function peerText(address: string, port: number): string {
  return `${addressText(address)}:${port}`;
}

function addressText(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** What a forward without filters goes to: connections, not requests. */
export function forwardGroup(action: ForwardIR): GroupSpec {
  const lost = action.backends.filter(({ target }) => target.type === 'invalid');
  return groupSpec(action.backends, action, action.keepsShares === true ? weightOf(lost) : 0);
}

export function groupBackends(backends: readonly BackendIR[]): readonly GroupBackend[] {
  const valid: GroupBackend[] = [];
  for (const { target, weight, fallback } of backends) {
    if (target.type !== 'endpoints' || weight === 0) continue;
    valid.push({ endpointSet: target.id, weight, ...(fallback && { fallback }) });
  }
  return valid;
}

/**
 * @param all of one class: requests to them are sent in the same way
 * @param lostWeight see {@link GroupSpec.lostWeight}; 0: none
 */
export function groupSpec(
  all: readonly BackendIR[],
  { noEndpoints, keepsShares, affinity, ejection, healthCheck, panicPercent, nearness, tellsClient }: ForwardIR,
  lostWeight = 0,
): GroupSpec {
  const backends = groupBackends(all);
  const check = healthCheck && groupCheck(all, healthCheck);
  const further = {
    ...(keepsShares === true && (backends.length > 1 || lostWeight > 0) ? { keepsShares } : {}),
    ...(lostWeight > 0 ? { lostWeight } : {}),
    ...(ejection && { ejection }),
    ...(check && { check }),
    ...(panicPercent === undefined ? {} : { panicPercent }),
    ...(nearness === undefined ? {} : { nearness }),
    ...hopOf(all, { tellsClient }),
  };
  const text = JSON.stringify([
    backends,
    noEndpoints.status,
    noEndpoints.reason,
    affinity,
    ...(Object.keys(further).length === 0 ? [] : [further]),
  ]);
  return {
    id: hash('sha256', text, 'base64url').slice(0, 16),
    backends,
    noEndpoints,
    affinity,
    ...further,
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
  return peers.map((peer) => ({ ...peer, weight: peer.weight / divisor }));
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
