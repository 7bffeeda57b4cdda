/** Phase "set": decides what happens to the request. Cannot wait, answer or redirect; variables say what is to be done. */
import type { RouteAction } from '../policy/record.ts';
import { matchRoute } from '../policy/rule-index.ts';
import { affinityKey } from './affinity.ts';
import { firstChoice } from './choice.ts';
import { type Exchange, openExchange } from './exchange.ts';
import { live } from './live.ts';
import { type Counter, counterOf, fallbackCounterOf } from './metrics.ts';
import { beginRequest, currentRequest } from './request.ts';
import type { Port } from './state.ts';
import { bindUpstreams } from './upstream-metrics.ts';

/** Body of set_by_lua. @returns the route's name for the access log, `''` when there is none */
export function route(portNumber: number): string {
  const exchange = openExchange();
  const port = live.state.ports.get(portNumber);
  if (port === undefined) return answerNoMatch(exchange, portNumber);
  beginRequest();
  const found = matchRoute(port.index, currentRequest);
  if (found !== undefined) {
    const counter = counterOf(portNumber, found.id);
    exchange.counter = counter;
    prepare(exchange, counter, found.action, port);
    return found.name;
  }
  const record = port.record;
  if (record === undefined || record.fallback === undefined) return answerNoMatch(exchange, portNumber);
  const counter = fallbackCounterOf(portNumber);
  exchange.counter = counter;
  prepare(exchange, counter, record.fallback, port);
  return record.name;
}

function prepare(exchange: Exchange, counter: Counter, action: RouteAction, port: Port): void {
  if (action.type === 'respond') {
    answer(exchange, action.status ?? 500, action.reason ?? '');
    return;
  }
  const group = live.state.groups.get(action.group ?? '');
  if (group === undefined) {
    answer(exchange, 500, `InvalidBalancer : no balancer found for ${action.group}`);
    return;
  }
  if (group.ring.peers.length === 0) {
    answer(exchange, group.emptyStatus, group.emptyReason);
    return;
  }
  exchange.action = action;
  exchange.group = group;
  bindUpstreams(counter, group);
  exchange.peer = firstChoice(group, group.plain ? 0 : affinityKey(group, isSecure(port)));
  const protocol = action.protocol ?? 'http';
  if (protocol === 'http' && action.host === undefined) return;
  if (action.host !== undefined) ngx.var['causeway_new_host'] = action.host;
  ngx.var['causeway_exit'] = `@causeway_${protocol}`;
}

function isSecure(port: Port): boolean {
  return port.record !== undefined && port.record.tls !== undefined;
}

function answerNoMatch(exchange: Exchange, portNumber: number): string {
  exchange.counter = counterOf(portNumber, '');
  answer(exchange, 404, 'InvalidUpstream : no rule match');
  return '';
}

function answer(exchange: Exchange, status: number, reason: string): void {
  exchange.status = status;
  ngx.var['causeway_reason'] = reason;
  ngx.var['causeway_exit'] = '@causeway_answer';
}
