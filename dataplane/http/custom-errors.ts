/**
 * Errors that another group answers. nginx comes here instead of sending them, whoever made them: the backend, nginx itself, or a
 * step of ours. Each status has a location of its own, since nginx says nowhere which error has led to it.
 */

import { type PageAnswer, pageAnswer } from '../policy/error-pages.ts';
import { redirectLocation } from '../policy/redirect.ts';
import { sendAnswer } from './answer.ts';
import { firstChoice } from './choice.ts';
import { tellError } from './error-origin.ts';
import { type Answer, currentExchange } from './exchange.ts';
import { live } from './live.ts';
import { countLastAttempt } from './log.ts';
import { beginRequest, currentRequest } from './request.ts';

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
  const page = pages === undefined ? undefined : pageAnswer(pages, status);
  if (page !== undefined) {
    if (answer === undefined) countLastAttempt(exchange, status);
    sendAnswer(exchange, answerOfPage(page, answer));
    return;
  }
  const group = pages === undefined || pages.group === undefined ? undefined : live.state.groups.get(pages.group);
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
  if (pages.origin !== undefined) tellError(status, pages.origin);
  // The body was for the backend; of one that is too large nobody waits for the rest.
  ngx.req.discard_body();
  ngx.req.set_uri('/', false, true);
}

/** @param given our own answer that it stands in for */
function answerOfPage({ as, content, redirect }: PageAnswer, given: Answer | undefined): Answer {
  const reason = given === undefined ? '' : given.reason;
  if (redirect !== undefined) {
    return { status: redirect.status, reason, headers: { location: redirectLocation(redirect, currentRequest) } };
  }
  return { status: as, reason, headers: given === undefined ? undefined : given.headers, content };
}
