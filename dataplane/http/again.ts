/**
 * Requests that are sent again where nginx cannot do it: after statuses that it does not know, whatever the method, and after a wait, since
 * its balancer cannot wait (GW-27).
 *
 * Every attempt but the last goes through locations that take back answers of such statuses (`error_page` of their profile); attempts without
 * answer end in the balancer, where the request gets the error pages of another location. Both lead to a location that waits, and from
 * there to the way of the next attempt. nginx keeps the body of the request.
 */
import { set_more_tries, set_timeouts } from 'ngx.balancer';
import type { Again, RouteAction } from '../policy/record.ts';
import { sendAnswer } from './answer.ts';
import { isWhole } from './call-retry.ts';
import { nextChoice } from './choice.ts';
import { leftMs } from './deadline.ts';
import { type Answer, currentExchange, type Exchange } from './exchange.ts';
import { failIn, forgetChanges } from './location.ts';
import { countLastAttempt } from './log.ts';
import { nginxVariable, readText } from './nginx-variable.ts';
import { mayRepeat } from './parallel-retries.ts';
import { remainingMs } from './remaining-time.ts';
import { sessionMoved } from './session.ts';
import { DEFAULT_ATTEMPTS, DEFAULT_CONNECT_MS, DEFAULT_READ_MS, DEFAULT_SEND_MS } from './timeouts.ts';
import { endWith, exitOf } from './work.ts';

/** Of each attempt with commas or colons in between; no number where it brought no answer. */
const STATUS = nginxVariable('upstream_status');
const HEADER_TIME = nginxVariable('upstream_header_time');
/** Waits are longer by up to this share, so that requests that failed together do not come again together. */
const SPREAD = 0.25;
/** Where nginx's count of changes of the location cannot be reset, no more attempts are made. */
const FEW_ATTEMPTS = 4;
const OK = 200;
const GATEWAY_TIMEOUT = 504;
/** The same that nginx.conf says where nginx itself has waited. */
const TOO_LATE: Answer = { status: GATEWAY_TIMEOUT, reason: 'TimeoutViaBackend : no answer from backend in time' };
const TOO_MANY = 'CircuitBreaker : too many requests are sent again';
/** Before the first attempt: only a body that nobody can read leads here. */
const UNREADABLE: Answer = { status: 400, reason: 'InvalidRequest : the body cannot be read' };

/**
 * In the balancer phase, when an attempt has brought no answer and another may follow: ends it, so that {@link again} comes next.
 *
 * @returns false when it cannot be ended so
 */
export function leaveAttempt(exchange: Exchange): boolean {
  if (!failIn('@causeway_unreached')) return false;
  exchange.attempts = -exchange.attempts;
  ngx.exit(ngx.ERROR);
  return true;
}

/** In the balancer phase, for an attempt after {@link again}. */
export function prepareFurther(exchange: Exchange): void {
  const { action } = exchange;
  exchange.attempts = -exchange.attempts;
  if (action === undefined) return;
  if (exchange.attempts + 1 < (action.attempts ?? DEFAULT_ATTEMPTS)) set_more_tries(1);
  const left = Math.min(Math.max(1, remainingMs(action.again)), leftMs(exchange));
  set_timeouts(
    Math.min(action.connectMs ?? DEFAULT_CONNECT_MS, left) / 1000,
    Math.min(action.sendMs ?? DEFAULT_SEND_MS, left) / 1000,
    Math.min(action.readMs ?? DEFAULT_READ_MS, left) / 1000,
  );
}

/** Body of rewrite_by_lua: waits, and sends the request on its way again. */
export function again(): void {
  const exchange = currentExchange();
  const action = exchange === undefined ? undefined : exchange.action;
  if (exchange === undefined || action === undefined || action.again === undefined || exchange.group === undefined) {
    ngx.exit(500);
    return;
  }
  if (exchange.attempts === 0) {
    sendAnswer(exchange, UNREADABLE);
    return;
  }
  if (exchange.attempts > 0) {
    const status = lastStatus();
    if (isWithoutAnswer()) {
      // nginx has ended it with a status of its own: what was sent must not be sent twice.
      endWith(exchange, status === GATEWAY_TIMEOUT ? TOO_LATE : { status, reason: '' });
      return;
    }
    if (action.again.ofCalls === true && !isWhole(exchange)) {
      endWith(exchange, { status, reason: '' });
      return;
    }
    countLastAttempt(exchange, status);
    exchange.attempts = -exchange.attempts;
    if (status === OK) {
      // A call, see call-retry.ts.
      sendAgain(exchange, action, action.again);
      return;
    }
  }
  if (!mayRepeat(exchange, action, action.again)) {
    endWith(exchange, { status: lastStatus(), reason: TOO_MANY });
    return;
  }
  const waitMs = pauseMs(action.again, -exchange.attempts);
  if (waitMs >= remainingMs(action.again)) {
    endWith(exchange, TOO_LATE);
    return;
  }
  if (waitMs > 0) ngx.sleep(waitMs / 1000);
  sendAgain(exchange, action, action.again);
}

function sendAgain(exchange: Exchange, action: RouteAction, { lastWay }: Again): void {
  const { group, work } = exchange;
  if (group === undefined) return;
  exchange.peer = nextChoice(group, exchange.peer);
  if (group.sessions !== undefined) sessionMoved(group, group.sessions, exchange.peer);
  if (work !== undefined && work.moves !== undefined) work.moves(exchange);
  // Of an answer that was taken back nginx keeps this.
  ngx.header['WWW-Authenticate'] = undefined;
  const made = -exchange.attempts;
  const isLast = made + 1 >= (action.attempts ?? DEFAULT_ATTEMPTS) || (!forgetChanges() && made + 1 >= FEW_ATTEMPTS);
  const plain = `@causeway_${action.way ?? 'http'}`;
  const exit = work === undefined ? '' : exitOf(work, exchange);
  const place = exit === '' ? plain : exit;
  ngx.exec(isLast ? `@causeway_${lastWay}${string.sub(place, plain.length + 1)}` : place);
}

/** @param made attempts so far, from 1 */
function pauseMs({ baseMs, maxMs }: Again, made: number): number {
  if (baseMs === 0) return 0;
  return Math.min(maxMs, baseMs * 2 ** (made - 1)) * (1 + math.random() * SPREAD);
}

function lastStatus(): number {
  const [status] = string.match(readText(STATUS) ?? '', '(%d+)[^%d]*$');
  return status === undefined ? 502 : (tonumber(status) ?? 502);
}

function isWithoutAnswer(): boolean {
  return string.match(readText(HEADER_TIME) ?? '', '[%d.]$')[0] === undefined;
}
