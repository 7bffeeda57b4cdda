import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { type Clock, systemClock } from '@causeway/protocols/kubernetes/clock';
import type { NameRefresh } from '@causeway/resources/name-refresh';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { View } from '@causeway/resources/view';

/** How long an answer counts at least, whatever its TTL says, in seconds. */
const SHORTEST_TTL = 1;
/** What nobody has to say. */
const USUAL: NameRefresh = { seconds: 30, respectsTtl: true };
/** Between attempts while DNS does not answer, in seconds. */
const RETRY_SECONDS = 5;
/** For one attempt at one server; there are two of each. */
const TIMEOUT_MS = 1_000;
/** Changes of what is wanted come together. */
const SETTLE_MS = 100;

export interface HostNames {
  /** Resolves when every name known by now was asked for once, whatever came of it. */
  settled(): Promise<void>;
  stop(): void;
}

export interface HostNamesOptions {
  /** `address` or `address:port`; empty: those of /etc/resolv.conf. */
  readonly servers?: readonly string[];
  readonly clock?: Clock;
  /** Last answers by name, which outlive the process; absent: they are forgotten with it. */
  readonly answers?: {
    get(name: string): readonly string[] | undefined;
    /** @param addresses undefined: nobody wants the name any more */
    set(name: string, addresses: readonly string[] | undefined): void;
  };
  /** What users of a Backend want of its names; empty, or absent: nothing special. */
  readonly refreshesOf?: (view: View, backend: ObjectKey) => readonly NameRefresh[];
}

/** A name that is asked for. */
interface FollowedName {
  /** Who uses it, by id: Backends by their keys, Services without. */
  readonly users: Map<string, ObjectKey | undefined>;
  readonly first: Promise<void>;
  /** What its users want may be another thing now. */
  readonly replan: () => void;
  readonly stop: () => void;
}

/** Of readers of the snapshot. */
const READER = 'hostName/';

/**
 * Keeps the addresses of all names that ExternalName Services and Backends stand for in `snapshot`, as HostName facts: A and AAAA,
 * asked for again as soon as any of the users of a name wants that; unless they say so, when the answer's TTL ends, between 1 and 30 s.
 * While DNS fails, the addresses known before stay.
 *
 * Call it before the snapshot is filled. Names are asked for as they are: /etc/hosts and search domains do not count.
 *
 * Source: spec ALB-60, GW-45.
 */
