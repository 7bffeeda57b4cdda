/**
 * The request that runs now, as nginx's own structure. What nginx offers instead costs some hundred instructions each time (a
 * variable is looked up by its name and printed, an address is parsed and printed), and thousands for a jump to another location
 * or a header that is set.
 *
 * Used with the one version of nginx and of its Lua module whose sources nginx-structure.ts is from, and only after a first
 * request of the worker has shown that they fit; otherwise all goes the long way, by nginx's functions. Debian builds nginx
 * `--with-compat`, which makes these structures the same whatever else is built in; nginx's signature, which decides whether a
 * module may be loaded, says so too.
 */
import { abi, new as allocate, cast, typeof as ctype, string as textOf } from 'ffi';
import { get_request } from 'resty.core.base';
import { type BalancerStructure, nginx, type RequestStructure, type Span } from './nginx-structure.ts';
import { nginxVariable, readValue } from './nginx-variable.ts';

const NGINX_VERSION = 1_022_001;
const LUA_MODULE_VERSION = 10_023;
const SIGNATURE = '8,4,8,0011111111010111001111111111111111';

/** nginx sends none whose hash is 0, and adds its own name only where there is none. */
const NO_HEADER = allocate('causeway_header_t');
const REQUEST = ctype('causeway_request_t *');
const HOST = nginxVariable('host');
const URI = nginxVariable('uri');
const REQUEST_LINE = nginxVariable('request');

/** A local of the module is quicker than a global. */
const toNumber = tonumber;

/** Undefined until the first request is there. */
let fits: boolean | undefined;

/** Undefined: nothing of it is known, see above. A request must run. */
export function requestStructure(): RequestStructure | undefined {
  if (fits === true) return cast(REQUEST, get_request()) as RequestStructure;
  return fits === undefined ? firstRequest() : undefined;
}

/** In the balancer phase, for an upstream with a pool of connections; undefined: not known. */
export function balancerStructure(request: RequestStructure): BalancerStructure | undefined {
  const { upstream } = request;
  const { pooled } = upstream;
  if (pooled.upstream !== upstream) return undefined;
  const { balancer } = pooled;
  return balancer.request === request ? balancer : undefined;
}

/** The answer gets no header Server. For requests whose answers nobody else changes: they would change {@link NO_HEADER}. */
export function hideServer(request: RequestStructure): void {
  request.server_out = NO_HEADER;
}

/** Reports whether the current request says how large its body is. */
export function announcesBody(): boolean {
  const request = requestStructure();
  return request === undefined || request.content_length !== undefined;
}

export function spanText(span: Span): string {
  return textOf(span.data, span.len);
}

/** Place of the core module among the configurations of a server or location. */
export function coreIndex(): number {
  return toNumber(nginx.ngx_http_core_module.ctx_index) ?? 0;
}

function firstRequest(): RequestStructure | undefined {
  const request = cast(REQUEST, get_request()) as RequestStructure;
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
    textOf(nginx.ngx_http_core_module.signature) === SIGNATURE &&
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
