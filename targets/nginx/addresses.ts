/**
 * Which addresses an instance listens on: those of the machine (host mode), or one of its own (container mode).
 */
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

export interface ListenAddresses {
  /** Sorted, without brackets. */
  readonly addresses: readonly string[];
  /** What is missing, for people. */
  readonly problems: readonly string[];
}

export interface MachineAddressOptions {
  /** Names; empty: all. */
  readonly interfaces: readonly string[];
  readonly ipv6: boolean;
  /** Addresses of the loopback device in here belong to instances. */
  readonly instanceRange?: AddressRange | undefined;
}

/** A network in CIDR form. */
export interface AddressRange {
  readonly text: string;
  /** As a number. */
  readonly first: number;
  readonly size: number;
  contains(address: string): boolean;
}

type Address = Pick<NetworkInterfaceInfo, 'address' | 'family'>;
type Machine = Readonly<Record<string, readonly Address[] | undefined>>;
type Devices = ReadonlyMap<string, readonly Address[]>;

/** The device that carries addresses of instances. */
export const LOOPBACK_DEVICE = 'lo';

/** @throws RangeError when it is not an IPv4 network of at least two addresses, written with its first */
export function parseAddressRange(text: string): AddressRange {
  const [address = '', bits = '', ...rest] = text.split('/');
  const length = Number(bits);
  if (rest.length > 0 || !isIPv4(address) || !/^\d{1,2}$/.test(bits) || length < 8 || length > 31) {
    throw new RangeError(`not an IPv4 network like 198.18.0.0/15: ${text}`);
  }
  const size = 2 ** (32 - length);
  const first = numberOf(address);
  if (first % size !== 0) throw new RangeError(`${text} does not begin a network of ${size} addresses`);
  const list = new BlockList();
  list.addSubnet(address, length, 'ipv4');
  return { text, first, size, contains: (each) => isIPv4(each) && list.check(each, 'ipv4') };
}

/** @param index 0 is the first address of the network */
export function addressAt({ first, size }: AddressRange, index: number): string {
  const number = first + (index % size);
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff).join('.');
}

/**
 * Each address of the machine, never the wildcard, so that others can use the same port on their own addresses.
 * Link-local IPv6 is left out. A family without address is left out too, and told: nothing falls back to all addresses.
 *
 * Source: spec ALB-123 and its decision.
 *
 * @param machine interfaces that are up, as Node lists them
 */
export function machineAddresses(
  { interfaces, ipv6, instanceRange }: MachineAddressOptions,
  machine: Machine = networkInterfaces(),
): ListenAddresses {
  const present = devices(machine);
  const chosen = new Set<string>();
  for (const [name, entries] of present) {
    if (interfaces.length > 0 && !interfaces.includes(name)) continue;
    for (const { address, family } of entries) {
      if (name === LOOPBACK_DEVICE && instanceRange?.contains(address) === true) continue;
      if (family === 'IPv4' || (ipv6 && !/^fe[89ab]/i.test(address))) chosen.add(address);
    }
  }
  const addresses = [...chosen].sort();
  const problems = interfaces
    .filter((name) => !present.has(name))
    .map((name) => `interface ${name} does not exist or is down`);
  // Of interfaces that are not there nothing more has to be said.
  const named = interfaces.filter((name) => present.has(name));
  if (named.length > 0) {
    const where = named.join(', ');
    if (!addresses.some(isIPv4)) problems.push(`no IPv4 address on ${where}`);
    if (ipv6 && hasIpv6(present) && !addresses.some(isIPv6)) {
      problems.push(`no IPv6 address on ${where}; enableIPV6 "false" says that none is wanted`);
    }
  }
  return { addresses, problems };
}

/** Whether some device carries an address. */
export function isOnMachine(address: string): boolean {
  return Object.values(networkInterfaces()).some((entries) => entries?.some((entry) => entry.address === address));
}

/** By name; an address with a label (`eth0:1`) belongs to its device. */
function devices(machine: Machine): Devices {
  const found = new Map<string, Address[]>();
  for (const [label, entries = []] of Object.entries(machine)) {
    const name = label.split(':')[0] ?? label;
    found.set(name, [...(found.get(name) ?? []), ...entries]);
  }
  return found;
}

/** The kernel has IPv6, and it is not switched off. */
function hasIpv6(present: Devices): boolean {
  return [...present.values()].some((entries) => entries.some(({ family }) => family === 'IPv6'));
}

function numberOf(address: string): number {
  return address.split('.').reduce((number, byte) => number * 256 + Number(byte), 0);
}