export function startHostNames(
  snapshot: Snapshot,
  { servers = [], clock = systemClock, answers, refreshesOf }: HostNamesOptions = {},
): HostNames {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 2 });
  if (servers.length > 0) resolver.setServers(servers);
  const namesOf = new Map<string, readonly string[]>();
  const follows = new Map<string, FollowedName>();

  const wishesOf = (name: string, users: FollowedName['users']): readonly NameRefresh[] => {
    const view = snapshot.view(`${READER}${name}`);
    const wishes = [...users.values()].flatMap((backend) =>
      backend === undefined ? USUAL : (refreshesOf?.(view, backend) ?? []),
    );
    return wishes.length === 0 ? [USUAL] : wishes;
  };

  const follow = (name: string): FollowedName => {
    const users: FollowedName['users'] = new Map();
    const stopped = new AbortController();
    let cancel = (): void => undefined;
    let known = answers?.get(name) ?? [];
    /** Absent: it is being asked for. */
    let last: { readonly atMs: number; readonly ttl?: number } | undefined;
    const plan = (): void => {
      if (last === undefined || stopped.signal.aborted) return;
      cancel();
      const dueMs = last.atMs + secondsUntilNext(wishesOf(name, users), last.ttl) * 1_000;
      cancel = clock.setTimer(Math.max(0, dueMs - clock.now()), () => void round());
    };
    const round = async (): Promise<void> => {
      last = undefined;
      const answer = await addressesOf(resolver, name);
      if (stopped.signal.aborted) return;
      const failed = 'failure' in answer;
      if (!failed) {
        known = answer.addresses;
        answers?.set(name, known);
      }
      const fact = { apiVersion: '', kind: 'HostName', metadata: { name }, addresses: known };
      snapshot.put('HostName', failed ? { ...fact, failure: answer.failure } : fact);
      last = { atMs: clock.now(), ...(failed ? {} : { ttl: answer.ttl }) };
      plan();
    };
    return {
      users,
      first: round(),
      replan: () => {
        if (last === undefined || stopped.signal.aborted) return;
        cancel();
        cancel = clock.setTimer(SETTLE_MS, plan);
      },
      stop: () => {
        stopped.abort();
        cancel();
        snapshot.forget(`${READER}${name}`);
      },
    };
  };

  const leave = (id: string, name: string) => {
    const followed = follows.get(name);
    followed?.users.delete(id);
    if (followed === undefined || followed.users.size > 0) {
      followed?.replan();
      return;
    }
    followed.stop();
    follows.delete(name);
    answers?.set(name, undefined);
    snapshot.remove('HostName', { namespace: '', name });
  };
  const want = (id: string, names: readonly string[], backend?: ObjectKey) => {
    const before = namesOf.get(id) ?? [];
    if (names.length === 0) namesOf.delete(id);
    else namesOf.set(id, names);
    for (const name of before) if (!names.includes(name)) leave(id, name);
    for (const name of names) {
      const followed = follows.get(name) ?? follow(name);
      follows.set(name, followed);
      followed.users.set(id, backend);
      followed.replan();
    }
  };
  snapshot.onChange('Service', (key) => {
    const id = `Service ${objectKeyText(key)}`;
    const spec = snapshot.view(id).get('Service', key)?.spec;
    snapshot.forget(id);
    const text = spec?.type === 'ExternalName' ? (spec.externalName ?? '') : '';
    const names = text === '' || isIP(text) !== 0 ? [] : [text];
    if (names.length > 0 || namesOf.has(id)) want(id, names);
  });
  snapshot.onChange('Backend', (key) => {
    const id = `Backend ${objectKeyText(key)}`;
    const endpoints = snapshot.view(id).get('Backend', key)?.spec.endpoints ?? [];
    snapshot.forget(id);
    const names = endpoints.flatMap(({ fqdn }) => fqdn?.hostname ?? []).filter((name) => isIP(name) === 0);
    if (names.length > 0 || namesOf.has(id)) want(id, [...new Set(names)], key);
  });
  snapshot.onStale((reader) => {
    if (reader.startsWith(READER)) follows.get(reader.slice(READER.length))?.replan();
  });

  return {
    settled: async () => {
      await Promise.all([...follows.values()].map(({ first }) => first));
    },
    stop: () => {
      for (const each of follows.values()) each.stop();
      resolver.cancel();
    },
  };
}

/** @param ttl of the answer, in seconds; undefined: there was none */
function secondsUntilNext(wishes: readonly NameRefresh[], ttl: number | undefined): number {
  const each = wishes.map(({ seconds, respectsTtl }) => {
    if (ttl === undefined) return Math.min(RETRY_SECONDS, seconds);
    return respectsTtl ? Math.min(Math.max(SHORTEST_TTL, ttl), seconds) : seconds;
  });
  return Math.min(...each);
}

type Answer = { readonly addresses: readonly string[]; readonly ttl: number } | { readonly failure: string };

async function addressesOf(resolver: Resolver, name: string): Promise<Answer> {
  const [four, six] = await Promise.allSettled([
    resolver.resolve4(name, { ttl: true }),
    resolver.resolve6(name, { ttl: true }),
  ]);
  const records = [four, six].flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  if (records.length === 0) return { failure: four.status === 'rejected' ? text(four.reason) : 'no address' };
  return {
    addresses: [...new Set(records.map(({ address }) => address))].sort(),
    ttl: Math.min(...records.map((record) => record.ttl)),
  };
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
