/**
 * Traces requests (spec ALB-101): decides which become spans, tells the backend by `traceparent`, and notes the span when the request is
 * over. The agent gets the spans in batches and exports them; while it is slow or away, some wait here and further ones are dropped.
 *
 * A request that becomes no span stays where it is: only its header is written. One that does goes on in a location that notes it.
 */
import type { SpanRecord } from '../policy/record.ts';
import { templateText } from '../policy/template.ts';
import { continuesSampled, isTraceparent, spanIdOf, type TracingStep, traceIdOf } from '../policy/tracing.ts';
import type { Exchange } from './exchange.ts';
import { nginxVariable, readText } from './nginx-variable.ts';
import { beginRequest, currentRequest } from './request.ts';
import { addUnsampled, beginsTrace } from './trace-header.ts';

const TRACEPARENT = nginxVariable('http_traceparent');
const TRACESTATE = nginxVariable('http_tracestate');
const REQUEST_URI = nginxVariable('request_uri');
const HOST = nginxVariable('host');
const SCHEME = nginxVariable('scheme');
const USER_AGENT = nginxVariable('http_user_agent');
const UPSTREAM_STATUS = nginxVariable('upstream_status');

/** Spans that wait for the agent at most. */
const WAITING = 4096;
const ALL_BITS = 4_294_967_295;
/** They say who somebody is: they stay here (design D12). */
const SECRET: Readonly<Record<string, boolean>> = {
  authorization: true,
  'proxy-authorization': true,
  cookie: true,
  'set-cookie': true,
};

/** What is known of a span when its request begins. */
interface OpenSpan {
  readonly step: TracingStep;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
  readonly traceState: string | undefined;
  readonly requestHeaders: Readonly<Record<string, string>> | undefined;
  readonly tagged: Readonly<Record<string, string>> | undefined;
}

const open: LuaTable<Exchange, OpenSpan> = new LuaTable();
let ended: SpanRecord[] = [];
/** Index in {@link ended} of the first that waits. */
let taken = 0;
let dropped = 0;

/** Request work: a span, if the sampler wants one, and the header that the backend gets. */
export function beginTrace(step: TracingStep, exchange: Exchange): undefined {
  if (open.has(exchange)) open.delete(exchange);
  const isFirst = beginsTrace();
  const incoming = step.trustIncoming && !isFirst ? readText(TRACEPARENT) : undefined;
  if (incoming !== undefined && isTraceparent(incoming)) {
    const spanId = string.format('%08x%08x', math.random(0, ALL_BITS), math.random(0, ALL_BITS));
    const sampled = continuesSampled(step, incoming);
    const traceId = traceIdOf(incoming);
    ngx.req.set_header('traceparent', `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`);
    if (sampled) openSpan(step, exchange, traceId, spanId, spanIdOf(incoming), readText(TRACESTATE));
    return undefined;
  }
  // What the client says about a trace that does not go on is of no use to anybody.
  if (!isFirst && readText(TRACESTATE) !== undefined) ngx.req.clear_header('tracestate');
  const first = math.random(0, ALL_BITS);
  if (first >= step.below) {
    if (isFirst) {
      addUnsampled(first);
      return undefined;
    }
    ngx.req.set_header(
      'traceparent',
      string.format(
        '00-%08x%08x%08x%08x-%08x%08x-00',
        first,
        math.random(0, ALL_BITS),
        math.random(0, ALL_BITS),
        math.random(0, ALL_BITS),
        math.random(0, ALL_BITS),
        math.random(1, ALL_BITS),
      ),
    );
    return undefined;
  }
  const traceId = string.format(
    '%08x%08x%08x%08x',
    first,
    math.random(0, ALL_BITS),
    math.random(0, ALL_BITS),
    math.random(1, ALL_BITS),
  );
  const spanId = string.format('%08x%08x', math.random(0, ALL_BITS), math.random(1, ALL_BITS));
  ngx.req.set_header('traceparent', `00-${traceId}-${spanId}-01`);
  openSpan(step, exchange, traceId, spanId, undefined, undefined);
  return undefined;
}

