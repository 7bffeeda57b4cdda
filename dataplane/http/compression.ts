/**
 * Which coding an answer gets where a policy says: that of nginx, gzip or Brotli, or Zstandard, which is done here while the answer passes, chunk
 * by chunk, each sent on at once, so that streams stay such. Backends are not asked for any, so that they leave it to us.
 *
 * Source: RFC 8878; zstd 1.5, zstd.h.
 */
import { type CData, cdef, gc, load, new as make, string as text } from 'ffi';
import { type CompressionStep, type ContentCoding, chosenCoding, isCompressed } from '../policy/content-coding.ts';
import { currentExchange, type Exchange } from './exchange.ts';
import { currentRequest } from './request.ts';
import type { RequestWork, ResponseWork } from './work.ts';

cdef(`
typedef struct { const char *from; size_t size; size_t done; } causeway_zstd_input;
typedef struct { char *to; size_t size; size_t done; } causeway_zstd_output;
void *ZSTD_createCCtx(void);
size_t ZSTD_freeCCtx(void *context);
size_t ZSTD_CCtx_setParameter(void *context, int parameter, int value);
size_t ZSTD_CCtx_reset(void *context, int what);
size_t ZSTD_compressStream2(void *context, causeway_zstd_output *output, causeway_zstd_input *input, int operation);
unsigned ZSTD_isError(size_t code);
`);

interface Zstd {
  ZSTD_createCCtx(this: void): CData | undefined;
  readonly ZSTD_freeCCtx: (this: void, value: CData) => void;
  ZSTD_CCtx_setParameter(this: void, context: CData, parameter: number, value: number): CData;
  ZSTD_CCtx_reset(this: void, context: CData, what: number): CData;
  ZSTD_compressStream2(this: void, context: CData, output: Output, input: Input, operation: number): CData;
  ZSTD_isError(this: void, code: CData): number;
}
interface Input extends CData {
  from: string | undefined;
  size: number;
  done: number;
}
interface Output extends CData {
  to: CData;
  size: number;
  done: number;
}

/** ZSTD_cParameter, ZSTD_ResetDirective and ZSTD_EndDirective. */
const LEVEL = 100;
const WINDOW_LOG = 101;
const SESSION = 1;
const FLUSH = 1;
const END = 2;

/** As zstd itself begins with. A small window: each answer under way has memory of some times its size. */
const OWN_LEVEL = 3;
const OWN_WINDOW_LOG = 17;
const OUTPUT_BYTES = 65_536;
/** Contexts that wait for the next answer. */
const MOST_IDLE = 16;

let library: Zstd | undefined;
const idle: CData[] = [];
const contexts = setmetatable(new LuaTable<Exchange, CData>(), { __mode: 'k' });
const input = make<Input>('causeway_zstd_input');
const output = make<Output>('causeway_zstd_output');
const buffer = make('char[?]', OUTPUT_BYTES);

/** Loads the library, before the workers are made. A runtime of an earlier version has none: answers are compressed otherwise then. */
export function loadZstd(): void {
  const [isThere, loaded] = pcall(() => load<Zstd>('libzstd.so.1'));
  if (isThere) library = loaded as Zstd;
}

const chosen = setmetatable(new LuaTable<Exchange, ContentCoding>(), { __mode: 'k' });

/** Notes what the client takes, and takes it off the request. */
export function noteCoding({ codings }: CompressionStep): RequestWork {
  const served: ContentCoding[] = [];
  for (const coding of codings) if (coding !== 'zstd' || library !== undefined) served.push(coding);
  return (exchange) => {
    const accepted = currentRequest.header('accept-encoding');
    if (accepted === undefined) return undefined;
    const coding = chosenCoding(accepted, served);
    if (coding !== undefined) chosen.set(exchange, coding);
    ngx.req.clear_header('accept-encoding');
    return undefined;
  };
}

