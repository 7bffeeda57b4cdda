/**
 * nginx's own structures, as far as the data plane reads and writes them itself, and functions of nginx that take them. Whether they
 * may be used is for nginx-request.ts to say.
 *
 * Source: nginx 1.22.1, src/http/ngx_http_request.h, src/http/ngx_http_core_module.h, src/http/ngx_http_upstream.h,
 * src/http/modules/ngx_http_upstream_keepalive_module.c, src/core/ngx_connection.h, src/core/ngx_list.h, src/core/ngx_hash.h,
 * src/core/ngx_module.h, src/core/ngx_palloc.h, src/event/ngx_event_connect.h, src/http/v2/ngx_http_v2.h; lua-nginx-module 0.10.23, src/ngx_http_lua_balancer.c.
 */
import { C, type CData, cdef } from 'ffi';
// Declares causeway_text_t.
import './nginx-variable.ts';

cdef(`
typedef struct { uint32_t len, len_high; const char *data; } causeway_span_t;
typedef struct {
  union { uintptr_t hash; int32_t hash_low; };
  causeway_text_t key, value;
  const char *lowcase_key;
} causeway_header_t;
typedef struct causeway_header_part_s causeway_header_part_t;
struct causeway_header_part_s { causeway_header_t *elts; int32_t nelts, nelts_high; causeway_header_part_t *next; };
typedef struct { causeway_header_part_t *last; causeway_header_part_t part; size_t size, nalloc; void *pool; } causeway_headers_t;
typedef struct causeway_cleanup_s causeway_cleanup_t;
struct causeway_cleanup_s { void *handler, *data; causeway_cleanup_t *next; };
typedef struct { uintptr_t data[4], max; void *lists[3]; causeway_cleanup_t *cleanup; void *log; } causeway_pool_t;
typedef struct { uintptr_t handlers[9]; int64_t sent; void *log; causeway_pool_t *pool; } causeway_connection_t;
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
  const void *request, *connection, *node;
  uintptr_t queued, windows[2];
  void *preread;
  uintptr_t frames;
  void *lists[3], *queue[2], *cookies, *pool;
  int32_t flags;
} causeway_stream_t;
typedef struct {
  const char *signature;
  causeway_connection_t *connection;
  void **ctx, **main_conf, **srv_conf, **loc_conf, *handlers[2], *cache;
  causeway_upstream_t *upstream;
  void *upstream_states, *pool, *header_in;
  causeway_headers_t headers_in;
  const causeway_header_t *known_in[8], *content_length, *content_range, *content_type, *forms_in[5], *upgrade, *others_in[25];
  causeway_span_t server_name;
  uintptr_t rest_in[3];
  causeway_headers_t headers_out;
  void *status_out[10];
  causeway_header_t *server_out;
  uintptr_t rest_out[33], request_body, times[3], method, http_version;
  causeway_span_t request_line, uri, args, exten, unparsed_uri;
  uintptr_t texts[6], requests[6];
  int32_t phase_handler, phase_handler_high;
  void *content_handler, *access_code;
  uintptr_t variables, captures[3], limit_rates[2], header_size;
  int64_t request_length;
  uintptr_t err_status;
  void *http_connection;
  causeway_stream_t *stream;
  void *last[2];
  int32_t counts, flags;
} causeway_request_t;
typedef struct { causeway_text_t name; void *others[6]; void **loc_conf; } causeway_location_t;
typedef struct { void *others[20]; causeway_location_t **named_locations; } causeway_server_t;
typedef struct { size_t ctx_index, index; char *name; size_t spare[2], version; const char *signature; } causeway_module_t;
extern causeway_module_t ngx_http_core_module;
void ngx_http_update_location_config(void *request);
causeway_header_t *ngx_list_push(causeway_headers_t *list);
char *ngx_pnalloc(void *pool, size_t bytes);
causeway_cleanup_t *ngx_pool_cleanup_add(causeway_pool_t *pool, size_t bytes);
char *ngx_hex_dump(void *digits, const void *bytes, size_t count);
void ngx_http_set_exten(void *request);
intptr_t ngx_strncasecmp(const char *a, const char *b, size_t bytes);
`);

