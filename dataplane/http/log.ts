/** Phase "log": counts the request and closes its exchange. */
import { anyEjected } from './ejection.ts';
import { closeExchange, currentExchange, type Exchange } from './exchange.ts';
import type { Group } from './group.ts';
import { requestEnded } from './last-requests.ts';
import { type Counter, countBlocked, countError, counterOf, countRequest, touch } from './metrics.ts';
import { requestStructure } from './nginx-request.ts';
import { nginxVariable, readCount } from './nginx-variable.ts';
import { lastAttemptEnded } from './outcome.ts';
import { giveRetry } from './parallel-retries.ts';
import { requestKind } from './request-kind.ts';
import { countUpstream } from './upstream-metrics.ts';
import { endWork } from './work.ts';

/** A local of the module is quicker than a global. */
const toNumber = tonumber;
const REQUEST_LENGTH = nginxVariable('request_length');
const BYTES_SENT = nginxVariable('bytes_sent');

/** Body of log_by_lua; every request of the port passes it, malformed ones too. */
export function log(portNumber: number): void {
  const exchange = currentExchange();
  const status = ngx.status;
  if (exchange === undefined || exchange.counter === undefined) {
    countError(counterOf(portNumber, ''));
    requestEnded();
    return;
  }
  const now = ngx.now();
  const kind = requestKind(ngx.req.get_method(), status);
  const ms = wholeMs(now - ngx.req.start_time());
  countRequest(exchange.counter, kind, ms, received(), sent());
  if (exchange.group !== undefined && exchange.attempts > 0)
    countAttempts(exchange, exchange.counter, exchange.group, kind, now);
  if (exchange.attempts !== 1) giveRetry(exchange);
  if (status >= 400 && (exchange.answer !== undefined || ngx.var['causeway_failed'] === '1'))
    countError(exchange.counter);
  closeExchange(exchange);
  requestEnded();
}

/** Of a request that went to the firewall: what comes back from it is counted there, see {@link logInspected}. */
export function logHandedOver(): void {
  const exchange = currentExchange();
  if (exchange === undefined || exchange.counter === undefined) return;
  const kind = requestKind(ngx.req.get_method(), ngx.status);
  const ms = wholeMs(ngx.now() - ngx.req.start_time());
  countRequest(exchange.counter, kind, ms, received(), sent());
  const rule = ngx.var['upstream_http_x_causeway_blocked'];
  if (rule !== undefined) countBlocked(exchange.counter, rule);
  closeExchange(exchange);
  requestEnded();
}

/** Of a request that passed the firewall: the request itself is counted where it came in. */
export function logInspected(): void {
  const exchange = currentExchange();
  if (exchange === undefined || exchange.counter === undefined) return;
  endWork(exchange);
  const status = ngx.status;
  touch(exchange.counter);
  if (exchange.group !== undefined && exchange.attempts > 0) {
    const kind = requestKind(ngx.req.get_method(), status);
    countAttempts(exchange, exchange.counter, exchange.group, kind, ngx.now());
  }
  if (exchange.attempts !== 1) giveRetry(exchange);
  if (status >= 400 && (exchange.answer !== undefined || ngx.var['causeway_failed'] === '1'))
    countError(exchange.counter);
  closeExchange(exchange);
  requestEnded();
}

/** Body of log_by_lua in locations that requests with work go through; the others pay nothing for it. */
export function logWork(portNumber: number): void {
  const exchange = currentExchange();
  if (exchange !== undefined) endWork(exchange);
  log(portNumber);
}

/** Of a request that goes on to another group, since the endpoint of this one failed with `status`. */
export function countLastAttempt(exchange: Exchange, status: number): void {
  const { counter, group } = exchange;
  if (counter === undefined || group === undefined || exchange.attempts === 0) return;
  const kind = requestKind(ngx.req.get_method(), status);
  countUpstream(counter, group, exchange.peer, kind, wholeMs(ngx.now() - exchange.attemptBegan));
  if (status >= 500 || !group.plain || anyEjected()) lastAttemptEnded(exchange, group, status);
}

/** By the endpoint of the last one. */
function countAttempts(exchange: Exchange, counter: Counter, group: Group, kind: number, now: number): void {
  countUpstream(counter, group, exchange.peer, kind, wholeMs(now - exchange.attemptBegan));
  const status = ngx.status;
  if (status >= 500 || !group.plain || anyEjected()) lastAttemptEnded(exchange, group, status);
}

/** Bytes of the request. */
function received(): number {
  const request = requestStructure();
  return request === undefined ? readCount(REQUEST_LENGTH) : (toNumber(request.request_length) ?? 0);
}

/** Bytes of the answer. */
function sent(): number {
  const request = requestStructure();
  return request === undefined ? readCount(BYTES_SENT) : (toNumber(request.connection.sent) ?? 0);
}

function wholeMs(seconds: number): number {
  return Math.floor(seconds * 1000 + 0.5);
}
