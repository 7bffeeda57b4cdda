import { isIPv4, isIPv6 } from 'node:net';
import { global, member, type Overload, traversal } from '../declaration.ts';
import { EvaluationError, Opaque } from '../value.ts';

/*
 * IP addresses and networks.
 *
 * Source: apiserver pkg/cel/library/ip.go and cidr.go; net/netip of Go.
 */

const IP = 'net.IP';
const CIDR = 'net.CIDR';

type Family = 4 | 6;

class Address extends Opaque {
  override readonly typeName = IP;
  readonly family: Family;
  readonly bits: bigint;

  constructor(family: Family, bits: bigint) {
    super();
    this.family = family;
    this.bits = bits;
  }

  override equals(other: Opaque): boolean {
    return other instanceof Address && other.family === this.family && other.bits === this.bits;
  }
}

class Network extends Opaque {
  override readonly typeName = CIDR;
  readonly address: Address;
  readonly length: number;

  constructor(address: Address, length: number) {
    super();
    this.address = address;
    this.length = length;
  }

  override equals(other: Opaque): boolean {
    return other instanceof Network && other.length === this.length && other.address.equals(this.address);
  }
}

const WIDTH: Readonly<Record<Family, number>> = { 4: 32, 6: 128 };

/** Neither zones nor IPv4 in IPv6 are allowed. */
function parseAddress(text: string): Address | undefined {
  if (isIPv4(text))
    return new Address(
      4,
      text.split('.').reduce((bits, part) => bits * 256n + BigInt(part), 0n),
    );
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const address = new Address(6, ipv6Bits(text));
  return address.bits >> 32n === 0xffffn ? undefined : address;
}

function ipv6Bits(text: string): bigint {
  const last = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const hex = (high = '0', low = '0'): string => (Number(high) * 256 + Number(low)).toString(16);
  const plain = last === null ? text : `${last[1]}${hex(last[2], last[3])}:${hex(last[4], last[5])}`;
  const [head = '', tail] = plain.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const before = groups(head);
  const after = groups(tail ?? '');
  const filled = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => '0'), ...after];
  return filled.reduce((bits, group) => (bits << 16n) + BigInt(`0x${group}`), 0n);
}

/** The form of RFC 5952. */
function addressText({ family, bits }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_each, index) =>
    ((bits >> BigInt(112 - index * 16)) & 0xffffn).toString(16),
  );
  const [longest = ''] = [...groups.join(':').matchAll(/\b0(?::0)+\b/g)]
    .map(([run]) => run)
    .sort((a, b) => b.length - a.length);
  const text = groups.join(':');
  if (longest === '') return text;
  const at = text.search(new RegExp(`\\b${longest}\\b`));
  const before = text.slice(0, at).replace(/:$/, '');
  const after = text.slice(at + longest.length).replace(/^:/, '');
  return `${before}::${after}`;
}

function ip(text: string): Address {
  const address = parseAddress(text);
  if (address !== undefined) return address;
  const quoted = JSON.stringify(text);
  if (isIPv6(text)) {
    throw new EvaluationError(
      text.includes('%')
        ? `IP address ${quoted} with zone value is not allowed`
        : `IPv4-mapped IPv6 address ${quoted} is not allowed`,
    );
  }
  throw new EvaluationError(`IP Address ${quoted} parse error during conversion from string: ${ipProblem(text)}`);
}

function ipProblem(text: string): string {
  const isShort = /^\d+(\.\d+){1,2}$/.test(text);
  return `ParseAddr(${JSON.stringify(text)}): ${isShort ? 'IPv4 address too short' : 'unable to parse IP'}`;
}

function parseNetwork(text: string): Network | undefined {
  const slash = text.lastIndexOf('/');
  const length = text.slice(slash + 1);
  const address = slash === -1 ? undefined : parseAddress(text.slice(0, slash));
  if (address === undefined || !/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > WIDTH[address.family]) {
    return undefined;
  }
  return new Network(address, Number(length));
}

function cidr(text: string): Network {
  const network = parseNetwork(text);
  if (network !== undefined) return network;
  throw new EvaluationError(
    `${NETWORK_ERROR}${NETWORK_ERROR}netip.ParsePrefix(${JSON.stringify(text)}): ${networkProblem(text)}`,
  );
}

