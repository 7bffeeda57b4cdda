/** Peers in lists of equal size, so that a hash can choose a list instead of a single peer. Source: ingress-nginx, "Custom NGINX upstream hashing". */
import type { Peer } from './record.ts';

/** Places of peers, `size` in each list; the last one is filled up from the beginning. */
export function subsetsOf(count: number, size: number): readonly (readonly number[])[] {
  const subsets: number[][] = [];
  const each = Math.min(size, count);
  for (let first = 0; first < count; first += size) {
    const places: number[] = [];
    for (let i = 0; i < each; i++) places.push((first + i) % count);
    subsets.push(places);
  }
  return subsets;
}

/** The peer that stands for each list on the hash circle. */
export function firstPeers(peers: readonly Peer[], subsets: readonly (readonly number[])[]): readonly Peer[] {
  const firsts: Peer[] = [];
  for (const subset of subsets) {
    const first = peers[subset[0] ?? 0];
    if (first !== undefined) firsts.push({ address: first.address, port: first.port, weight: 1 });
  }
  return firsts;
}
