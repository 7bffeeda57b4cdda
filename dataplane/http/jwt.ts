/**
 * Tokens of clients. The agent verifies them and fetches the keys of issuers; workers remember for a while what it said, so that a client
 * costs it one question a minute, and keys that were withdrawn soon do not count.
 *
 * Source: GW-36; RFC 7519, RFC 6750.
 */
import { decode, encode } from 'cjson.safe';
import { compileAuthorization, isAuthorized } from '../policy/authorization.ts';
import { type FoundToken, type JwtStep, MOST_TOKENS, tokensIn } from '../policy/jwt.ts';
import type { VerifiedToken } from '../policy/verified-token.ts';
import { askAgent } from './agent-question.ts';
import { remember, remembered } from './auth-memory.ts';
import type { Answer } from './exchange.ts';
import { plainName, takeOffPlain } from './plain-name.ts';
import { beginRequest, currentRequest } from './request.ts';
import { sealed } from './secret-key.ts';

/** At most; a token that ends sooner counts that long. */
const FRESH_SECONDS = 60;
/** Keys may be there a moment later. */
const WRONG_SECONDS = 1;
const MAX_TOKEN_BYTES = 8192;
const MAX_REMEMBERED_BYTES = 8192;
/** Remembered of a token that is not good. */
const WRONG = '-';

const NO_TOKEN: Answer = {
  status: 401,
  reason: 'AuthFail : no token',
  headers: { 'www-authenticate': 'Bearer realm="Restricted"' },
};
const WRONG_TOKEN: Answer = {
  status: 401,
  reason: 'AuthFail : invalid token',
  headers: { 'www-authenticate': 'Bearer realm="Restricted", error="invalid_token"' },
};
const NOT_VERIFIED: Answer = {
  status: 503,
  reason: 'AuthFail : tokens cannot be verified now',
  headers: { 'retry-after': '1' },
};
const NOT_ALLOWED: Answer = { status: 403, reason: 'AccessDenied : the rules of authorization' };

type Verdict = LuaMultiReturn<[token: VerifiedToken | undefined, answer?: Answer | undefined]>;

/** @returns what verifies the token of a request, and says what ends it. Waits. */
export function jwtWork(step: JwtStep): (this: void) => Answer | undefined {
  const rules = step.authorization === undefined ? undefined : compileAuthorization(step.authorization);
  const taken = new LuaTable<string, boolean>();
  let takes = false;
  for (const { claimHeaders } of step.providers) {
    for (const { name } of claimHeaders) {
      takes = true;
      taken.set(plainName(name), true);
    }
  }
  return () => {
    if (takes) {
      takeOffPlain(taken);
      beginRequest();
    }
    const [token, answer] = tokenOfRequest(step);
    if (answer !== undefined) return answer;
    if (token !== undefined) tellBackend(step, token);
    return rules === undefined || isAuthorized(rules, currentRequest, token) ? undefined : NOT_ALLOWED;
  };
}

/** Neither of both: it has none, and need not. */
function tokenOfRequest(step: JwtStep): Verdict {
  const found = tokensIn(step.providers, currentRequest);
  if (found.length === 0) return $multi(undefined, step.optional ? undefined : NO_TOKEN);
  if (found.length > MOST_TOKENS) return $multi(undefined, WRONG_TOKEN);
  let answer: Answer = WRONG_TOKEN;
  for (const each of found) {
    const [token, problem] = verified(step, each);
    if (token !== undefined) return $multi(token);
    if (problem !== undefined) answer = problem;
  }
  return $multi(undefined, answer);
}

function verified(step: JwtStep, { text, providers }: FoundToken): Verdict {
  const [strange] = string.find(text, '[^%w%-_.]');
  if (text.length > MAX_TOKEN_BYTES || strange !== undefined) return $multi(undefined, WRONG_TOKEN);
  let name = `jwt ${step.id}`;
  for (const { name: of } of providers) name = `${name}\n${of}`;
  const key = sealed(`${name}\n\n${text}`);
  const known = remembered(key);
  if (known === WRONG) return $multi(undefined, WRONG_TOKEN);
  if (known !== undefined) {
    const token = decode(known)[0] as VerifiedToken | undefined;
    if (token !== undefined) return $multi(token);
  }
  const answer = askAgent({ op: 'jwt', token: text, providers });
  beginRequest();
  if (answer !== undefined && answer.verdict === 'no') {
    remember(key, WRONG, WRONG_SECONDS);
    return $multi(undefined, WRONG_TOKEN);
  }
  if (answer === undefined || answer.verdict !== 'yes' || answer.token === undefined) {
    return $multi(undefined, NOT_VERIFIED);
  }
  const seconds = Math.min(FRESH_SECONDS, answer.token.until - ngx.time());
  const [remark] = encode(answer.token);
  if (seconds > 0 && remark !== undefined && remark.length <= MAX_REMEMBERED_BYTES) remember(key, remark, seconds);
  return $multi(answer.token);
}

function tellBackend({ providers }: JwtStep, token: VerifiedToken): void {
  for (const { name, claimHeaders } of providers) {
    if (name === token.provider) {
      for (const header of claimHeaders) {
        const value = token.headers[header.claim];
        if (value !== undefined) ngx.req.set_header(header.name, value);
      }
    }
  }
  beginRequest();
}
