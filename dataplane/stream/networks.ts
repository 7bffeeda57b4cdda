import { BlockList, isIP, isIPv4 } from 'node:net';

/** By the list, as long as somebody uses it; lists are replaced as a whole when they change. */
const parsed = new WeakMap<readonly string[], BlockList>();

/** @param networks CIDR or single addresses; what is neither counts as empty */
export function isInNetworks(address: string, networks: readonly string[]): boolean {
  if (isIP(address) === 0) return false;
  let list = parsed.get(networks);
  if (list === undefined) {
    list = newList(networks);
    parsed.set(networks, list);
  }
  return list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}

function newList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [base = '', prefix] = network.split('/');
    const version = isIP(base);
    if (version === 0) continue;
    const bits = prefix === undefined ? (version === 4 ? 32 : 128) : Number(prefix);
    if (Number.isInteger(bits) && bits >= 0 && bits <= (version === 4 ? 32 : 128)) {
      list.addSubnet(base, bits, version === 4 ? 'ipv4' : 'ipv6');
    }
  }
  return list;
}
