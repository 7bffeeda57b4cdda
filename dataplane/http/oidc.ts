/**
 * Users are signed in by OpenID Connect. The agent speaks to the provider and is the only one who can read the cookies; a worker
 * remembers for a moment whose session one is.
 *
 * Source: GW-37.
 */
import { decode, encode } from 'cjson.safe';
import {
  bringsBearer,
  compileDenials,
  type OidcCookies,
  type OidcStep,
  type SentCookies,
  type SignInResult,
  signInEvent,
} from '../policy/oidc.ts';
import { templateText } from '../policy/template.ts';
import { askAgent } from './agent-question.ts';
import { remember, remembered } from './auth-memory.ts';
import type { Answer, Exchange } from './exchange.ts';
import { beginRequest, currentRequest } from './request.ts';
import { sealed } from './secret-key.ts';

const FRESH_SECONDS = 10;
const MAX_REMEMBERED_BYTES = 16_384;
/** Cookies of one token. */
const MOST_PIECES = 9;
/** Cookies for the answer of the backend, of requests under way. */
const cookiesOfAnswer: LuaTable<Exchange, readonly string[]> = new LuaTable();

const NOT_JUDGED: Answer = {
  status: 503,
  reason: 'AuthFail : sessions cannot be judged now',
  headers: { 'retry-after': '1' },
};

/** @returns what lets in who is signed in, and says what ends the request. Waits. */
export function oidcWork(step: OidcStep): (this: void, exchange: Exchange) => Answer | undefined {
  const isDenied = compileDenials(step.denies);
  const names = new LuaTable<string, boolean>();
  for (const name of [step.cookies.access, step.cookies.id, step.cookies.refresh, step.cookies.flow]) {
    names.set(name, true);
    for (let piece = 1; piece < MOST_PIECES; piece++) names.set(`${name}-${piece}`, true);
  }
  return (exchange) => {
    if (step.passesBearer && bringsBearer(currentRequest)) return hideSession(names);
    const event = signInEvent(step, currentRequest);
    const cookies = ownCookies(step.cookies);
    const { access } = cookies;
    const key =
      event === 'visit' && access !== undefined ? sealed(`oidc ${step.id}\n${access}\n${cookies.id}`) : undefined;
    const known = key === undefined ? undefined : remembered(key);
    if (known !== undefined) return letIn(step, names, decode(known)[0] as SignInResult, exchange);
    const scheme = currentRequest.scheme();
    const query = event === 'callback' ? currentRequest.query : undefined;
    const answer = askAgent({
      op: 'signIn',
      client: step.client,
      names: step.cookies,
      request: {
        event,
        secure: scheme === 'https',
        url: `${scheme}://${currentRequest.header('host') ?? ''}${event === 'visit' ? currentRequest.target() : '/'}`,
        redirect: templateText(step.client.redirect, currentRequest),
        cookies,
        code: query?.('code')?.[0],
        state: query?.('state')?.[0],
        redirects: !isDenied(currentRequest),
      },
    });
    beginRequest();
    const result = answer === undefined || answer.verdict !== 'yes' ? undefined : answer.signIn;
    if (result === undefined) return NOT_JUDGED;
    if (result.status !== undefined) return answerOf(result.status, result);
    if (key !== undefined && result.setCookies.length === 0) {
      const [text] = encode(result);
      const seconds = Math.min(FRESH_SECONDS, (result.until ?? 0) - ngx.time());
      if (seconds > 0 && text !== undefined && text.length <= MAX_REMEMBERED_BYTES) remember(key, text, seconds);
    }
    return letIn(step, names, result, exchange);
  };
}

/** Body of a response step: a session that was prolonged. */
export function setSignInCookies(exchange: Exchange): void {
  const cookies = cookiesOfAnswer.get(exchange);
  if (cookies === undefined) return;
  const values: string[] = [];
  const present = ngx.header['set-cookie'];
  if (typeof present === 'object') for (const one of present) values.push(one);
  else if (present !== undefined) values.push(`${present}`);
  for (const cookie of cookies) values.push(cookie);
  ngx.header['set-cookie'] = values;
}

/** The request is over. */
export function forgetSignInCookies(exchange: Exchange): void {
  cookiesOfAnswer.delete(exchange);
}

function ownCookies({ access, id, refresh, flow }: OidcCookies): SentCookies {
  return {
    access: wholeCookie(access),
    id: wholeCookie(id),
    refresh: wholeCookie(refresh),
    flow: currentRequest.cookie(flow),
  };
}

/** Of a cookie that was too long for one: the first piece begins with their number and a dot. */
function wholeCookie(name: string): string | undefined {
  const first = currentRequest.cookie(name);
  if (first === undefined) return undefined;
  const [count, start] = string.match(first, '^(%d)%.(.*)$');
  if (count === undefined || start === undefined) return first;
  let whole = start;
  for (let piece = 1; piece < (tonumber(count) ?? 0); piece++) {
    const next = currentRequest.cookie(`${name}-${piece}`);
    if (next === undefined) return undefined;
    whole = `${whole}${next}`;
  }
  return whole;
}

function answerOf(status: number, { location, reason, setCookies }: SignInResult): Answer {
  const headers: Record<string, string | readonly string[]> = { 'cache-control': 'no-store' };
  if (location !== undefined) headers['location'] = location;
  if (setCookies.length > 0) headers['set-cookie'] = setCookies;
  return { status, reason: reason ?? '', headers };
}

/** The backend gets the tokens as they are, and nothing else of ours. */
function letIn(step: OidcStep, names: LuaTable<string, boolean>, result: SignInResult, exchange: Exchange): undefined {
  const { access, idToken, setCookies } = result;
  let kept = othersCookies(names);
  if (access !== undefined) kept = joined(kept, `${step.cookies.access}=${access}`);
  if (idToken !== undefined) kept = joined(kept, `${step.cookies.id}=${idToken}`);
  sendCookies(kept);
  if (step.forwardsToken && access !== undefined) ngx.req.set_header('authorization', `Bearer ${access}`);
  if (setCookies.length > 0) cookiesOfAnswer.set(exchange, setCookies);
  beginRequest();
  return undefined;
}

/** Who brings a token needs no session. */
function hideSession(names: LuaTable<string, boolean>): undefined {
  const sent = currentRequest.header('cookie') ?? '';
  const kept = othersCookies(names);
  if (kept === sent) return undefined;
  sendCookies(kept);
  beginRequest();
  return undefined;
}

/** Those of the request that are not ours, of all its headers. */
function othersCookies(names: LuaTable<string, boolean>): string {
  let kept = '';
  for (const [pair] of string.gmatch(currentRequest.header('cookie') ?? '', '[^;]+')) {
    const [name] = string.match(pair ?? '', '^%s*([^=%s]*)');
    if (pair === undefined || name === undefined || names.get(name) === true) continue;
    kept = joined(kept, string.gsub(pair, '^%s+', '')[0]);
  }
  return kept;
}

function sendCookies(cookies: string): void {
  if (cookies === '') ngx.req.clear_header('cookie');
  else ngx.req.set_header('cookie', cookies);
}

function joined(cookies: string, cookie: string): string {
  return cookies === '' ? cookie : `${cookies}; ${cookie}`;
}
