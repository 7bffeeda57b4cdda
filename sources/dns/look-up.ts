import { lookup, Resolver } from 'node:dns/promises';

/** What the system says has no time to live. */
const SYSTEM_SECONDS = 5;
const SHORTEST_SECONDS = 1;
const LONGEST_SECONDS = 30;
const TIMEOUT_MS = 1_000;

export interface LookedUp {
  readonly addresses: readonly string[];
  /** How long that counts. */
  readonly seconds: number;
}

/**
 * Resolves a name once, A and AAAA.
 *
 * @param servers `address` or `address:port`; empty: as programs of this machine do, with /etc/hosts and search domains
 * @throws what DNS says
 */
export function nameLookUp(servers: readonly string[]): (name: string) => Promise<LookedUp> {
  if (servers.length === 0) {
    return async (name) => ({
      addresses: (await lookup(name, { all: true })).map(({ address }) => address),
      seconds: SYSTEM_SECONDS,
    });
  }
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 2 });
  resolver.setServers(servers);
  return async (name) => {
    const [four, six] = await Promise.allSettled([
      resolver.resolve4(name, { ttl: true }),
      resolver.resolve6(name, { ttl: true }),
    ]);
    const records = [four, six].flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
    if (records.length === 0 && four.status === 'rejected') throw four.reason;
    const ttl = Math.min(LONGEST_SECONDS, ...records.map((record) => record.ttl));
    return { addresses: records.map(({ address }) => address), seconds: Math.max(SHORTEST_SECONDS, ttl) };
  };
}
