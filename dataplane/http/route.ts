/** Phase "set": decides what happens to the request. Cannot wait, answer or redirect; variables say what is to be done. */

import { type Branch, branchAt } from '../policy/branch.ts';
import { CLOSED_STATUS } from '../policy/client-connections.ts';
import { hasPage } from '../policy/error-pages.ts';
import { isMisdirected } from '../policy/misdirected.ts';
import type { RouteAction } from '../policy/record.ts';
import { matchRoute } from '../policy/rule-index.ts';
import { affinityKey } from './affinity.ts';
import { firstChoice } from './choice.ts';
import { refuseClient } from './client-certificate.ts';
import { type Answer, type Exchange, openExchange } from './exchange.ts';
import { beginInspected, endInspected, handOver, needsInspection } from './firewall.ts';
import type { Group } from './group.ts';
import { live } from './live.ts';
import { answerThere, goTo } from './location.ts';
import { type Counter, counterOf, counterOfRoute, fallbackCounterOf } from './metrics.ts';
import { hideServer, requestStructure } from './nginx-request.ts';
import { connectionOfRequest, serverNameOf } from './openssl.ts';
import { ownAnswer } from './own-answer.ts';
import { beginRequest, currentRequest } from './request.ts';
import { namesTwoHosts, wantsUpgrade } from './request-form.ts';
import type { ServedRoute } from './served-route.ts';
import { hasSessionIn, sessionPeer } from './session.ts';
import type { Port } from './state.ts';
import { bindUpstreams } from './upstream-metrics.ts';
import { beginWork, exitOf, workAfter, workOf } from './work.ts';

const TWO_HOSTS: Answer = { status: 400, reason: 'InvalidRequest : the request line and Host name different hosts' };
const MISDIRECTED: Answer = {
  status: 421,
  reason: 'MisdirectedRequest : the connection was made for another listener',
};
const HTTP2 = 'HTTP/2.0';
const NO_MATCH: Answer = { status: 404, reason: 'InvalidUpstream : no rule match' };

/** Body of set_by_lua. @returns the route's name for the access log, `''` when there is none */
export function route(portNumber: number): string {
  const exchange = openExchange();
  const port = live.state.ports.get(portNumber);
  if (port === undefined) return answerNoMatch(exchange, portNumber);
  if (namesTwoHosts()) {
    exchange.counter = counterOf(portNumber, '');
    answer(exchange, TWO_HOSTS);
    return '';
  }
  beginRequest();
  return toRoute(exchange, port, portNumber);
}

/** @param first the action of a route that the request had before, and that has let it in. @returns the name of the route */
function toRoute(exchange: Exchange, port: Port, portNumber: number, first?: RouteAction): string {
  if (isForOtherListener(port)) {
    exchange.counter = counterOf(portNumber, '');
    answer(exchange, MISDIRECTED);
    return '';
  }
  const found = matchRoute(port.index, currentRequest) as ServedRoute | undefined;
  if (found !== undefined) {
    const counter = counterOfRoute(portNumber, found);
    exchange.counter = counter;
    prepare(exchange, counter, found.action, found.group, port, first);
    return found.name;
  }
  const record = port.record;
  if (record === undefined || record.fallback === undefined) return answerNoMatch(exchange, portNumber);
  const counter = fallbackCounterOf(portNumber);
  exchange.counter = counter;
  prepare(exchange, counter, record.fallback, record.fallback.group, port, first);
  return record.name;
}

/** In phase "access", of a request whose headers its route has changed. @returns the location in which it goes on */
export function routeAgain(exchange: Exchange): string {
  const { action, counter } = exchange;
  const port = counter === undefined ? undefined : live.state.ports.get(counter.port);
  exchange.work = undefined;
  exchange.action = undefined;
  exchange.group = undefined;
  // From this phase there is no other way than by the variable; goTo() sees that.
  ngx.var['causeway_exit'] = PLAIN;
  if (counter === undefined || port === undefined) {
    answer(exchange, NO_MATCH);
  } else {
    beginRequest();
    ngx.var['causeway_route'] = toRoute(exchange, port, counter.port, action);
  }
  return ngx.var['causeway_exit'] ?? PLAIN;
}

const PLAIN = '@causeway_http';
/** It would see what the first route has made of the request. */
const FIREWALL_TOO_LATE: Answer = {
  status: 500,
  reason: 'InvalidRoute : a firewall cannot inspect a request that had another route',
};

function isForOtherListener({ record }: Port): boolean {
  const apart = record === undefined || record.tls === undefined ? undefined : record.tls.apart;
  if (apart === undefined) return false;
  const connection = connectionOfRequest();
  return connection !== undefined && isMisdirected(apart, serverNameOf(connection), currentRequest.host());
}

/** The same for requests that come back from the firewall. */
export function routeInspected(): string {
  const port = beginInspected();
  const name = route(port);
  endInspected();
  return name;
}

/**
 * @param groupId forward: of the action
 * @param first as of {@link toRoute}
 */
