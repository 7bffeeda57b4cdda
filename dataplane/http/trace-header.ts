/**
 * The header `traceparent` of requests that begin a trace and become no span: at usual samplings nearly all of them, so that it is
 * written without texts of Lua, where nginx's structures are known (nginx-request.ts).
 *
 * Source: W3C Trace Context, section 3.2.
 */
import { bswap } from 'bit';
import { new as allocate, type CData, cast, cdef, copy, typeof as ctype } from 'ffi';
import { addHeader, compileEdit, isWithoutDropped } from './header-list.ts';
import { requestStructure } from './nginx-request.ts';
import { nginx, type RequestStructure } from './nginx-structure.ts';

cdef(`
typedef struct __attribute__((packed)) { char version[3], trace[32], dash, span[16], flags[3]; } causeway_traceparent_t;
typedef struct { int32_t first; uint32_t trace[3], span[2]; } causeway_trace_ids_t;
`);

interface Traceparent extends CData {
  readonly trace: CData;
  readonly span: CData;
}

interface TraceIds extends CData {
  /** The first 32 bits of the id of the trace, in the order of the network. */
  first: number;
  readonly trace: CData & Record<number, number>;
  readonly span: CData & Record<number, number>;
}

const TRACEPARENT = ctype('causeway_traceparent_t *');
/** Written for each request anew. */
const ids = allocate<TraceIds>('causeway_trace_ids_t');
const TRACE_BYTES = 16;
const SPAN_BYTES = 8;
const UNSAMPLED = '00-00000000000000000000000000000000-0000000000000000-00';
const ALL_BITS = 4_294_967_295;
/** What clients say about traces. */
const CONTEXT = compileEdit([
  { name: 'traceparent', value: UNSAMPLED },
  { name: 'tracestate', value: undefined },
]);

/** Reports whether the request is in no trace; false also where that is not known. */
export function beginsTrace(): boolean {
  const request = requestStructure();
  return request !== undefined && request.headers_in.last !== undefined && isAlone(request);
}

/**
 * Of a request that {@link beginsTrace}.
 *
 * @param first 32 bits, with which the id of the trace begins
 */
export function addUnsampled(first: number): void {
  const request = requestStructure();
  const bytes = request === undefined ? undefined : nginx.ngx_pnalloc(request.pool, UNSAMPLED.length);
  if (request === undefined || bytes === undefined) return;
  copy(bytes, UNSAMPLED, UNSAMPLED.length);
  ids.first = bswap(first);
  ids.trace[0] = math.random(0, ALL_BITS);
  ids.trace[1] = math.random(0, ALL_BITS);
  ids.trace[2] = math.random(1, ALL_BITS);
  ids.span[0] = math.random(0, ALL_BITS);
  ids.span[1] = math.random(1, ALL_BITS);
  const { trace, span } = cast(TRACEPARENT, bytes) as Traceparent;
  nginx.ngx_hex_dump(trace, ids, TRACE_BYTES);
  nginx.ngx_hex_dump(span, ids.span, SPAN_BYTES);
  addHeader(request.headers_in, CONTEXT, bytes, UNSAMPLED.length);
}

function isAlone(request: RequestStructure): boolean {
  return isWithoutDropped(request.headers_in, CONTEXT);
}