function openSpan(
  step: TracingStep,
  exchange: Exchange,
  traceId: string,
  spanId: string,
  parentId: string | undefined,
  traceState: string | undefined,
): void {
  const requestHeaders = step.requestHeaders ? reported(ngx.req.get_headers(0)) : undefined;
  const { taggedHeaders } = step;
  const tagged = taggedHeaders === undefined ? undefined : chosen(ngx.req.get_headers(0), taggedHeaders);
  open.set(exchange, { step, traceId, spanId, parentId, traceState, requestHeaders, tagged });
}

/** Reports whether the request becomes a span. */
export function isSampled(exchange: Exchange): boolean {
  return open.has(exchange);
}

/** Log work. */
export function endTrace(exchange: Exchange): void {
  const span = open.get(exchange);
  if (span === undefined) return;
  open.delete(exchange);
  const { counter, group } = exchange;
  if (counter === undefined) return;
  if (ended.length - taken >= WAITING) {
    dropped++;
    return;
  }
  const peer = exchange.attempts > 0 ? group?.ring.peers[exchange.peer] : undefined;
  const [lastStatus] = string.match(readText(UPSTREAM_STATUS) ?? '', '(%d+)$');
  beginRequest();
  ended.push({
    port: counter.port,
    route: counter.route,
    traceId: span.traceId,
    spanId: span.spanId,
    parentId: span.parentId,
    traceState: span.traceState,
    name: templateText(span.step.name, currentRequest),
    beganMs: Math.floor(ngx.req.start_time() * 1000 + 0.5),
    endedMs: Math.floor(ngx.now() * 1000 + 0.5),
    method: ngx.req.get_method(),
    target: readText(REQUEST_URI) ?? '',
    host: readText(HOST) ?? '',
    scheme: readText(SCHEME) ?? '',
    userAgent: readText(USER_AGENT) ?? '',
    status: ngx.status,
    upstreamStatus: lastStatus === undefined ? undefined : tonumber(lastStatus),
    attempts: exchange.attempts,
    upstream: peer === undefined ? undefined : `${peer.address}:${peer.port}`,
    requestHeaders: span.requestHeaders,
    tagged: span.tagged,
    responseHeaders: span.step.responseHeaders ? reported(ngx.resp.get_headers(0)) : undefined,
  } as SpanRecord);
}

function chosen(
  headers: Readonly<Record<string, string | readonly string[] | boolean | undefined>>,
  names: readonly string[],
): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (value === undefined) continue;
    if (typeof value === 'object') texts[name] = table.concat(value as string[], ', ');
    else texts[name] = typeof value === 'string' ? value : '';
  }
  return texts;
}

function reported(
  headers: Readonly<Record<string, string | readonly string[] | boolean | undefined>>,
): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || SECRET[name] === true) continue;
    if (typeof value === 'object') texts[name] = table.concat(value as string[], ', ');
    else texts[name] = typeof value === 'string' ? value : '';
  }
  return texts;
}

/** Number of spans that wait, or 1 if there are only dropped ones to be told of. */
export function pendingSpans(): number {
  const waiting = ended.length - taken;
  return waiting === 0 && dropped > 0 ? 1 : waiting;
}

/** Up to `limit` of those that wait longest, and how many were dropped since this was asked last. */
export function takeSpans(limit: number): { readonly spans: readonly SpanRecord[]; readonly dropped: number } {
  const spans: SpanRecord[] = [];
  while (spans.length < limit) {
    const span = ended[taken];
    if (span === undefined) break;
    spans.push(span);
    taken++;
  }
  if (taken === ended.length) {
    ended = [];
    taken = 0;
  }
  const lost = dropped;
  dropped = 0;
  return { spans, dropped: lost };
}
