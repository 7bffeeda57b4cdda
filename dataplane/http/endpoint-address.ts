/**
 * Names an endpoint to nginx. The Lua module parses and prints the address anew for each attempt, 1,800 instructions; so what nginx
 * made of it the first time is kept with the group, and given to it again.
 */
import { new as allocate, C, type CData, cast, cdef, copy, typeof as ctype } from 'ffi';
import { set_current_peer } from 'ngx.balancer';
import { HOP_SOCKET } from '../policy/listen-file.ts';
import type { Peer } from '../policy/record.ts';
import { nameForClient } from './client-name.ts';
import type { Group } from './group.ts';
import { balancerStructure, requestStructure } from './nginx-request.ts';
import type { BalancerStructure, RequestStructure, Span } from './nginx-structure.ts';

/** IPv4 and IPv6, `[address]:port` at most. */
const MOST_SOCKET_BYTES = 28;
const MOST_NAME_BYTES = 48;
/** In a `sockaddr_un`: behind family, path and its end. */
const HOP_NAME_AT = 2 + HOP_SOCKET.length + 1;
const HOP_NAME_BYTES = 32;
cdef(`
typedef struct {
  causeway_span_t name;
  uint32_t socklen;
  uint8_t sockaddr[${MOST_SOCKET_BYTES}];
  char text[${MOST_NAME_BYTES}];
} causeway_endpoint_t;
typedef struct { char path[${HOP_NAME_AT}], peer[${HOP_NAME_BYTES}]; } causeway_hop_t;
void *ngx_palloc(void *pool, size_t size);
void *ngx_pcalloc(void *pool, size_t size);
`);

const ENDPOINTS = ctype('causeway_endpoint_t[?]');
const ENDPOINT = ctype('causeway_endpoint_t *');
const ENDPOINT_BYTES = 96;
const HOP = ctype('causeway_hop_t *');

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
  const endpoint = group.addresses?.[place];
  if (endpoint === undefined || endpoint.socklen === 0 || request === undefined || balancer === undefined) {
    const peer = group.ring.peers[place];
    if (peer !== undefined && peer.hop !== undefined) return setHop(group, peer, peer.hop, request, balancer);
    const problem = setParsed(peer);
    if (request === undefined || balancer === undefined) return problem;
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

/**
 * Every peer is reached by one socket, whose server is told by TLS which is meant. nginx takes a connection of its pool for any with the same address: behind the name of
 * the socket, where the system does not look, stands which peer it is for, and which client where peers are told. The log has the peer's own address.
 */
function setHop(
  { tellsClient }: Group,
  peer: Peer,
  name: string,
  request: RequestStructure | undefined,
  balancer: BalancerStructure | undefined,
): string | undefined {
  if (request === undefined || balancer === undefined) return 'endpoints with names of their own need another nginx';
  const [set, problem] = set_current_peer(`unix:${HOP_SOCKET}`, 0);
  if (set !== true) return `${HOP_SOCKET}: ${problem}`;
  if (balancer.socklen < HOP_NAME_AT + HOP_NAME_BYTES) return `${HOP_SOCKET}: an address of ${balancer.socklen} bytes`;
  const text = `${peer.address}:${peer.port}`;
  // A length is two numbers, of which one is written.
  const memory = C.ngx_pcalloc(request.pool, ENDPOINT_BYTES);
  if (memory === undefined || text.length > MOST_NAME_BYTES) return 'no memory';
  const own = cast(ENDPOINT, memory) as unknown as Endpoint;
  copy(own.text, text, text.length);
  own.name.len = text.length;
  own.name.data = own.text;
  balancer.host = own.name;
  const address = cast(HOP, balancer.sockaddr) as unknown as { readonly peer: CData };
  const asked = tellsClient ? nameForClient(name) : name;
  copy(address.peer, tellsClient ? ngx.md5(asked) : name, HOP_NAME_BYTES);
  ngx.var['causeway_backend_name'] = asked;
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