/** Bytes of nginx's; not a copy. */
export interface Span {
  len: number;
  data: CData;
}

/** `ngx_str_t` that nginx allocated for us: all of its length has to be written. */
export interface NginxText extends CData {
  len: CData | number;
  data: CData | string;
}

/** `ngx_table_elt_t`; a header with hash 0 is not sent. */
export interface Header extends CData {
  hash: CData | number;
  /** The lower half of {@link hash}. */
  readonly hash_low: number;
  readonly key: NginxText;
  readonly value: NginxText;
  lowcase_key: CData | string;
}

export interface HeaderPart extends CData {
  readonly elts: Readonly<Record<number, Header>>;
  readonly nelts: number;
  readonly next: HeaderPart | undefined;
}

export interface HeaderList extends CData {
  readonly last: HeaderPart | undefined;
  readonly part: HeaderPart;
}

/** What the balancer of the Lua module keeps of an attempt. */
export interface BalancerStructure {
  readonly request: CData;
  more_tries: number;
  sockaddr: CData;
  socklen: number;
  host: Span;
}

/** `ngx_pool_cleanup_t`: what is called when the memory is given back. */
export interface Cleanup extends CData {
  /** A C function that takes {@link data}. */
  handler: CData;
  data: CData;
  readonly next: Cleanup | undefined;
}

/** `ngx_pool_t` */
export interface PoolStructure extends CData {
  readonly cleanup: Cleanup | undefined;
}

/** `ngx_http_request_t`, as far as it is used. */
export interface RequestStructure extends CData {
  /** With HTTP/2 one of the stream, which has the memory of the real one. */
  readonly connection: { readonly sent: CData; readonly pool: PoolStructure };
  readonly srv_conf: Readonly<Record<number, CData>>;
  loc_conf: CData;
  readonly upstream: CData & {
    /** `ngx_peer_connection_t`, of which the first is the address of the connection. */
    readonly peer: Readonly<Record<number, CData>>;
    readonly pooled: { readonly upstream: CData; readonly balancer: BalancerStructure };
  };
  readonly pool: CData;
  readonly headers_in: HeaderList;
  /** The client's header of that name; so are those below. */
  readonly content_length: CData | undefined;
  readonly content_type: CData | undefined;
  readonly upgrade: CData | undefined;
  /** Lower case, without port. */
  readonly server_name: Span;
  readonly headers_out: HeaderList;
  /** The header Server of the answer. */
  server_out: CData;
  readonly request_line: Span;
  readonly uri: Span;
  /** Without `?`. */
  readonly args: Span;
  /** Path and query as the client sent them. */
  readonly unparsed_uri: Span;
  phase_handler: number;
  content_handler: CData | undefined;
  readonly request_length: CData;
  /** The status that is sent, whatever a location says; 0 for none. */
  err_status: number;
  /** With HTTP/2. */
  readonly stream: StreamStructure | undefined;
  /** Among them that the path is still the client's. */
  flags: number;
}

/** `ngx_http_v2_stream_t` */
export interface StreamStructure extends CData {
  readonly request: CData;
  /** Among them {@link STREAM_CLOSED}. */
  readonly flags: number;
}

/** The client has said all (`in_closed`). */
export const STREAM_CLOSED = 8;

interface CoreModule {
  readonly ctx_index: CData;
  readonly signature: CData;
}

interface NginxLibrary {
  readonly ngx_http_core_module: CoreModule;
  ngx_http_update_location_config(this: void, request: RequestStructure): void;
  ngx_list_push(this: void, list: HeaderList): Header | undefined;
  ngx_pnalloc(this: void, pool: CData, bytes: number): CData | undefined;
  /** Undefined when there is no memory. */
  ngx_pool_cleanup_add(this: void, pool: PoolStructure, bytes: number): Cleanup | undefined;
  /** Two digits for each byte; they do not end with a zero. */
  ngx_hex_dump(this: void, digits: CData, bytes: CData, count: number): CData;
  ngx_http_set_exten(this: void, request: RequestStructure): void;
  ngx_strncasecmp(this: void, a: CData | string, b: string, bytes: number): CData;
}

export const nginx = C as unknown as NginxLibrary;
