/**
 * Refuses requests beyond what all instances together let pass. They are counted in a store (limit-store.ts), and besides in
 * memory that all workers of this instance have: while the store is away, or when there is none, that decides alone, unless nobody
 * may get through then.
 *
 * Who is over the limit is remembered until another request may fit, so that floods reach neither the store nor its connections.
 */
import { type CompiledRanges, compileRanges, isAmongRanges } from '../policy/address-ranges.ts';
import {
  type GlobalLimitStep,
  isWithin,
  type LimitedRequests,
  type LimitStore,
  leftOf,
  waitMs,
} from '../policy/global-limit.ts';
import { templateText } from '../policy/template.ts';
import { type CompiledTerm, compileTerm, termHolds } from '../policy/term.ts';
import type { Answer, Exchange } from './exchange.ts';
import { countTogether, uncountTogether } from './limit-store.ts';
import { noteStanding, refusalRateHeaders } from './rate-headers.ts';
import { beginRequest, currentRequest } from './request.ts';
import type { LogWork, RequestWork, WaitingWork } from './work.ts';

const ALONE = 'TooManyRequests : limit of the rate';
const TOGETHER = 'TooManyRequests : global limit of the rate';
const UNCOUNTED: Answer = { status: 500, reason: 'TooManyRequests : the store of global limits is away' };

/** Counted by this instance alone. */
export function aloneLimitWork(step: GlobalLimitStep): RequestWork {
  const nameOf = counterNames(step);
  const noting = answerCostNotes(step);
  return (exchange) => {
    const memory = ngx.shared['causeway_limits'];
    const name = nameOf();
    if (name === undefined || memory === undefined) return undefined;
    const nowMs = ngx.now() * 1000;
    return noting(
      exchange,
      name,
      blocked(memory, step, name, nowMs) ?? decideAlone(memory, step, name, nowMs, exchange),
    );
  };
}

/** Counted by all instances. */
export function togetherLimitWork(step: GlobalLimitStep, store: LimitStore): WaitingWork {
  const nameOf = counterNames(step);
  const noting = answerCostNotes(step);
  return (exchange) => {
    const memory = ngx.shared['causeway_limits'];
    const name = nameOf();
    if (name === undefined || memory === undefined) return undefined;
    const nowMs = ngx.now() * 1000;
    const known = blocked(memory, step, name, nowMs);
    if (known !== undefined) return known;
    const window = Math.floor(nowMs / step.windowMs);
    const cost = step.cost ?? 1;
    const [count, before] = countTogether(store, name, window, { cost, ttlSeconds: ttlSeconds(step) });
    beginRequest();
    if (count === undefined || before === undefined) {
      return store.failClosed === true && step.shadow !== true
        ? UNCOUNTED
        : noting(exchange, name, decideAlone(memory, step, name, nowMs, exchange));
    }
    const into = nowMs - window * step.windowMs;
    if (isWithin(step, into, before, count)) {
      memory.incr(`${name}.${window}`, cost, 0, ttlSeconds(step));
      tellLeft(exchange, step, into, leftOf(step, into, before, count));
      return noting(exchange, name, undefined);
    }
    if (cost > 0) uncountTogether(store, name, window, cost);
    beginRequest();
    return block(memory, step, name, nowMs, waitMs(step, into, before, count - cost), exchange);
  };
}

/** Of requests that passed a limit whose answers count, the names of their counters. */
const passed = setmetatable(new LuaTable<GlobalLimitStep, LuaTable<Exchange, string>>(), { __mode: 'k' });

/** @returns what remembers a request that passed, where its answer counts */
function answerCostNotes(
  step: GlobalLimitStep,
): (this: void, exchange: Exchange, name: string, answer: Answer | undefined) => Answer | undefined {
  if (step.responseCost === undefined) return (_exchange, _name, answer) => answer;
  const names: LuaTable<Exchange, string> = new LuaTable();
  passed.set(step, names);
  return (exchange, name, answer) => {
    if (answer === undefined) names.set(exchange, name);
    return answer;
  };
}

/** Counts the answer of a request that passed. */
export function answerCostWork(step: GlobalLimitStep, cost: number): LogWork {
  const names = passed.get(step);
  return (exchange) => {
    const name = names?.get(exchange);
    const memory = ngx.shared['causeway_limits'];
    if (name === undefined || memory === undefined) return;
    names?.delete(exchange);
    const window = Math.floor((ngx.now() * 1000) / step.windowMs);
    memory.incr(`${name}.${window}`, cost, 0, ttlSeconds(step));
    if (step.store !== undefined) ngx.timer.at(0, countLater, step.store, name, window, cost, ttlSeconds(step));
  };
}

/** Stores cannot be asked while a request ends. */
function countLater(
  _premature: boolean,
  store: LimitStore,
  name: string,
  window: number,
  cost: number,
  ttl: number,
): void {
  countTogether(store, name, window, { cost, ttlSeconds: ttl });
}

