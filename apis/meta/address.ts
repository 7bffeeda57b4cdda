import { isIPv4, SocketAddress } from 'node:net';

/**
 * IP addresses as bytes, so that they compare numerically. Strict: no leading
 * zeros, no shortened IPv4, no zone; IPv6 may stand in brackets.
 *
 * Source: RFC 4291 section 2.2, RFC 6943 section 3.1.1 (why loose forms are dangerous).
 *
 * @returns 4 or 16 bytes, or undefined when `text` is not an address
 */
export function parseAddress(text: string): readonly number[] | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  return bare.includes(':') ? parseIPv6(bare) : bare === text ? parseIPv4(text) : undefined;
}

/**
 * The one spelling of an address that programs write: IPv6 in lower case, without brackets, the longest run of zeros
 * as `::` (RFC 5952 section 4).
 *
 * @returns undefined when `text` is not an address
 */
export function canonicalAddress(text: string): string | undefined {
  const bytes = parseAddress(text);
  if (bytes === undefined || bytes.length === 4) return bytes === undefined ? undefined : text;
  return new SocketAddress({ address: text.replace(/[[\]]/g, ''), family: 'ipv6' }).address;
}

/** Reports whether `text` is a network in CIDR form: `10.0.0.0/8`, `2001:db8::/32`; bits behind the prefix may be set. */
export function isNetwork(text: string): boolean {
  const [, address = '', bits = ''] = /^([0-9a-fA-F:.]+)\/(\d{1,3})$/.exec(text) ?? [];
  const bytes = parseAddress(address);
  return bytes !== undefined && Number(bits) <= bytes.length * 8;
}

/** 169.254.0.0/16, where clouds keep their metadata, and fe80::/10: nothing a user writes may lead there (design D12). */
export function isLinkLocal(address: string): boolean {
  return isIPv4(address) ? address.startsWith('169.254.') : /^fe[89ab]|^::ffff:(?:169\.254\.|a9fe:)/i.test(address);
}

/** Negative, zero or positive as `a` is below, equal to or above `b`; both of one family. */
export function compareAddresses(a: readonly number[], b: readonly number[]): number {
  for (const [index, byte] of a.entries()) {
    const difference = byte - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function parseIPv4(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes = parts.map((part) => (/^(0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256));
  return bytes.every((byte) => byte < 256) ? bytes : undefined;
}

function parseIPv6(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groupBytes(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? groupBytes(halves[1] ?? '', true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

/** Bytes of colon-separated groups; only the last group of an address may be in IPv4 form. */
function groupBytes(text: string, endsAddress: boolean): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 255);
      continue;
    }
    const embedded = endsAddress && index === groups.length - 1 ? parseIPv4(group) : undefined;
    if (embedded === undefined) return undefined;
    bytes.push(...embedded);
  }
  return bytes;
}
