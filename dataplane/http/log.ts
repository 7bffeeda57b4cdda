/** Phase "log": counts the request and closes its exchange. */
import { anyEjected } from './ejection.ts';
import { closeExchange, currentExchange } from './exchange.ts';
import { countError, counterOf, countRequest } from './metrics.ts';
import { nginxVariable, readCount } from './nginx-variable.ts';
import { lastAttemptEnded } from './outcome.ts';
import { requestKind } from './request-kind.ts';
import { countUpstream } from './upstream-metrics.ts';
import { endWork } from './work.ts';

const REQUEST_LENGTH = nginxVariable('request_length');
const BYTES_SENT = nginxVariable('bytes_sent');

/** Body of log_by_lua; every request of the port passes it, malformed ones too. */
export function log(portNumber: number): void {
  const exchange = currentExchange();
  const status = ngx.status;
  if (exchange === undefined || exchange.counter === undefined) {
    countError(counterOf(portNumber, ''));
    return;
  }
  const now = ngx.now();
  const kind = requestKind(ngx.req.get_method(), status);
  const ms = wholeMs(now - ngx.req.start_time());
  countRequest(exchange.counter, kind, ms, readCount(REQUEST_LENGTH), readCount(BYTES_SENT));
  const group = exchange.group;
  if (group !== undefined && exchange.attempts > 0) {
    countUpstream(exchange.counter, group, exchange.peer, kind, wholeMs(now - exchange.attemptBegan));
    if (status >= 500 || !group.plain || anyEjected()) lastAttemptEnded(exchange, group, status);
  }
  if (status >= 400 && (exchange.answer !== undefined || ngx.var['causeway_failed'] === '1'))
    countError(exchange.counter);
  closeExchange(exchange);
}

/** Body of log_by_lua in locations that requests with work go through; the others pay nothing for it. */
export function logWork(portNumber: number): void {
  const exchange = currentExchange();
  if (exchange !== undefined) endWork(exchange);
  log(portNumber);
}

function wholeMs(seconds: number): number {
  return Math.floor(seconds * 1000 + 0.5);
}
