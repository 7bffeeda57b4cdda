/**
 * Further parts of nginx's request structure (nginx-structure.ts), for what its Lua API makes expensive: a jump to another location by
 * `return` and `error_page`, and each header that is set, cost thousands of instructions; in here they are a few writes.
 *
 * Only in an nginx whose structures are known. Its signature tells, as it tells nginx itself whether a module may be loaded: it says
 * what the structures were compiled with. In any other {@link currentStructure} is undefined, and all goes the way of the API.
 *
 * Source: nginx 1.22.1, src/http/ngx_http_request.h, src/http/ngx_http_core_module.h, src/core/ngx_list.h, src/core/ngx_hash.h and
 * src/core/ngx_module.h.
 */
import { C, type CData, cast, cdef, typeof as ctype, string as textOf } from 'ffi';
import { get_request } from 'resty.core.base';
import { requestStructure } from './nginx-structure.ts';
// Declares causeway_text_t.
import './nginx-variable.ts';

cdef(`
typedef struct {
  union { uintptr_t hash; int32_t hash_low; };
  causeway_text_t key;
  causeway_text_t value;
  const char *lowcase_key;
} causeway_listed_header_t;
typedef struct causeway_header_part_s causeway_header_part_t;
struct causeway_header_part_s { causeway_listed_header_t *elts; int32_t nelts, nelts_high; causeway_header_part_t *next; };
typedef struct { causeway_header_part_t *last; causeway_header_part_t part; size_t size, nalloc; void *pool; } causeway_header_list_t;
typedef struct {
  void *signature, *connection, **ctx, **main_conf, **srv_conf, **loc_conf;
  void *read_event_handler, *write_event_handler, *cache, *upstream, *upstream_states, *pool, *header_in;
  struct {
    causeway_header_list_t headers;
    void *host, *connection, *if_modified_since, *if_unmodified_since, *if_match, *if_none_match, *user_agent, *referer;
    void *content_length, *content_range, *content_type, *range, *if_range, *transfer_encoding, *te, *expect, *upgrade;
    void *others[30];
  } headers_in;
  struct { causeway_header_list_t headers; void *others[44]; } headers_out;
  void *body[8];
  causeway_text_t uri;
  void *more[18];
  int32_t phase_handler, phase_handler_high;
  void *content_handler;
  void *others[9];
  uintptr_t err_status;
  void *last[4];
  int32_t counts, flags;
} causeway_request_parts_t;
typedef struct { causeway_text_t name; void *others[6]; void **loc_conf; } causeway_location_t;
typedef struct { void *others[20]; causeway_location_t **named_locations; } causeway_server_t;
typedef struct { size_t ctx_index, index; char *name; size_t spare[2], version; const char *signature; } causeway_module_t;
extern causeway_module_t ngx_http_core_module;
void ngx_http_update_location_config(void *request);
causeway_listed_header_t *ngx_list_push(causeway_header_list_t *list);
char *ngx_pnalloc(void *pool, size_t bytes);
void ngx_http_set_exten(void *request);
intptr_t ngx_strncasecmp(const char *a, const char *b, size_t bytes);
`);

const SIGNATURE = '8,4,8,0011111111010111001111111111111111';

/** `ngx_str_t`. */
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

/** `ngx_http_request_t`, as far as it is used. */
export interface RequestStructure extends CData {
  readonly srv_conf: Readonly<Record<number, CData>>;
  loc_conf: CData;
  readonly headers_in: {
    readonly headers: HeaderList;
    readonly content_length: CData | undefined;
    readonly content_type: CData | undefined;
    readonly upgrade: CData | undefined;
  };
  readonly headers_out: { readonly headers: HeaderList };
  phase_handler: number;
  content_handler: CData | undefined;
  /** The status that is sent, whatever a location says; 0 for none. */
  err_status: number;
  readonly pool: CData;
  readonly uri: NginxText;
  /** Among them that the path is still the client's. */
  flags: number;
}

interface CoreModule {
  readonly ctx_index: CData;
  readonly signature: CData;
}

interface NginxLibrary {
  readonly ngx_http_core_module: CoreModule;
  ngx_http_update_location_config(this: void, request: RequestStructure): void;
  ngx_list_push(this: void, list: HeaderList): Header | undefined;
  ngx_pnalloc(this: void, pool: CData, bytes: number): CData | undefined;
  ngx_http_set_exten(this: void, request: RequestStructure): void;
  ngx_strncasecmp(this: void, a: CData | string, b: string, bytes: number): CData;
}

export const nginx = C as unknown as NginxLibrary;

/** A local of the module is quicker than a global. */
const toNumber = tonumber;
const REQUEST = ctype('causeway_request_parts_t *');
const known = isKnownSignature();

/** @returns undefined in an nginx whose structures are not known */
export function currentStructure(): RequestStructure | undefined {
  return known && requestStructure() !== undefined ? (cast(REQUEST, get_request()) as RequestStructure) : undefined;
}

/** Reports whether the current request says how large its body is. */
export function announcesBody(): boolean {
  const request = currentStructure();
  return request === undefined || request.headers_in.content_length !== undefined;
}

/** Place of the core module among the configurations of a server or location. */
export function coreIndex(): number {
  return toNumber(nginx.ngx_http_core_module.ctx_index) ?? 0;
}

function isKnownSignature(): boolean {
  return textOf(nginx.ngx_http_core_module.signature) === SIGNATURE;
}