/** @returns what names the counters of the current request; that gives undefined for requests that do not count */
function counterNames(step: GlobalLimitStep): (this: void) => string | undefined {
  const exempt = compileRanges(step.exempt);
  const counts = selectionOf(step);
  const others: ((this: void) => boolean)[] = [];
  for (const selection of step.except ?? []) others.push(selectionOf(selection));
  const scope = `${step.scope} ${step.requests} ${step.windowMs} `;
  return () => {
    if (exempt.length > 0 && isAmongRanges(exempt, currentRequest.sourceAddress())) return undefined;
    if (!counts()) return undefined;
    for (const isOther of others) if (isOther()) return undefined;
    // Of bounded length, whatever clients send, and without blanks.
    return ngx.encode_base64(ngx.sha1_bin(scope + templateText(step.key, currentRequest)), true);
  };
}

/** @returns whether the current request is one of those that are limited */
function selectionOf({ when = [], unless = [], among = [] }: LimitedRequests): (this: void) => boolean {
  if (when.length === 0 && unless.length === 0 && among.length === 0) return () => true;
  const wanted: CompiledTerm[] = [];
  const unwanted: CompiledTerm[] = [];
  const ranges: CompiledRanges[] = [];
  for (const term of when) wanted.push(compileTerm(term));
  for (const term of unless) unwanted.push(compileTerm(term));
  for (const list of among) ranges.push(compileRanges(list));
  return () => {
    for (const list of ranges) if (!isAmongRanges(list, currentRequest.sourceAddress())) return false;
    for (const term of wanted) if (!termHolds(term, currentRequest)) return false;
    for (const term of unwanted) if (termHolds(term, currentRequest)) return false;
    return true;
  };
}

function decideAlone(
  memory: SharedDictionary,
  step: GlobalLimitStep,
  name: string,
  nowMs: number,
  exchange: Exchange,
): Answer | undefined {
  const window = Math.floor(nowMs / step.windowMs);
  const into = nowMs - window * step.windowMs;
  const key = `${name}.${window}`;
  const cost = step.cost ?? 1;
  const [count] = memory.incr(key, cost, 0, ttlSeconds(step));
  // Without memory nobody can be counted.
  if (count === undefined) return undefined;
  const [previous] = memory.get(`${name}.${window - 1}`);
  const before = typeof previous === 'number' ? previous : 0;
  if (isWithin(step, into, before, count)) {
    tellLeft(exchange, step, into, leftOf(step, into, before, count));
    return undefined;
  }
  memory.incr(key, -cost);
  return block(memory, step, name, nowMs, waitMs(step, into, before, count - cost), exchange);
}

function tellLeft(exchange: Exchange, step: GlobalLimitStep, into: number, left: number): void {
  if (step.rateHeaders === undefined) return;
  const seconds = (step.windowMs - into) / 1000;
  if (step.rateHeaders !== 'number') noteStanding(exchange, step, left, Math.ceil(seconds));
  // What counts alone says when the next request fits, as Envoy's does: now, while some are left; else in so many whole seconds.
  else noteStanding(exchange, step, left, left >= 1 ? 0 : Math.floor(seconds));
}

/** Remembers until when no request fits. @returns undefined: the request passes all the same */
function block(
  memory: SharedDictionary,
  step: GlobalLimitStep,
  name: string,
  nowMs: number,
  wait: number,
  exchange: Exchange,
): Answer | undefined {
  if (step.shadow === true) {
    if (step.rateHeaders !== undefined) noteStanding(exchange, step, 0, Math.max(1, Math.ceil(wait / 1000)));
    return undefined;
  }
  if (wait >= 1) memory.set(`${name}.b`, nowMs + wait, wait / 1000);
  return refusal(step, wait);
}

function blocked(memory: SharedDictionary, step: GlobalLimitStep, name: string, nowMs: number): Answer | undefined {
  const [until] = memory.get(`${name}.b`);
  return typeof until === 'number' && until > nowMs ? refusal(step, until - nowMs) : undefined;
}

function refusal(step: GlobalLimitStep, wait: number): Answer {
  const { status, answerHeaders = [], store } = step;
  const seconds = Math.max(1, Math.ceil(wait / 1000));
  const headers: Record<string, string> = step.rateHeaders === undefined ? {} : refusalRateHeaders(step, seconds);
  headers['retry-after'] = `${seconds}`;
  for (const { name, value } of answerHeaders) headers[name] = value;
  return { status, reason: store === undefined ? ALONE : TOGETHER, headers };
}

/** A counter is read in its own window and in the next one. */
function ttlSeconds({ windowMs }: GlobalLimitStep): number {
  return Math.ceil(windowMs / 500) + 1;
}
