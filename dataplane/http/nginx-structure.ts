/**
 * nginx's own structures, as far as the request path reads and writes them itself. What nginx offers instead costs some
 * hundred instructions each time: a variable is looked up by its name and printed, an address is parsed and printed.
 *
 * Used with the one version of nginx and of its Lua module whose sources they are from, and only after a first request of
 * the worker has shown that they fit; otherwise all goes the long way, by nginx's functions. Debian builds nginx
 * `--with-compat`, which makes these structures the same whatever else is built in.
 *
 * Source: nginx 1.22.1, src/http/ngx_http_request.h, src/core/ngx_connection.h, src/event/ngx_event_connect.h,
 * src/http/ngx_http_upstream.h, src/http/modules/ngx_http_upstream_keepalive_module.c;
 * lua-nginx-module 0.10.23, src/ngx_http_lua_balancer.c.
 */
import { abi, new as allocate, type CData, cast, cdef, typeof as ctype, string as textOf } from 'ffi';
import { get_request } from 'resty.core.base';
import { nginxVariable, readValue } from './nginx-variable.ts';

const NGINX_VERSION = 1_022_001;
const LUA_MODULE_VERSION = 10_023;

cdef(`
typedef struct { uint32_t len, len_high; const char *data; } causeway_span_t;
typedef struct { uintptr_t hash; causeway_span_t key, value; const char *lowercase; } causeway_header_t;
typedef struct { uintptr_t handlers[9]; int64_t sent; } causeway_connection_t;
typedef struct {
  uintptr_t round_robin[5];
  const void *conf, *request;
  uintptr_t more_tries, total_tries;
  const void *sockaddr;
  uint32_t socklen;
  const causeway_span_t *host;
} causeway_balancer_t;
typedef struct { const void *conf, *upstream; causeway_balancer_t *balancer; } causeway_pooled_t;
typedef struct { uintptr_t handlers[2], peer[9]; causeway_pooled_t *pooled; } causeway_upstream_t;
typedef struct {
  uintptr_t signature;
  causeway_connection_t *connection;
  uintptr_t contexts[4], handlers[2], cache;
  causeway_upstream_t *upstream;
  void *upstream_states, *pool, *header_in;
  uintptr_t headers_in[23];
  const causeway_header_t *upgrade;
  uintptr_t more_of_headers_in[25];
  causeway_span_t server_name;
  uintptr_t rest_of_headers_in[3], headers_out[17];
  causeway_header_t *server_header;
  uintptr_t rest_of_headers_out[33], request_body, times[3], method, http_version;
  causeway_span_t request_line, uri;
  uintptr_t texts[12], requests[6], handler[3], variables, captures[3], limit_rates[2], header_size;
  int64_t request_length;
} causeway_request_t;
`);

/** Bytes of nginx's; not a copy. */
export interface Span {
  len: number;
  data: CData;
}

/** What the balancer of the Lua module keeps of an attempt. */
export interface BalancerStructure {
  readonly request: CData;
  more_tries: number;
  sockaddr: CData;
  socklen: number;
  host: Span;
}

export interface RequestStructure {
  readonly connection: { readonly sent: CData };
  readonly upstream: CData & { readonly pooled: { readonly upstream: CData; readonly balancer: BalancerStructure } };
  readonly pool: CData;
  /** The header of that name. */
  readonly upgrade: CData | undefined;
  /** Lower case, without port. */
  readonly server_name: Span;
  /** The header Server of the answer. */
  server_header: CData;
  readonly request_line: Span;
  readonly uri: Span;
  readonly request_length: CData;
}

/** nginx sends none whose hash is 0, and adds its own name only where there is none. */
const NO_HEADER = allocate('causeway_header_t');
const REQUEST = ctype('causeway_request_t *');
const HOST = nginxVariable('host');
const URI = nginxVariable('uri');
const REQUEST_LINE = nginxVariable('request');

/** Undefined until the first request is there. */
let fits: boolean | undefined;

/** The request that runs now; undefined: nothing of it is known, see above. A request must run. */
export function requestStructure(): RequestStructure | undefined {
  if (fits === true) return cast(REQUEST, get_request()) as unknown as RequestStructure;
  return fits === undefined ? firstRequest() : undefined;
}

/** In the balancer phase, for an upstream with a pool of connections; undefined: not known. */
export function balancerStructure(request: RequestStructure): BalancerStructure | undefined {
  const { upstream } = request;
  const { pooled } = upstream;
  if (pooled.upstream !== upstream) return undefined;
  const { balancer } = pooled;
  return balancer.request === (request as unknown as CData) ? balancer : undefined;
}

/** The answer gets no header Server. For requests whose answers nobody else changes: they would change {@link NO_HEADER}. */
export function hideServer(request: RequestStructure): void {
  request.server_header = NO_HEADER;
}

export function spanText(span: Span): string {
  return textOf(span.data, span.len);
}

function firstRequest(): RequestStructure | undefined {
  const request = cast(REQUEST, get_request()) as unknown as RequestStructure;
  fits = isKnownNginx() && pointsTo(request);
  if (!fits) ngx.log(ngx.WARN, 'requests take longer: this nginx is another one than was expected');
  return fits ? request : undefined;
}

function isKnownNginx(): boolean {
  const { nginx_version, ngx_lua_version, nginx_configure } = ngx.config;
  const isCompatible = string.find(nginx_configure(), '--with-compat', 1, true)[0] !== undefined;
  return (
    nginx_version === NGINX_VERSION &&
    ngx_lua_version === LUA_MODULE_VERSION &&
    isCompatible &&
    abi('64bit') &&
    abi('le')
  );
}

/** nginx's variables point into the structure: nothing that might be elsewhere is looked at. */
function pointsTo(request: RequestStructure): boolean {
  return (
    readValue(URI)?.data === request.uri.data &&
    readValue(REQUEST_LINE)?.data === request.request_line.data &&
    (readValue(HOST)?.data === request.server_name.data || request.server_name.len === 0)
  );
}