/** Real servers say it twice. */
const NETWORK_ERROR = 'network address parse error during conversion from string: ';

function networkProblem(text: string): string {
  const slash = text.lastIndexOf('/');
  if (slash === -1) return "no '/'";
  const address = text.slice(0, slash);
  if (parseAddress(address) === undefined) return ipProblem(address);
  return /^\d+$/.test(text.slice(slash + 1)) ? 'prefix length out of range' : 'bad bits after slash';
}

function masked({ address, length }: Network): Network {
  const shift = BigInt(WIDTH[address.family] - length);
  return new Network(new Address(address.family, (address.bits >> shift) << shift), length);
}

function containsAddress({ address, length }: Network, other: Address): boolean {
  const shift = BigInt(WIDTH[address.family] - length);
  return address.family === other.family && address.bits >> shift === other.bits >> shift;
}

function containsNetwork(network: Network, other: Network): boolean {
  return other.length >= network.length && containsAddress(network, masked(other).address);
}

/** Reports whether the first `length` bits are those of `bits4` or `bits6`. */
function within(four: readonly [bigint, number], six: readonly [bigint, number]): (address: Address) => boolean {
  return ({ family, bits }) => {
    const [prefix, length] = family === 4 ? four : six;
    return bits >> BigInt(WIDTH[family] - length) === prefix;
  };
}

const isLoopback = within([127n, 8], [1n, 128]);
const isUnspecified = within([0n, 32], [0n, 128]);
const isLinkLocalUnicast = within([0xa9fen, 16], [0x3fan, 10]);
const isMulticast = within([0xen, 4], [0xffn, 8]);

function isLinkLocalMulticast({ family, bits }: Address): boolean {
  return family === 4 ? bits >> 8n === 0xe00000n : ((bits >> 112n) & 0xff0fn) === 0xff02n;
}

function isGlobalUnicast(address: Address): boolean {
  const isBroadcast = address.family === 4 && address.bits === 0xffffffffn;
  return !(
    isBroadcast ||
    isUnspecified(address) ||
    isLoopback(address) ||
    isMulticast(address) ||
    isLinkLocalUnicast(address)
  );
}

const PARSING = traversal();
const TWICE = traversal(0, 2);

export const ADDRESS: readonly Overload[] = [
  global('isIP', 'string -> bool', (text: string) => parseAddress(text) !== undefined, PARSING),
  global('ip', `string -> ${IP}`, ip, PARSING),
  global('ip.isCanonical', 'string -> bool', (text: string) => addressText(ip(text)) === text, TWICE),
  global('string', `${IP} -> string`, addressText),
  member('family', `${IP} -> int`, (address: Address) => BigInt(address.family)),
  member('isUnspecified', `${IP} -> bool`, isUnspecified),
  member('isLoopback', `${IP} -> bool`, isLoopback),
  member('isLinkLocalMulticast', `${IP} -> bool`, isLinkLocalMulticast),
  member('isLinkLocalUnicast', `${IP} -> bool`, isLinkLocalUnicast),
  member('isGlobalUnicast', `${IP} -> bool`, isGlobalUnicast),
  global('isCIDR', 'string -> bool', (text: string) => parseNetwork(text) !== undefined, PARSING),
  global('cidr', `string -> ${CIDR}`, cidr, PARSING),
  global('string', `${CIDR} -> string`, ({ address, length }: Network) => `${addressText(address)}/${length}`),
  member('containsIP', `${CIDR}, string -> bool`, (network: Network, text: string) => {
    const address = parseAddress(text);
    if (address === undefined) throw new EvaluationError('no such overload');
    return containsAddress(network, address);
  }),
  member('containsIP', `${CIDR}, ${IP} -> bool`, containsAddress),
  member('containsCIDR', `${CIDR}, string -> bool`, (network: Network, text: string) =>
    containsNetwork(network, cidr(text)),
  ),
  member('containsCIDR', `${CIDR}, ${CIDR} -> bool`, containsNetwork),
  member('ip', `${CIDR} -> ${IP}`, ({ address }: Network) => address),
  member('prefixLength', `${CIDR} -> int`, ({ length }: Network) => BigInt(length)),
  member('masked', `${CIDR} -> ${CIDR}`, masked),
];
