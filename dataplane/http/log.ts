/** Phase "log": counts the request and closes its exchange. */
import { closeExchange, releaseExchange } from './exchange.ts';
import { countError, counterOf, countRequest } from './metrics.ts';

/** Body of log_by_lua; every request of the port passes it, malformed ones too. */
export function log(portNumber: number): void {
  const exchange = closeExchange();
  const status = ngx.status;
  if (exchange === undefined || exchange.counter === undefined) {
    countError(counterOf(portNumber, ''));
    return;
  }
  const ms = (ngx.now() - ngx.req.start_time()) * 1000;
  const received = tonumber(ngx.var['request_length']) ?? 0;
  const sent = tonumber(ngx.var['bytes_sent']) ?? 0;
  countRequest(exchange.counter, ngx.req.get_method(), status, ms, received, sent);
  if (status >= 400 && (exchange.status !== 0 || ngx.var['causeway_failed'] === '1')) countError(exchange.counter);
  releaseExchange(exchange);
}
