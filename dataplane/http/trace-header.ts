/**
 * The header `traceparent` of requests that begin a trace and become no span: at usual samplings nearly all of them, so that it is
 * written without texts of Lua, where nginx's structures are known (nginx-request.ts).
 *
 * Source: W3C Trace Context, section 3.2.
 */
import { band, rshift } from 'bit';
import { new as allocate, type CData, cast, cdef, copy, typeof as ctype } from 'ffi';
import { addHeader, compileEdit, isWithoutDropped } from './header-list.ts';
import { requestStructure } from './nginx-request.ts';
import { nginx, type RequestStructure } from './nginx-structure.ts';

cdef(`
typedef struct __attribute__((packed)) { char version[3]; uint16_t trace[16]; char dash; uint16_t span[8]; char flags[3]; } causeway_traceparent_t;
`);

interface Traceparent extends CData {
  readonly trace: Record<number, number>;
  readonly span: Record<number, number>;
}

const TRACEPARENT = ctype('causeway_traceparent_t *');
const UNSAMPLED = '00-00000000000000000000000000000000-0000000000000000-00';
const ALL_BITS = 4_294_967_295;
const DIGITS = '0123456789abcdef';
/** Two digits of each byte, as they stand in memory (little-endian ABIs). */
const HEX = newHex();
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
  const { trace, span } = cast(TRACEPARENT, bytes) as Traceparent;
  writeHex(trace, 0, first);
  writeHex(trace, 4, math.random(0, ALL_BITS));
  writeHex(trace, 8, math.random(0, ALL_BITS));
  writeHex(trace, 12, math.random(1, ALL_BITS));
  writeHex(span, 0, math.random(0, ALL_BITS));
  writeHex(span, 4, math.random(1, ALL_BITS));
  addHeader(request.headers_in, CONTEXT, bytes, UNSAMPLED.length);
}

function isAlone(request: RequestStructure): boolean {
  return isWithoutDropped(request.headers_in, CONTEXT);
}

/** @param value 32 bits */
function writeHex(digits: Record<number, number>, position: number, value: number): void {
  digits[position] = HEX[rshift(value, 24)] ?? 0;
  digits[position + 1] = HEX[band(rshift(value, 16), 255)] ?? 0;
  digits[position + 2] = HEX[band(rshift(value, 8), 255)] ?? 0;
  digits[position + 3] = HEX[band(value, 255)] ?? 0;
}

function newHex(): Readonly<Record<number, number>> {
  const pairs = allocate<Record<number, number>>('uint16_t[256]');
  for (let high = 0; high < 16; high++) {
    for (let low = 0; low < 16; low++)
      pairs[high * 16 + low] = string.byte(DIGITS, high + 1) + string.byte(DIGITS, low + 1) * 256;
  }
  return pairs;
}
