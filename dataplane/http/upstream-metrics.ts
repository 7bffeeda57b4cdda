/**
 * What happened at the endpoints of a counter, one block of memory an endpoint: an array in the order of the group's peers,
 * made when the first request of the group comes. A request that ends when its group is no longer the counter's, because endpoints
 * changed meanwhile, is kept by the endpoint's name, and so is all when there are too many arrays.
 */
import { new as allocate, cdef, typeof as ctype, fill, sizeof } from 'ffi';
import { OTHER_UPSTREAMS, type Peer, type UpstreamSample } from '../policy/record.ts';
import { BUCKETS, bucketOf, shortHistogram } from './duration-bucket.ts';
import type { Group } from './group.ts';
import { KINDS, kindText } from './request-kind.ts';

/** A cache line. */
cdef(`
typedef struct {
  double duration_ms;
  uint32_t first_kind, first_requests, durations[${BUCKETS}];
} causeway_upstream_tally_t;
`);

const TALLY_BYTES = sizeof('causeway_upstream_tally_t');
const TALLIES = ctype('causeway_upstream_tally_t[?]');
/** Endpoints of all counters of a worker: 4 MiB. */
const MOST = 65_536;

interface UpstreamTally {
  duration_ms: number;
  /** Of the request that came first; others with the same are counted with it. */
  first_kind: number;
  first_requests: number;
  readonly durations: Record<number, number>;
}

/** The part of a counter about endpoints. */
export interface UpstreamCounter {
  group: Group | undefined;
  /** In the order of the group's peers. */
  upstreamTallies: Readonly<Record<number, UpstreamTally>> | undefined;
  /** By place of the peer * {@link KINDS} + kind: those that are not of the first kind. */
  otherUpstreams: LuaTable<number, number> | undefined;
  /** By endpoint: what has no place in the array. */
  strayUpstreams: LuaTable<string, Stray> | undefined;
}

interface Stray {
  readonly requests: Record<string, number>;
  readonly durations: Record<number, number>;
  durationSumMs: number;
}

let allocated = 0;

/** Requests that begin now go to this group. */
export function bindUpstreams(counter: UpstreamCounter, group: Group): void {
  if (counter.group === group) return;
  unbindUpstreams(counter);
  counter.group = group;
  const count = group.ring.peers.length;
  if (allocated + count > MOST) return;
  allocated += count;
  counter.upstreamTallies = allocate(TALLIES, count);
}

/** Gives the array back; what it has to report stays. */
export function unbindUpstreams(counter: UpstreamCounter): void {
  const { group, upstreamTallies: tallies } = counter;
  if (group !== undefined && tallies !== undefined) {
    foldOthers(counter, group);
    const peers = group.ring.peers;
    for (let place = 0; place < peers.length; place++) {
      const [tally, peer] = [tallies[place], peers[place]];
      if (tally === undefined || peer === undefined || tally.first_requests === 0) continue;
      addTally(strayOf(counter, upstreamName(peer)), tally);
    }
    allocated -= peers.length;
  }
  counter.group = undefined;
  counter.upstreamTallies = undefined;
}

/**
 * The last attempt of a request is over.
 *
 * @param place of the peer in its group
 * @param ms whole
 */
export function countUpstream(counter: UpstreamCounter, group: Group, place: number, kind: number, ms: number): void {
  const tally = counter.group === group ? counter.upstreamTallies?.[place] : undefined;
  if (tally === undefined) {
    countStray(counter, group, place, kind, ms);
    return;
  }
  if (tally.first_requests === 0) tally.first_kind = kind;
  if (tally.first_kind === kind) {
    tally.first_requests = tally.first_requests + 1;
  } else {
    if (counter.otherUpstreams === undefined) counter.otherUpstreams = new LuaTable();
    const key = place * KINDS + kind;
    counter.otherUpstreams.set(key, (counter.otherUpstreams.get(key) ?? 0) + 1);
  }
  const bucket = bucketOf(ms);
  tally.durations[bucket] = (tally.durations[bucket] ?? 0) + 1;
  tally.duration_ms = tally.duration_ms + ms;
}

