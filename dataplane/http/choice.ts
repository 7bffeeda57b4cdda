/** Which endpoint of a group an attempt goes to. */
import { peerOfKey } from '../policy/consistent-hash.ts';
import { quickerPeer } from '../policy/latency.ts';
import { isOutlier } from '../policy/outlier.ts';
import type { Peer } from '../policy/record.ts';
import { nextPeer } from '../policy/round-robin.ts';
import { rehash } from '../policy/text-hash.ts';
import { anyEjected, isEjected } from './ejection.ts';
import { type Group, setWarming, type Warming } from './group.ts';

/** When the first choice is to be avoided, so many others are looked at. */
const OTHER_CHOICES = 20;

/**
 * Index of the peer for the first attempt of a request. The group has a peer.
 *
 * @param key what ties the request to a peer, with an affinity that hashes
 */
export function firstChoice(group: Group, key: number): number {
  const choice = group.plain ? nextPeer(group.ring) : choose(group, key, 0);
  return group.plain && !anyEjected() ? choice : betterChoice(group, key, choice);
}

/** Index of the peer for a later attempt: the peers in turn, so that each is tried before one is repeated. */
export function nextChoice(group: Group, previous: number): number {
  const peers = group.ring.peers;
  for (let step = 1; step < peers.length; step++) {
    const choice = (previous + step) % peers.length;
    const peer = peers[choice];
    if (peer !== undefined && !isAvoided(group, peer, choice)) return choice;
  }
  return (previous + 1) % peers.length;
}

/** @param turn another one gives another choice */
function choose(group: Group, key: number, turn: number): number {
  if (group.circle !== undefined) {
    const place = peerOfKey(group.circle, turn === 0 ? key : rehash(key, turn));
    return group.subsets === undefined ? place : anyOf(group.subsets[place]);
  }
  if (group.latencies !== undefined) return quickerPeer(group.latencies, ngx.now(), math.random(), math.random());
  return nextPeer(group.ring);
}

/** Looks for a peer that is neither avoided nor too cold; if there is none, it stays with the first choice. */
function betterChoice(group: Group, key: number, first: number): number {
  const warming = warmingOf(group);
  let choice = first;
  for (let turn = 1; turn <= OTHER_CHOICES; turn++) {
    const peer = group.ring.peers[choice];
    if (peer !== undefined && !isAvoided(group, peer, choice) && !isTooCold(warming, group, choice)) return choice;
    choice = choose(group, key, turn);
  }
  return spareChoice(group) ?? first;
}

/** A peer without a share, where all that have one are avoided: a zone whose endpoints fail is served by the others. */
function spareChoice(group: Group): number | undefined {
  const { ring, spares } = group;
  if (spares === 0) return undefined;
  const sharing = ring.peers.length - spares;
  for (let place = 0; place < sharing; place++) {
    const peer = ring.peers[place];
    if (peer !== undefined && !isAvoided(group, peer, place)) return undefined;
  }
  const start = Math.floor(math.random() * spares);
  for (let step = 0; step < spares; step++) {
    const place = sharing + ((start + step) % spares);
    const peer = ring.peers[place];
    if (peer !== undefined && !isAvoided(group, peer, place)) return place;
  }
  return undefined;
}

/** Whether attempts should not go to a peer now. */
export function isAvoided({ outliers }: Group, peer: Peer, place: number): boolean {
  return isEjected(peer) || (outliers !== undefined && isOutlier(outliers, place, ngx.now()));
}

function warmingOf(group: Group): Warming | undefined {
  if (group.warming !== undefined && group.warming.until <= ngx.now()) setWarming(group, undefined);
  return group.warming;
}

/** A peer that has had a tenth of its warm-up takes a tenth of its requests. */
function isTooCold(warming: Warming | undefined, group: Group, index: number): boolean {
  const since = warming?.since[index] ?? 0;
  if (since === 0) return false;
  return math.random() > (ngx.now() - since) / group.slowStartSeconds;
}

function anyOf(places: readonly number[] | undefined): number {
  return places?.[Math.floor(math.random() * places.length)] ?? 0;
}
