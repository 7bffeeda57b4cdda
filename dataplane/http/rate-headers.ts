/**
 * X-RateLimit-Limit, -Remaining and -Reset: how much of the limits that counted a request is left. Of several limits it is that of which the
 * least is left. A refusal says the same of the limit that refuses.
 *
 * Source: draft-ietf-httpapi-ratelimit-headers-03.
 */
import type { GlobalLimitStep } from '../policy/global-limit.ts';
import type { Exchange } from './exchange.ts';
import type { LogWork, ResponseWork } from './work.ts';

interface Standing {
  step: GlobalLimitStep;
  left: number;
  resetSeconds: number;
}

const LIMIT = 'x-ratelimit-limit';
const REMAINING = 'x-ratelimit-remaining';
const RESET = 'x-ratelimit-reset';

/** Of requests that passed and have no answer yet. */
const standings: LuaTable<Exchange, Standing> = new LuaTable();

/** @param left how many requests, or what they count, fit after this one */
export function noteStanding(exchange: Exchange, step: GlobalLimitStep, left: number, resetSeconds: number): void {
  const known = standings.get(exchange);
  if (known === undefined) standings.set(exchange, { step, left, resetSeconds });
  else if (left < known.left) {
    known.step = step;
    known.left = left;
    known.resetSeconds = resetSeconds;
  }
}

/** Sets the headers of a request that passed; a refusal has its own. */
export const setRateHeaders: ResponseWork = (exchange) => {
  const standing = standings.get(exchange);
  if (standing === undefined) return;
  standings.delete(exchange);
  if (exchange.answer?.headers?.[LIMIT] !== undefined) return;
  const { step, left, resetSeconds } = standing;
  ngx.header[LIMIT] = limitText(step);
  ngx.header[REMAINING] = `${Math.max(0, Math.floor(left))}`;
  ngx.header[RESET] = `${resetSeconds}`;
};

/** The request is over, maybe without an answer. */
export const forgetStanding: LogWork = (exchange) => {
  standings.delete(exchange);
};

/** Those of a refusal. */
export function refusalRateHeaders(step: GlobalLimitStep, waitSeconds: number): Record<string, string> {
  return { [LIMIT]: limitText(step), [REMAINING]: '0', [RESET]: `${waitSeconds}` };
}

function limitText({ requests, windowMs, rateHeaders }: GlobalLimitStep): string {
  return rateHeaders === 'window' ? `${requests}, ${requests};w=${windowMs / 1000}` : `${requests}`;
}
