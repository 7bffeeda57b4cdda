/** IngressLoadBalancerIngress of networking.k8s.io/v1. */
export interface PublishedAddress {
  readonly ip?: string;
  readonly hostname?: string;
  readonly ports?: readonly { readonly port: number; readonly protocol: string; readonly error?: string }[];
}

/** Our part of `status.loadBalancer.ingress` of one object. */
export interface PublishedAddresses {
  readonly entries: readonly PublishedAddress[];
  /**
   * Addresses and host names that may have been ours and must go. Ours name
   * ports; an entry without comes from a controller that shares the address.
   */
  readonly withdrawn: readonly string[];
}

/**
 * The whole list: ours, exactly as wanted, and what others wrote; what is there keeps its place.
 *
 * Source: spec ALB-25.
 */
export function mergeAddresses(
  stored: readonly PublishedAddress[],
  ours: PublishedAddresses,
): readonly PublishedAddress[] {
  const missing = new Map(ours.entries.map((entry) => [addressOf(entry), entry]));
  const merged: PublishedAddress[] = [];
  for (const entry of stored) {
    const address = addressOf(entry);
    const replacement = missing.get(address);
    if (replacement !== undefined) merged.push(replacement);
    else if (!isWithdrawn(entry, ours.withdrawn)) merged.push(entry);
    missing.delete(address);
  }
  return [...merged, ...missing.values()];
}

/** Whether {@link mergeAddresses} takes this entry away. */
export function isWithdrawn(entry: PublishedAddress, withdrawn: readonly string[]): boolean {
  return withdrawn.includes(addressOf(entry)) && (entry.ports ?? []).length > 0;
}

function addressOf(entry: PublishedAddress): string {
  return entry.ip ?? entry.hostname ?? '';
}
