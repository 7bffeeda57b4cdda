/** Phase "balancer": names the peer of each attempt. */
import { set_more_tries, set_timeouts } from 'ngx.balancer';
import type { RouteAction } from '../policy/record.ts';
import { leaveAttempt, prepareFurther } from './again.ts';
import { isWhole } from './call-retry.ts';
import { nextChoice } from './choice.ts';
import { leftMs } from './deadline.ts';
import { setPeer } from './endpoint-address.ts';
import { currentExchange } from './exchange.ts';
import { attemptBegins, attemptFailed } from './outcome.ts';
import { countRequest } from './retry-budget.ts';
import { sessionMoved } from './session.ts';
import { DEFAULT_ATTEMPTS, DEFAULT_CONNECT_MS, DEFAULT_READ_MS, DEFAULT_SEND_MS } from './timeouts.ts';

/** Body of balancer_by_lua. */
export function balance(): void {
  const exchange = currentExchange();
  if (exchange === undefined || exchange.group === undefined || exchange.action === undefined) {
    ngx.log(ngx.ERR, 'a request without route reached the balancer');
    ngx.exit(ngx.ERROR);
    return;
  }
  const group = exchange.group;
  if (exchange.attempts === 0) {
    if (exchange.action.retryBudget !== undefined) countRequest(exchange.action.retryBudget);
    prepareAttempts(exchange.action, exchange.work === undefined ? math.huge : leftMs(exchange));
  } else if (exchange.attempts < 0) {
    prepareFurther(exchange);
  } else {
    attemptFailed(exchange, group);
    const { again } = exchange.action;
    if (again !== undefined && (again.ofCalls !== true || isWhole(exchange)) && leaveAttempt(exchange)) return;
    exchange.peer = nextChoice(group, exchange.peer);
    if (group.sessions !== undefined) sessionMoved(group, group.sessions, exchange.peer);
    if (exchange.work !== undefined && exchange.work.moves !== undefined) exchange.work.moves(exchange);
  }
  exchange.attempts = exchange.attempts + 1;
  exchange.attemptBegan = ngx.now();
  if (!group.plain && group.latencies !== undefined) attemptBegins(exchange, group.latencies);
  const problem = setPeer(group, exchange.peer);
  if (problem !== undefined) {
    ngx.log(ngx.ERR, 'endpoint refused: ', problem);
    ngx.exit(ngx.ERROR);
  }
}

/** @param left of what the request may take, in ms */
function prepareAttempts(action: RouteAction, left: number): void {
  const attempts = action.attempts ?? DEFAULT_ATTEMPTS;
  if (attempts > 1) set_more_tries(attempts - 1);
  const connectMs = Math.min(action.connectMs ?? DEFAULT_CONNECT_MS, left);
  const sendMs = Math.min(action.sendMs ?? DEFAULT_SEND_MS, left);
  const readMs = Math.min(action.readMs ?? DEFAULT_READ_MS, left);
  if (connectMs !== DEFAULT_CONNECT_MS || sendMs !== DEFAULT_SEND_MS || readMs !== DEFAULT_READ_MS) {
    set_timeouts(connectMs / 1000, sendMs / 1000, readMs / 1000);
  }
}
