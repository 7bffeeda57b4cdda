import clients from './client-sets.json' with { type: 'json' };
import own from './package-sets.json' with { type: 'json' };
import peers from './peer-sets.json' with { type: 'json' };
import redis from './redis-sets.json' with { type: 'json' };

const packageSets = { ...own, ...peers, ...clients, ...redis };

/**
 * Debian packages that are unpacked together, because they share libraries.
 * `nginx`: what data planes run. `firewall`: what those of them need that inspect requests, fetched with the first of these.
 * `bench`: peers and load generators; kept
 * apart since wrk brings a second LuaJIT under the same file name. For tests, in lists of their own, so that a change there fetches none of
 * these anew: `store` and `redis`: where instances count requests together (ADR 0011); `browser`: what looks at pages; `openid`: Apache as a relying
 * party of OpenID Connect; `kubectl-1.20`: the oldest client that is tried.
 */
export type PackageSetName = keyof typeof packageSets;

export function isPackageSetName(name: string): name is PackageSetName {
  return Object.hasOwn(packageSets, name);
}

export function packagesOf(set: PackageSetName): readonly string[] {
  return packageSets[set];
}
