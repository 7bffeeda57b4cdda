import { isIP } from 'node:net';
import type { ALB2 } from '@causeway/apis/gateway/alb2';

/** Addresses and host names by which an ALB is reached, sorted: those users wrote and those of its Service. */
export function addressesOf(alb: ALB2): readonly string[] {
  const address = alb.status?.detail?.address;
  const written = (alb.spec.address ?? '').split(',').map((text) => text.trim());
  const all = [...written, ...(address?.ipv4 ?? []), ...(address?.ipv6 ?? []), ...(address?.host ?? [])];
  return [...new Set(all.filter((text) => text !== ''))].sort();
}

/** Addresses that may still stand in some Ingress status: today's and those published before (amendment to ALB-25). */
export function publishedAddresses(alb: ALB2): readonly string[] {
  const before = alb.status?.detail?.address?.published ?? [];
  return [...new Set([...addressesOf(alb), ...before])].sort();
}

export function isAddress(text: string): boolean {
  return isIP(text) !== 0;
}
