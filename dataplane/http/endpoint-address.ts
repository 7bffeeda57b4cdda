/**
 * Names an endpoint to nginx. The Lua module parses and prints the address anew for each attempt, 1,800 instructions; so what nginx
 * made of it the first time is kept with the group, and given to it again.
 */
import { new as allocate, C, type CData, cast, cdef, copy, typeof as ctype } from 'ffi';
import { set_current_peer } from 'ngx.balancer';
import type { Peer } from '../policy/record.ts';
import type { Group } from './group.ts';
import { balancerStructure, requestStructure } from './nginx-request.ts';
import type { BalancerStructure, RequestStructure, Span } from './nginx-structure.ts';

/** IPv4 and IPv6, `[address]:port` at most. */
const MOST_SOCKET_BYTES = 28;
const MOST_NAME_BYTES = 48;
cdef(`
typedef struct {
  causeway_span_t name;
  uint32_t socklen;
  uint8_t sockaddr[${MOST_SOCKET_BYTES}];
  char text[${MOST_NAME_BYTES}];
} causeway_endpoint_t;
void *ngx_palloc(void *pool, size_t size);
`);

const ENDPOINTS = ctype('causeway_endpoint_t[?]');
const ENDPOINT = ctype('causeway_endpoint_t *');
const ENDPOINT_BYTES = 96;

interface Endpoint {
  readonly name: Span;
  /** 0: not known yet. */
  socklen: number;
  readonly sockaddr: CData;
  readonly text: CData;
}

/** In the order of the group's peers. */
export type EndpointAddresses = Readonly<Record<number, Endpoint>>;

/** @returns what is wrong with it */
export function setPeer(group: Group, place: number): string | undefined {
  const request = requestStructure();
  const balancer = request === undefined ? undefined : balancerStructure(request);
  if (request === undefined || balancer === undefined) return setParsed(group.ring.peers[place]);
  const endpoint = group.addresses?.[place];
  if (endpoint === undefined || endpoint.socklen === 0) {
    const problem = setParsed(group.ring.peers[place]);
    if (problem === undefined) keep(group, place, balancer);
    return problem;
  }
  return give(endpoint, request, balancer);
}

/** In memory of the request: the group may be gone before it. */
function give(endpoint: Endpoint, request: RequestStructure, balancer: BalancerStructure): string | undefined {
  const memory = C.ngx_palloc(request.pool, ENDPOINT_BYTES);
  if (memory === undefined) return 'no memory';
  copy(memory, endpoint, ENDPOINT_BYTES);
  const own = cast(ENDPOINT, memory) as unknown as Endpoint;
  own.name.data = own.text;
  balancer.sockaddr = own.sockaddr;
  balancer.socklen = own.socklen;
  balancer.host = own.name;
  return undefined;
}

function setParsed(peer: Peer | undefined): string | undefined {
  if (peer === undefined) return 'no such endpoint';
  const [set, problem] = set_current_peer(peer.address, peer.port);
  return set === true ? undefined : `${peer.address}:${peer.port}: ${problem}`;
}

function keep(group: Group, place: number, { sockaddr, socklen, host }: BalancerStructure): void {
  if (socklen > MOST_SOCKET_BYTES || host.len > MOST_NAME_BYTES) return;
  if (group.addresses === undefined) group.addresses = allocate<EndpointAddresses>(ENDPOINTS, group.ring.peers.length);
  const endpoint = group.addresses[place];
  if (endpoint === undefined) return;
  copy(endpoint.sockaddr, sockaddr, socklen);
  copy(endpoint.text, host.data, host.len);
  endpoint.name.len = host.len;
  endpoint.socklen = socklen;
}
