/** Who the client is, and what of what it says about those before it goes on: the maps and settings of the realip module. */
import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import type { InstanceIR } from '@causeway/ir/gateway';
import { whole } from './directive.ts';
import { hasTrustedDoor } from './door.ts';
import type { ServedPort } from './listen.ts';

/** The variable with the address at the other end of a connection, which may be a proxy's. */
export function peerVariable({ proxyProtocol, believesEverybody }: ServedPort, { trustedProxies }: InstanceIR): string {
  if (proxyProtocol === true && trustedProxies.length > 0) return '$causeway_peer';
  // What such a port says of its peers has become the address itself.
  return believesEverybody === true ? '$remote_addr' : '$realip_remote_addr';
}

export function clientAddress(instance: InstanceIR, ports: readonly ServedPort[], firewall: boolean): string {
  const known = instance.trustedProxies.length === 0 ? byHeader(instance) : realIp(instance, ports, firewall);
  return known === '' && instance.forwardedHeaders === 'replace' ? PEER_ALONE : known;
}

/** What the data plane has read in a header that a route names. */
function byHeader(instance: InstanceIR): string {
  if (instance.clientFromHeader !== true) return byHops(instance);
  return `map $causeway_told_client $causeway_client {
  default $causeway_told_client;
  "" $remote_addr;
}
${APPENDED_PEER}`;
}

const APPENDED_PEER = `map $http_x_forwarded_for $causeway_forwarded_for {
  default "$http_x_forwarded_for, $remote_addr";
  "" $remote_addr;
}
`;

/** The element of X-Forwarded-For that the last but so many proxies have seen; without it the peer is the client. */
function byHops({ trustedHops = 0 }: InstanceIR): string {
  if (trustedHops === 0) return '';
  const later = trustedHops === 1 ? '' : `(?:,[^,]*){${whole(trustedHops - 1)}}`;
  return `map $http_x_forwarded_for $causeway_client {
  default $remote_addr;
  "~(?:^|,)[ ]*(?<address>[0-9a-fA-F.:]+)[ ]*${later}$" $address;
}
${APPENDED_PEER}`;
}

/** What the client says about those before it counts for nothing (IN-15). */
const PEER_ALONE = `map $remote_addr $causeway_client {
  default $remote_addr;
}
map $remote_addr $causeway_forwarded_for {
  default $remote_addr;
}
`;

/**
 * The client's address as told by proxies that are trusted (design D12), by X-Real-IP before X-Forwarded-For (ALB-10);
 * without any, the peer is the client. The realip module reads one header only, hence the map.
 */
function realIp(instance: InstanceIR, ports: readonly ServedPort[], firewall: boolean): string {
  const { trustedProxies, forwardedHeaders } = instance;
  if (trustedProxies.length === 0) return '';
  for (const network of trustedProxies) {
    const [address = '', bits = '', ...rest] = network.split('/');
    const valid = rest.length === 0 && isIP(address) !== 0 && /^\d{1,3}$/.test(bits);
    assert(valid, `trusted proxies ${JSON.stringify(network)}`);
  }
  // Where connections bring the PROXY protocol, the peer has said by it who the client is: nobody else's headers count.
  const proxied = ports.some((port) => port.proxyProtocol === true);
  if (ports.some((port) => hasTrustedDoor(port, instance))) return realIpBehind(instance, firewall);
  const first = proxied ? '$causeway_peer' : '$realip_remote_addr';
  const peer = firewall ? '$causeway_first_peer' : first;
  return `${trustedProxies.map((network) => `set_real_ip_from ${network};`).join('\n')}
real_ip_header X-Forwarded-For;
real_ip_recursive on;
geo $realip_remote_addr $causeway_peer_is_trusted {
  default 0;
${trustedProxies.map((network) => `  ${network} 1;`).join('\n')}
}
${proxied ? PROXIED_PEER : ''}map "$causeway_peer_is_trusted${proxied ? '$proxy_protocol_addr' : ''} $http_x_real_ip" $causeway_client {
  default $remote_addr;
  "~^1 (?<address>[0-9a-fA-F.:]+)$" $address;
}
${firewall ? firstPeer(first) : ''}map $http_x_forwarded_for $causeway_forwarded_for {
  default ${forwardedHeaders === 'replace' ? peer : `"$http_x_forwarded_for, ${peer}"`};
  "" ${peer};
}
`;
}

/**
 * The same where our own stream module may stand in front (passthrough.ts) and has said who the peer is. When a proxy that is trusted
 * names nobody, it speaks for itself.
 */
function realIpBehind({ trustedProxies, forwardedHeaders }: InstanceIR, firewall: boolean): string {
  const peer = firewall ? '$causeway_first_peer' : '$causeway_peer';
  return `${trustedProxies.map((network) => `set_real_ip_from ${network};`).join('\n')}
real_ip_header X-Forwarded-For;
real_ip_recursive on;
geo $realip_remote_addr $causeway_peer_is_trusted {
  default 0;
${trustedProxies.map((network) => `  ${network} 1;`).join('\n')}
}
map $remote_addr $causeway_address {
  default $remote_addr;
  unix: $proxy_protocol_addr;
}
map "$realip_remote_addr $proxy_protocol_addr" $causeway_peer {
  default $remote_addr;
  "~^unix: (?<told>.+)$" $told;
  "~ $" $realip_remote_addr;
}
map "$causeway_told/$causeway_peer_is_trusted$proxy_protocol_addr $http_x_real_ip" $causeway_client {
  default $causeway_address;
  "~^/1 (?<address>[0-9a-fA-F.:]+)$" $address;
  "~^1/\\S* (?<believed>[0-9a-fA-F.:]+)$" $believed;
}
${firewall ? firstPeer('$causeway_peer') : ''}map $http_x_forwarded_for $causeway_forwarded_for {
  default ${forwardedHeaders === 'replace' ? peer : `"$http_x_forwarded_for, ${peer}"`};
  "" ${peer};
}
`;
}

const PROXIED_PEER = `map $proxy_protocol_addr $causeway_peer {
  default $remote_addr;
  "" $realip_remote_addr;
}
`;

/** On the way back from the firewall the peer is the firewall. */
function firstPeer(peer: string): string {
  return `map $realip_remote_addr $causeway_first_peer {
  default ${peer};
  unix: $causeway_inspected_peer;
}
`;
}
