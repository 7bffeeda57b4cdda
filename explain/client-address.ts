import { BlockList, isIP } from 'node:net';

/** Whom a data plane takes for the client of a request. */
export interface ExplainedClient {
  /** What rules, balancing and logs see. */
  readonly address: string;
  /** Who connected. */
  readonly peer: string;
  /** What named the address. */
  readonly by: 'peer' | 'X-Real-IP' | 'X-Forwarded-For';
}

/**
 * The peer is the client, unless it is a trusted proxy; of one that is, X-Real-IP, then the first element of X-Forwarded-For from
 * the right that is not trusted itself.
 *
 * Source: spec ALB, amendment to ALB-10; nginx, ngx_http_realip_module with real_ip_recursive.
 *
 * @param trustedProxies CIDRs
 * @param header by lower-case name
 * @param hops without trusted proxies: the element of X-Forwarded-For, counted from its end, that is the client; 0: none
 */
export function clientOf(
  peer: string,
  trustedProxies: readonly string[],
  header: (name: string) => string | undefined,
  hops = 0,
): ExplainedClient {
  if (trustedProxies.length === 0 && hops > 0) return byHops(peer, header('x-forwarded-for') ?? '', hops);
  const trusted = new BlockList();
  for (const network of trustedProxies) {
    const [address = '', bits = ''] = network.split('/');
    trusted.addSubnet(address, Number(bits), familyOf(address));
  }
  const isTrusted = (address: string): boolean => trusted.check(address, familyOf(address));
  if (isIP(peer) === 0 || !isTrusted(peer)) return { address: peer, peer, by: 'peer' };
  const realIp = header('x-real-ip')?.trim();
  if (realIp !== undefined && /^[0-9a-fA-F.:]+$/.test(realIp)) return { address: realIp, peer, by: 'X-Real-IP' };
  let address = peer;
  for (const text of (header('x-forwarded-for') ?? '').split(',').reverse()) {
    const element = text.trim();
    if (isIP(element) === 0) break;
    address = element;
    if (!isTrusted(element)) break;
  }
  return { address, peer, by: address === peer ? 'peer' : 'X-Forwarded-For' };
}

function byHops(peer: string, forwardedFor: string, hops: number): ExplainedClient {
  const named = forwardedFor.split(',').at(-hops)?.trim() ?? '';
  return isIP(named) === 0 ? { address: peer, peer, by: 'peer' } : { address: named, peer, by: 'X-Forwarded-For' };
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}
