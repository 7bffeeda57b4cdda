/** Endpoints of a route, ready for the balancer. */
import { type HashCircle, newHashCircle } from '../policy/consistent-hash.ts';
import { newPeerLatency, type PeerLatency, startAtMean } from '../policy/latency.ts';
import { newOutliers, type Outliers, takeOverPeer } from '../policy/outlier.ts';
import type { GroupRecord, Peer } from '../policy/record.ts';
import { newPeerRing, type PeerRing } from '../policy/round-robin.ts';
import { firstPeers, subsetsOf } from '../policy/subset.ts';
import type { TemplatePart } from '../policy/template.ts';
import type { EndpointAddresses } from './endpoint-address.ts';
import { newSessions, type Sessions } from './session-marks.ts';

/** Of an endpoint in an interval, for its share of failures to say something. As Envoy has it. */
const LEAST_ATTEMPTS = 50;

/** A request keeps the group it began with; the peers and their weights never change. */
export interface Group {
  readonly id: string;
  readonly name: string;
  readonly ring: PeerRing;
  /** So many peers at the end have no share. */
  readonly spares: number;
  /** Round robin, every peer warm and no ejection: the usual case, in which no other field needs to be looked at. */
  plain: boolean;
  readonly affinity: GroupRecord['affinity'];
  /** Name of the cookie or header of the affinity, else ''. */
  readonly attribute: string;
  /** With an affinity that hashes. */
  readonly circle: HashCircle | undefined;
  /** With `template` and subsets: the places of the circle stand for these, lists of places of peers. */
  readonly subsets: readonly (readonly number[])[] | undefined;
  /** With `session`. */
  readonly sessions: Sessions | undefined;
  /** With `template`, else empty. */
  readonly template: readonly TemplatePart[];
  /** With `ewma`; in the order of the peers, of those with a share. */
  readonly latencies: PeerLatency[] | undefined;
  /** With an ejection. */
  readonly outliers: Outliers | undefined;
  readonly slowStartSeconds: number;
  /** Absent when every peer is warm. */
  warming: Warming | undefined;
  /** Connections are for one client each, of whom the hop tells the endpoint. */
  readonly tellsClient: boolean;
  /** Those that have been asked for. */
  addresses: EndpointAddresses | undefined;
  readonly emptyStatus: number;
  readonly emptyReason: string;
  /** 0: none. */
  readonly emptyShare: number;
}

/** Peers that came lately get fewer requests (slow start). */
export interface Warming {
  /** When each came, in seconds, in the order of the peers; 0 for those that are warm. */
  readonly since: readonly number[];
  /** From then on all are warm. */
  readonly until: number;
}

export function compileGroup(record: GroupRecord): Group {
  const { peers, affinity } = record;
  const spares = sparesOf(peers);
  const hashes = affinity !== 'roundRobin' && affinity !== 'ewma';
  const subsets = record.subsetSize === undefined ? undefined : subsetsOf(peers.length, record.subsetSize);
  return {
    id: record.id,
    name: record.name,
    ring: newPeerRing(peers, math.random()),
    spares,
    plain: affinity === 'roundRobin' && record.ejection === undefined,
    affinity,
    attribute: record.attribute ?? '',
    circle: hashes ? newHashCircle(subsets === undefined ? peers : firstPeers(peers, subsets)) : undefined,
    subsets,
    sessions: newSessions(record),
    template: record.template ?? [],
    latencies: affinity === 'ewma' ? newLatencies(peers.length - spares) : undefined,
    outliers: record.ejection === undefined ? undefined : newOutliers(record.ejection, peers.length, leastAttempts()),
    slowStartSeconds: (record.slowStartMs ?? 0) / 1000,
    warming: undefined,
    tellsClient: record.hop !== undefined && record.hop.tellsClient !== undefined,
    addresses: undefined,
    emptyStatus: record.emptyStatus,
    emptyReason: record.emptyReason,
    emptyShare: record.emptyShare ?? 0,
  };
}

/** Each worker has a part of the attempts. */
function leastAttempts(): number {
  return Math.ceil(LEAST_ATTEMPTS / ngx.worker.count());
}

/** `group` replaces `previous`: what was learned about peers that both have is kept, the others are new. */
export function takeOver(group: Group, previous: Group): void {
  const seconds = ngx.now();
  if (group.latencies !== undefined && previous.latencies !== undefined) {
    takeOverLatencies(group, previous, group.latencies, previous.latencies);
    startAtMean(group.latencies, seconds);
  }
  if (group.outliers !== undefined && previous.outliers !== undefined) {
    takeOverOutliers(group, previous, group.outliers, previous.outliers);
  }
  if (group.slowStartSeconds > 0) setWarming(group, warmingAfter(group, previous, seconds));
}

export function setWarming(group: Group, warming: Warming | undefined): void {
  group.warming = warming;
  group.plain = group.affinity === 'roundRobin' && warming === undefined && group.outliers === undefined;
}

function takeOverLatencies(group: Group, previous: Group, own: PeerLatency[], known: readonly PeerLatency[]): void {
  const places = placesOf(previous.ring.peers);
  let index = 0;
  for (const peer of group.ring.peers) {
    const place = places.get(nameOf(peer));
    const latency = place === undefined ? undefined : known[place];
    if (latency !== undefined && index < own.length) own[index] = latency;
    index++;
  }
}

function takeOverOutliers(group: Group, previous: Group, own: Outliers, known: Outliers): void {
  const places = placesOf(previous.ring.peers);
  let index = 0;
  for (const peer of group.ring.peers) {
    const place = places.get(nameOf(peer));
    if (place !== undefined) takeOverPeer(own, index, known, place);
    index++;
  }
}

function warmingAfter(group: Group, previous: Group, seconds: number): Warming | undefined {
  const places = placesOf(previous.ring.peers);
  const since: number[] = [];
  let latest = 0;
  for (const peer of group.ring.peers) {
    const place = places.get(nameOf(peer));
    const came = place === undefined ? seconds : (previous.warming?.since[place] ?? 0);
    const warm = came + group.slowStartSeconds <= seconds;
    since.push(warm ? 0 : came);
    if (!warm) latest = Math.max(latest, came);
  }
  return latest === 0 ? undefined : { since, until: latest + group.slowStartSeconds };
}

function placesOf(peers: readonly Peer[]): LuaTable<string, number> {
  const places: LuaTable<string, number> = new LuaTable();
  let index = 0;
  for (const peer of peers) {
    places.set(nameOf(peer), index);
    index++;
  }
  return places;
}

function nameOf(peer: Peer): string {
  return `${peer.address}:${peer.port}`;
}

function newLatencies(count: number): PeerLatency[] {
  const latencies: PeerLatency[] = [];
  for (let place = 0; place < count; place++) latencies.push(newPeerLatency());
  return latencies;
}

function sparesOf(peers: readonly Peer[]): number {
  let count = 0;
  for (const peer of peers) if (peer.weight === 0) count++;
  return count;
}
