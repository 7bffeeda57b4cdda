/** IngressLoadBalancerIngress of networking.k8s.io/v1. */
export interface PublishedAddress {
  readonly ip?: string;
  readonly hostname?: string;
  readonly ports?: readonly { readonly port: number; readonly protocol: string; readonly error?: string }[];
}

/** Our part of `status.loadBalancer.ingress` of one object. */
export interface PublishedAddresses {
  readonly entries: readonly PublishedAddress[];
  /** Addresses and host names that were ours and must go. */
  readonly withdrawn: readonly string[];
}

/**
 * The whole list: ours, exactly as wanted, and what others wrote, in its order.
 *
 * Source: spec ALB-25.
 */
export function mergeAddresses(
  stored: readonly PublishedAddress[],
  ours: PublishedAddresses,
): readonly PublishedAddress[] {
  const replaced = new Set([...ours.entries.map(addressOf), ...ours.withdrawn]);
  return [...stored.filter((entry) => !replaced.has(addressOf(entry))), ...ours.entries];
}

function addressOf(entry: PublishedAddress): string {
  return entry.ip ?? entry.hostname ?? '';
}
