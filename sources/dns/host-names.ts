import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { objectKeyText } from '@causeway/apis/meta/object';
import { type Clock, systemClock } from '@causeway/protocols/kubernetes/clock';
import type { Snapshot } from '@causeway/resources/snapshot';

/** How long an answer counts, whatever its TTL says, in seconds. */
const SHORTEST_TTL = 1;
const LONGEST_TTL = 30;
/** Between attempts while DNS does not answer, in milliseconds. */
const RETRY_MS = 5_000;
/** For one attempt at one server; there are two of each. */
const TIMEOUT_MS = 1_000;

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
}

/**
 * Keeps the addresses of all names that ExternalName Services and Backends stand for in `snapshot`, as HostName facts: A and AAAA,
 * asked for again when the answer's TTL ends, between 1 and 30 s. While DNS fails, the addresses known before stay.
 *
 * Call it before the snapshot is filled. Names are asked for as they are: /etc/hosts and search domains do not count.
 *
 * Source: spec ALB-60.
 */
export function startHostNames(
  snapshot: Snapshot,
  { servers = [], clock = systemClock, answers }: HostNamesOptions = {},
): HostNames {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 2 });
  if (servers.length > 0) resolver.setServers(servers);
  const namesOf = new Map<string, readonly string[]>();
  const follows = new Map<string, { readonly first: Promise<void>; readonly stop: () => void }>();

  const follow = (name: string) => {
    const stopped = new AbortController();
    let cancel = (): void => undefined;
    let known = answers?.get(name) ?? [];
    const round = async (): Promise<void> => {
      const answer = await addressesOf(resolver, name);
      if (stopped.signal.aborted) return;
      const failed = 'failure' in answer;
      if (!failed) {
        known = answer.addresses;
        answers?.set(name, known);
      }
      const fact = { apiVersion: '', kind: 'HostName', metadata: { name }, addresses: known };
      snapshot.put('HostName', failed ? { ...fact, failure: answer.failure } : fact);
      cancel = clock.setTimer(failed ? RETRY_MS : answer.ttl * 1_000, () => void round());
    };
    follows.set(name, {
      first: round(),
      stop: () => {
        stopped.abort();
        cancel();
      },
    });
  };

  const want = (id: string, names: readonly string[]) => {
    const before = namesOf.get(id) ?? [];
    if (names.length === 0) namesOf.delete(id);
    else namesOf.set(id, names);
    const wanted = new Set([...namesOf.values()].flat());
    for (const name of before.filter((each) => !wanted.has(each))) {
      follows.get(name)?.stop();
      follows.delete(name);
      answers?.set(name, undefined);
      snapshot.remove('HostName', { namespace: '', name });
    }
    for (const name of names) if (!follows.has(name)) follow(name);
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
    if (names.length > 0 || namesOf.has(id)) want(id, [...new Set(names)]);
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

type Answer = { readonly addresses: readonly string[]; readonly ttl: number } | { readonly failure: string };

async function addressesOf(resolver: Resolver, name: string): Promise<Answer> {
  const [four, six] = await Promise.allSettled([
    resolver.resolve4(name, { ttl: true }),
    resolver.resolve6(name, { ttl: true }),
  ]);
  const records = [four, six].flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  if (records.length === 0) return { failure: four.status === 'rejected' ? text(four.reason) : 'no address' };
  const ttl = Math.min(...records.map((record) => record.ttl));
  return {
    addresses: [...new Set(records.map(({ address }) => address))].sort(),
    ttl: Math.min(LONGEST_TTL, Math.max(SHORTEST_TTL, ttl)),
  };
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
