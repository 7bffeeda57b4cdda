/**
 * Errors that another group answers. nginx comes here instead of sending them, whoever made them: the backend, nginx itself, or a
 * step of ours. Each status has a location of its own, since nginx says nowhere which error has led to it.
 */

import { sendAnswer } from './answer.ts';
import { firstChoice } from './choice.ts';
import { tellError } from './error-origin.ts';
import { currentExchange } from './exchange.ts';
import { live } from './live.ts';
import { countLastAttempt } from './log.ts';
import { beginRequest } from './request.ts';

/** Body of rewrite_by_lua: what follows is proxied to the group, as a request for `/`. */
export function customError(status: number): void {
  const exchange = currentExchange();
  if (exchange === undefined) {
    ngx.exit(status);
    return;
  }
  beginRequest();
  const { action, answer } = exchange;
  const pages = action === undefined ? undefined : action.errors;
  const group = pages === undefined ? undefined : live.state.groups.get(pages.group);
  if (pages === undefined || group === undefined || group.ring.peers.length === 0) {
    sendAnswer(exchange, answer ?? { status, reason: '' });
    return;
  }
  countLastAttempt(exchange, status);
  if (answer !== undefined) {
    if (answer.reason !== '') ngx.var['causeway_reason'] = answer.reason;
    const { headers } = answer;
    if (headers !== undefined) for (const name in headers) ngx.header[name] = headers[name];
    exchange.answer = undefined;
  }
  exchange.group = group;
  exchange.peer = firstChoice(group, 0);
  exchange.attempts = 0;
  tellError(status, pages.origin);
  // The body was for the backend; of one that is too large nobody waits for the rest.
  ngx.req.discard_body();
  ngx.req.set_uri('/', false, true);
}