function prepare(
  exchange: Exchange,
  counter: Counter,
  action: RouteAction,
  groupId: string | undefined,
  port: Port,
  first: RouteAction | undefined,
): void {
  const { http2 } = action;
  if (http2 !== undefined && ngx.var['server_protocol'] === HTTP2) {
    // What goes to another group is counted by name, see below.
    if (http2.group !== undefined && http2.group !== groupId) exchange.group = live.state.groups.get(http2.group);
    prepare(exchange, counter, http2, http2.group, port, first);
    return;
  }
  if (action.branches !== undefined) {
    takeBranch(exchange, counter, action.branches, port, first);
    return;
  }
  const work = first === undefined ? workOf(action) : workAfter(first, action);
  if (port.guards !== undefined || (work !== undefined && work.client !== undefined)) {
    const refusal = refuseClient(port, work === undefined ? undefined : work.client);
    if (refusal !== undefined) {
      answer(exchange, refusal);
      return;
    }
  }
  if (work !== undefined) {
    if (work.firewall !== undefined && first !== undefined) {
      answer(exchange, FIREWALL_TOO_LATE);
      return;
    }
    if (work.firewall !== undefined && needsInspection(work.firewall)) {
      handOver(work.firewall);
      return;
    }
    exchange.work = work;
    // A redirect is decided before all else (spec ALB 7.1), unless the route guards it; only its answer is worked on.
    const given = action.type === 'redirect' && !work.guards ? undefined : beginWork(work, exchange);
    if (given !== undefined) {
      answerOf(exchange, action, given);
      return;
    }
    if (work.reroutes) {
      exchange.action = action;
      goTo(exitOf(work, exchange));
      return;
    }
  }
  if (action.type !== 'forward') {
    answerGuarded(exchange, action, ownAnswer(action));
    return;
  }
  let group = exchange.group;
  const isChosen = group !== undefined;
  if (group === undefined) group = live.state.groups.get(groupId ?? '');
  if (group === undefined) {
    answerGuarded(exchange, action, { status: 500, reason: `InvalidBalancer : no balancer found for ${groupId}` });
    return;
  }
  if (group.ring.peers.length === 0 || isOfEmptyShare(group)) {
    answerGuarded(exchange, action, { status: group.emptyStatus, reason: group.emptyReason });
    return;
  }
  exchange.action = action;
  exchange.group = group;
  // What goes to another group is counted by name: the counter has room for the endpoints of one.
  if (!isChosen) bindUpstreams(counter, group);
  exchange.peer = group.plain ? firstChoice(group, 0) : tiedChoice(group, port);
  const way = action.way ?? 'http';
  if (way === 'http' && action.host === undefined && work === undefined) {
    goOn();
    return;
  }
  if (action.host !== undefined) ngx.var['causeway_new_host'] = action.host;
  const exit = work === undefined ? '' : exitOf(work, exchange);
  if (exit !== '') goTo(exit);
  else if (way !== 'http' || action.host !== undefined || wantsUpgrade()) goTo(`@causeway_${way}`);
}

/** A session stays where it is. */
function isOfEmptyShare(group: Group): boolean {
  if (group.emptyShare === 0 || math.random() >= group.emptyShare) return false;
  return group.sessions === undefined || !hasSessionIn(group, group.sessions);
}

/** One of several ways, of which each has its group: endpoints are counted by name. */
function takeBranch(
  exchange: Exchange,
  counter: Counter,
  branches: readonly Branch[],
  port: Port,
  first: RouteAction | undefined,
): void {
  const chosen =
    branchOfSession(branches) ?? branchAt(branches, math.random() * (branches[branches.length - 1]?.weightUpTo ?? 0));
  if (chosen === undefined) return;
  const { action } = chosen;
  if (action.group !== undefined) exchange.group = live.state.groups.get(action.group);
  prepare(exchange, counter, action, action.group, port, first);
}

/** A session stays where its endpoint is. */
function branchOfSession(branches: readonly Branch[]): Branch | undefined {
  for (const branch of branches) {
    const group = live.state.groups.get(branch.action.group ?? '');
    if (group !== undefined && group.sessions !== undefined && hasSessionIn(group, group.sessions)) return branch;
  }
  return undefined;
}

/** A plain request; only another protocol takes it out of its location. */
function goOn(): void {
  const request = requestStructure();
  if (request !== undefined) hideServer(request);
  if (wantsUpgrade()) goTo('@causeway_http');
}

function tiedChoice(group: Group, port: Port): number {
  const { sessions, circle } = group;
  if (sessions !== undefined && circle !== undefined) return sessionPeer(group, sessions, circle);
  return firstChoice(group, affinityKey(group, isSecure(port)));
}

function isSecure(port: Port): boolean {
  return port.record !== undefined && port.record.tls !== undefined;
}

function answerNoMatch(exchange: Exchange, portNumber: number): string {
  exchange.counter = counterOf(portNumber, '');
  answer(exchange, NO_MATCH);
  return '';
}

/** Of the action itself. A page is for those alone whom the route lets in, as is any answer of one that guards them. */
function answerGuarded(exchange: Exchange, action: RouteAction, given: Answer): void {
  const { work } = exchange;
  if (work === undefined || work.waiting.length === 0 || (!work.guards && action.content === undefined)) {
    answerOf(exchange, action, given);
    return;
  }
  exchange.action = action;
  exchange.answer = given;
  goTo(exitOf(work, exchange));
}

/** Of a route, which may have pages of its own for errors. */
function answerOf(exchange: Exchange, action: RouteAction, given: Answer): void {
  if (!hasPage(action.errors, given.status)) {
    answer(exchange, given);
    return;
  }
  exchange.answer = given;
  exchange.action = action;
  ngx.var['causeway_exit'] = `@causeway_error_${given.status}`;
}

function answer(exchange: Exchange, given: Answer): void {
  exchange.answer = given;
  if (!isSimple(exchange, given) || !answerThere(given.status)) {
    ngx.var['causeway_exit'] = '@causeway_answer';
    return;
  }
  if (given.reason !== '') ngx.var['causeway_reason'] = given.reason;
  if (given.headers !== undefined) ngx.header['location'] = given.headers['location'];
}

/** Of no other header than Location, and with nothing to be done beside. */
function isSimple({ work }: Exchange, { status, headers, content }: Answer): boolean {
  if (content !== undefined || status === CLOSED_STATUS) return false;
  if (status < 300 || (headers !== undefined && headers['location'] === undefined)) return false;
  return work === undefined || (work.response === undefined && work.log === undefined);
}