/** Where a report that is made in pieces goes on. */
export interface UpstreamCursor {
  group: Group | undefined;
  place: number;
}

/**
 * Moves up to `limit` endpoints' samples from the counter to the end of a list.
 *
 * @param cursor for the first piece: with no group
 * @returns whether nothing is left
 */
export function takeUpstreams(
  counter: UpstreamCounter,
  cursor: UpstreamCursor,
  samples: UpstreamSample[],
  limit: number,
): boolean {
  const { group, upstreamTallies: tallies } = counter;
  if (cursor.group !== group || group === undefined) {
    cursor.group = group;
    cursor.place = 0;
    if (group !== undefined) foldOthers(counter, group);
  }
  const most = samples.length + limit;
  if (!takeStrays(counter, samples, most)) return false;
  if (group === undefined || tallies === undefined) return true;
  const peers = group.ring.peers;
  while (cursor.place < peers.length) {
    const [tally, peer] = [tallies[cursor.place], peers[cursor.place]];
    if (tally !== undefined && peer !== undefined && tally.first_requests > 0) {
      if (samples.length >= most) return false;
      samples.push({
        upstream: upstreamName(peer),
        requests: { [kindText(tally.first_kind)]: tally.first_requests },
        durations: shortHistogram(tally.durations),
        durationSumMs: tally.duration_ms,
      });
      fill(tally, TALLY_BYTES);
    }
    cursor.place++;
  }
  return true;
}

function takeStrays(counter: UpstreamCounter, samples: UpstreamSample[], most: number): boolean {
  const strays = counter.strayUpstreams;
  if (strays === undefined) return true;
  for (const [upstream, { requests, durations, durationSumMs }] of strays) {
    if (samples.length >= most) return false;
    samples.push({ upstream, requests, durations: shortHistogram(durations), durationSumMs });
    strays.delete(upstream);
  }
  counter.strayUpstreams = undefined;
  return true;
}

/** Kinds that are not the first of their endpoint go to the strays, which know the endpoint by name. */
function foldOthers(counter: UpstreamCounter, group: Group): void {
  const others = counter.otherUpstreams;
  if (others === undefined) return;
  for (const [key, count] of others) {
    const kind = key % KINDS;
    const peer = group.ring.peers[(key - kind) / KINDS];
    if (peer !== undefined) addRequests(strayOf(counter, upstreamName(peer)), kind, count);
  }
  counter.otherUpstreams = undefined;
}

function countStray(counter: UpstreamCounter, group: Group, place: number, kind: number, ms: number): void {
  const peer = group.ring.peers[place];
  if (peer === undefined) return;
  const stray = strayOf(counter, counter.group === group ? OTHER_UPSTREAMS : upstreamName(peer));
  addRequests(stray, kind, 1);
  const bucket = bucketOf(ms);
  stray.durations[bucket] = (stray.durations[bucket] ?? 0) + 1;
  stray.durationSumMs += ms;
}

function addTally(stray: Stray, tally: UpstreamTally): void {
  addRequests(stray, tally.first_kind, tally.first_requests);
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    stray.durations[bucket] = (stray.durations[bucket] ?? 0) + (tally.durations[bucket] ?? 0);
  }
  stray.durationSumMs += tally.duration_ms;
}

function addRequests(stray: Stray, kind: number, count: number): void {
  const text = kindText(kind);
  stray.requests[text] = (stray.requests[text] ?? 0) + count;
}

function strayOf(counter: UpstreamCounter, upstream: string): Stray {
  if (counter.strayUpstreams === undefined) counter.strayUpstreams = new LuaTable();
  const existing = counter.strayUpstreams.get(upstream);
  if (existing !== undefined) return existing;
  const durations: Record<number, number> = {};
  for (let bucket = 0; bucket < BUCKETS; bucket++) durations[bucket] = 0;
  const stray: Stray = { requests: {}, durations, durationSumMs: 0 };
  counter.strayUpstreams.set(upstream, stray);
  return stray;
}

/** As in nginx's log. */
function upstreamName(peer: Peer): string {
  return `${peer.address}:${peer.port}`;
}