/** nginx does what it finds in the request; the answer of a backend that may be compressed gets the rest. */
export function compressAnswer({ leastBytes }: CompressionStep): ResponseWork {
  return (exchange) => {
    const coding = chosen.get(exchange);
    if (coding === undefined) return;
    chosen.delete(exchange);
    if (coding !== 'zstd') {
      ngx.req.set_header('accept-encoding', coding);
      return;
    }
    const { header } = ngx;
    const type = header['Content-Type'];
    if (exchange.answer !== undefined || !mayBeCompressed(ngx.status) || header['Content-Encoding'] !== undefined)
      return;
    if (typeof type !== 'string' || !isCompressed(type)) return;
    const bytes = header['Content-Length'];
    if (bytes !== undefined && (tonumber(bytes) ?? 0) < leastBytes) return;
    if ((ngx.req.http_version() ?? 0) < 1.1) return;
    // What would be said of the content is said without it, too.
    const context = takeContext();
    if (context === undefined) return;
    contexts.set(exchange, context);
    header['Content-Encoding'] = 'zstd';
    header['Content-Length'] = undefined;
    header['Accept-Ranges'] = undefined;
    varyByEncoding();
    weakenTag();
  };
}

/** As with gzip. */
function mayBeCompressed(status: number): boolean {
  return status === 200 || status === 403 || status === 404;
}

/** Body of body_filter_by_lua, in locations whose answers may be compressed so. */
export function compressBody(): void {
  const exchange = currentExchange();
  const context = exchange && contexts.get(exchange);
  if (exchange === undefined || context === undefined || library === undefined) return;
  const chunk = ngx.arg[1] as string;
  const isLast = ngx.arg[2] === true;
  if (chunk === '' && !isLast) return;
  ngx.arg[1] = compressed(library, context, chunk, isLast ? END : FLUSH);
  if (isLast) forgetCompression(exchange);
}

/** The request is over, perhaps before its answer is. */
export function forgetCompression(exchange: Exchange): void {
  chosen.delete(exchange);
  const context = contexts.get(exchange);
  if (context === undefined) return;
  contexts.delete(exchange);
  if (idle.length < MOST_IDLE) idle.push(context);
}

function takeContext(): CData | undefined {
  if (library === undefined) return undefined;
  const waiting = idle.pop();
  if (waiting !== undefined) {
    library.ZSTD_CCtx_reset(waiting, SESSION);
    return waiting;
  }
  const made = library.ZSTD_createCCtx();
  if (made === undefined) return undefined;
  library.ZSTD_CCtx_setParameter(made, LEVEL, OWN_LEVEL);
  library.ZSTD_CCtx_setParameter(made, WINDOW_LOG, OWN_WINDOW_LOG);
  return gc(made, library.ZSTD_freeCCtx);
}

/** @throws what nginx logs: the answer cannot be told to its end any more */
function compressed(zstd: Zstd, context: CData, chunk: string, operation: number): string {
  input.from = chunk;
  input.size = chunk.length;
  input.done = 0;
  const parts: string[] = [];
  let isWhole = false;
  while (!isWhole) {
    output.to = buffer;
    output.size = OUTPUT_BYTES;
    output.done = 0;
    const left = zstd.ZSTD_compressStream2(context, output, input, operation);
    if (zstd.ZSTD_isError(left) !== 0) error('an answer cannot be compressed with Zstandard');
    parts.push(text(buffer, tonumber(output.done)));
    isWhole = tonumber(left) === 0;
  }
  input.from = undefined;
  return table.concat(parts);
}

function varyByEncoding(): void {
  const { header } = ngx;
  const present = header['Vary'];
  if (present === undefined) header['Vary'] = 'Accept-Encoding';
  else if (typeof present === 'object') header['Vary'] = `${table.concat(present as string[], ', ')}, Accept-Encoding`;
  else header['Vary'] = `${present}, Accept-Encoding`;
}

/** What is compressed is not the same byte for byte. Source: RFC 9110, 8.8.3. */
function weakenTag(): void {
  const tag = ngx.header['ETag'];
  if (typeof tag === 'string' && string.sub(tag, 1, 1) === '"') ngx.header['ETag'] = `W/${tag}`;
}
