import { compareAddresses, parseAddress } from '@causeway/apis/meta/address';
import type { AddressRanges, RangeList } from '@causeway/dataplane/policy/address-ranges';
import type { AddressRangesIR } from '@causeway/ir/gateway';

/** Lists as the data plane searches them: sorted, without overlaps. */
export function renderAddressRanges({ allow, deny }: AddressRangesIR): AddressRanges {
  return {
    ...(allow.length > 0 && { allow: renderRanges(allow) }),
    ...(deny.length > 0 && { deny: renderRanges(deny) }),
  };
}

type Bytes = readonly number[];

function renderRanges(networks: readonly string[]): RangeList {
  const sorted = networks
    .flatMap((network) => rangeOf(network) ?? [])
    .sort((a, b) => a.first.length - b.first.length || compareAddresses(a.first, b.first));
  const merged: { first: Bytes; last: Bytes }[] = [];
  for (const range of sorted) {
    const before = merged.at(-1);
    if (before === undefined || before.last.length !== range.first.length) merged.push(range);
    else if (compareAddresses(range.first, before.last) > 0) merged.push(range);
    else if (compareAddresses(range.last, before.last) > 0) before.last = range.last;
  }
  return merged.map(({ first, last }) => [addressText(first), addressText(last)]);
}

/** First and last address; undefined for what is no network. IPv4 that is written as IPv6 is IPv4. */
function rangeOf(network: string): { first: Bytes; last: Bytes } | undefined {
  const [text = '', length] = network.split('/');
  let bytes = parseAddress(text);
  if (bytes === undefined) return undefined;
  let bits = length === undefined ? bytes.length * 8 : Number(length);
  if (bytes.length === 16 && bits >= 96 && isMapped(bytes)) {
    bytes = bytes.slice(12);
    bits -= 96;
  }
  const first = bytes.map((byte, index) => byte & maskOf(bits - index * 8));
  const last = bytes.map((byte, index) => byte | (255 - maskOf(bits - index * 8)));
  return { first, last };
}

function maskOf(bits: number): number {
  const kept = Math.min(8, Math.max(0, bits));
  return (0xff00 >> kept) & 255;
}

function isMapped(bytes: Bytes): boolean {
  return bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
}

function addressText(bytes: Bytes): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0)).toString(16));
  return groups.join(':');
}
