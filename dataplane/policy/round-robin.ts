/**
 * Weighted round robin as nginx does it ("smooth"): among peers of weight 5, 1, 1
 * the order is a a b a c a a, never a run of five.
 *
 * Equal weights, the usual case, just rotate. For other weights one whole round is
 * computed when the peers change; if that round would be long, the algorithm
 * itself runs on every pick.
 *
 * Source: nginx, ngx_http_upstream_get_peer.
 */
import type { Peer } from './record.ts';

/** Longest round that is computed in advance, and the most work that may take. */
const MAX_ROUND = 1024;
const MAX_WORK = 65_536;

export interface PeerRing {
  readonly peers: readonly Peer[];
  /** Indexes of peers in the order of one round; absent with equal weights or long rounds. */
  readonly round?: readonly number[];
  /** Weights of the running algorithm; absent when it is not needed. */
  readonly running?: RunningWeights;
  /** Next place in the round. */
  position: number;
}

interface RunningWeights {
  readonly weights: readonly number[];
  readonly current: number[];
  readonly total: number;
}

/**
 * @param start a number in [0, 1) that says where in the round to begin; random per
 *   worker, or all workers would send their first requests to the same peer
 */
export function newPeerRing(peers: readonly Peer[], start: number): PeerRing {
  const weights = reducedWeights(peers);
  let total = 0;
  let equal = true;
  for (const weight of weights) {
    total += weight;
    if (weight !== 1) equal = false;
  }
  if (equal) return { peers, position: Math.floor(start * peers.length) };
  const running: RunningWeights = { weights, current: zeros(weights.length), total };
  if (total > MAX_ROUND || total * weights.length > MAX_WORK) {
    for (let i = Math.floor(start * weights.length); i > 0; i--) step(running);
    return { peers, running, position: 0 };
  }
  const round: number[] = [];
  for (let i = 0; i < total; i++) round.push(step(running));
  return { peers, round, position: Math.floor(start * total) };
}

/** Index of the peer whose turn it is. The ring must not be empty. */
export function nextPeer(ring: PeerRing): number {
  if (ring.running !== undefined) return step(ring.running);
  const position = ring.position;
  if (ring.round !== undefined) {
    ring.position = position + 1 < ring.round.length ? position + 1 : 0;
    return ring.round[position] ?? 0;
  }
  ring.position = position + 1 < ring.peers.length ? position + 1 : 0;
  return position;
}

function step(running: RunningWeights): number {
  const current = running.current;
  let best = 0;
  for (let i = 0; i < current.length; i++) {
    current[i] = (current[i] ?? 0) + (running.weights[i] ?? 0);
    if ((current[i] ?? 0) > (current[best] ?? 0)) best = i;
  }
  current[best] = (current[best] ?? 0) - running.total;
  return best;
}

/** The weights divided by what they have in common. */
function reducedWeights(peers: readonly Peer[]): readonly number[] {
  let divisor = 0;
  for (const peer of peers) divisor = greatestCommonDivisor(peer.weight, divisor);
  const weights: number[] = [];
  for (const peer of peers) weights.push(peer.weight / divisor);
  return weights;
}

function greatestCommonDivisor(a: number, b: number): number {
  let left = a;
  let right = b;
  while (right !== 0) {
    const rest = left % right;
    left = right;
    right = rest;
  }
  return left;
}

function zeros(count: number): number[] {
  const list: number[] = [];
  for (let i = 0; i < count; i++) list.push(0);
  return list;
}
