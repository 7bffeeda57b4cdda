/** Which endpoints a session tries, in order. */
import { type HashCircle, newHashCircle, peerOfKey } from '../policy/consistent-hash.ts';
import type { GroupRecord, Peer } from '../policy/record.ts';
import { newPeerRing, nextPeer, type PeerRing } from '../policy/round-robin.ts';
import { rehash, textHash } from '../policy/text-hash.ts';

/** Endpoints of a port; replaced as a whole when they change. */
export interface PeerGroup {
  readonly ring: PeerRing;
  /** With balancing by the client's address. */
  readonly circle: HashCircle | undefined;
  /** Of sessions so many, from 0 to 1, have no endpoint. */
  readonly emptyShare: number;
}

export function newPeerGroup(record: GroupRecord): PeerGroup {
  return {
    ring: newPeerRing(record.peers, Math.random()),
    circle: record.affinity === 'sourceAddress' ? newHashCircle(record.peers) : undefined,
    emptyShare: record.emptyShare ?? 0,
  };
}

/**
 * The endpoint of the first attempt, then the others in turn, over and over; none when the group has none, or the session is in the share of a
 * backend without any.
 *
 * @param chance of the session, from 0 to 1; with balancing by the client's address that says it instead
 */
export function* peersFor(group: PeerGroup, client: string, chance: number = Math.random()): Generator<Peer> {
  const { peers } = group.ring;
  if (peers.length === 0 || (group.circle === undefined ? chance : chanceOf(client)) < group.emptyShare) return;
  const first = group.circle === undefined ? nextPeer(group.ring) : peerOfKey(group.circle, textHash(client));
  for (let step = 0; ; step += 1) {
    const peer = peers[(first + step) % peers.length];
    if (peer !== undefined) yield peer;
  }
}

/** From 0 to below 1, the same for the same text; says nothing of where its hash leads. */
export function chanceOf(text: string): number {
  return rehash(textHash(text), 1) / 2 ** 32;
}

/** As sockets want it: IPv6 without brackets. */
export function hostOf({ address }: Peer): string {
  return address.startsWith('[') ? address.slice(1, -1) : address;
}

/** For logs and metrics, as nginx writes it. */
export function upstreamOf({ address, port }: Peer): string {
  return `${address}:${port}`;
}
