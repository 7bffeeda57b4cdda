/**
 * Calls of gRPC that are sent again after answers that say nothing but a status (GW-45). nginx passes calls on while they come, so what is
 * to be sent again is read before: calls whose client has said all soon after it began, and no more than nginx takes unasked (64 KiB).
 * Others may be streams, whose clients wait for answers before they say more; they are passed on as ever, and not sent again.
 *
 * The status of an answer to a call is 200 whatever came of it: one that is taken back gets a status that the error pages of its profile
 * know, which leads to again.ts. nginx is in the middle of that answer then, and ends the request unless the next attempt begins at once:
 * so whether there may be one is decided here, and nothing is waited for.
 */
import { band } from 'bit';
import type { CallRetryStep } from '../policy/call-retry.ts';
import type { Exchange } from './exchange.ts';
import { requestStructure } from './nginx-request.ts';
import { STREAM_CLOSED } from './nginx-structure.ts';
import { nginxVariable, readText } from './nginx-variable.ts';
import { mayRepeat } from './parallel-retries.ts';
import { remainingMs } from './remaining-time.ts';
import { beginRequest } from './request.ts';
import { DEFAULT_ATTEMPTS } from './timeouts.ts';
import type { LogWork, ResponseWork, WaitingWork } from './work.ts';

const CALL_STATUS = nginxVariable('upstream_http_grpc_status');
/** See targets/nginx/profile.ts. */
const TAKEN_BACK = 598;
const OK = 200;
/** A call of one message comes with its headers, or right after them. */
const LOOKS = 10;
const PAUSE_SECONDS = 0.002;

/** Requests that were read whole. */
const whole: LuaTable<Exchange, boolean> = new LuaTable();

export const readCall: WaitingWork = (exchange) => {
  if (hasAll()) {
    ngx.req.read_body();
    whole.set(exchange, true);
  }
  beginRequest();
  return undefined;
};

/** Reports whether the request can be sent again. */
export function isWhole(exchange: Exchange): boolean {
  return whole.has(exchange);
}

export const forgetCall: LogWork = (exchange) => {
  whole.delete(exchange);
};

export function takeCallBack({ statuses }: CallRetryStep): ResponseWork {
  const repeated: LuaTable<string, boolean> = new LuaTable();
  for (const status of statuses) repeated.set(status, true);
  return (exchange) => {
    const { action } = exchange;
    if (ngx.status !== OK || action === undefined || !whole.has(exchange)) return;
    if (exchange.attempts < 1 || exchange.attempts >= (action.attempts ?? DEFAULT_ATTEMPTS)) return;
    const status = readText(CALL_STATUS);
    if (status === undefined || !repeated.has(status)) return;
    const { again } = action;
    if (again === undefined || remainingMs(again) <= 0) return;
    if (!mayRepeat(exchange, action, again)) return;
    const headers = ngx.resp.get_headers(0, true);
    for (const name in headers) ngx.header[name] = undefined;
    ngx.exit(TAKEN_BACK);
  };
}

function hasAll(): boolean {
  for (let look = 1; look <= LOOKS; look++) {
    const request = requestStructure();
    if (request === undefined) return false;
    const { stream } = request;
    if (stream === undefined) return request.content_length !== undefined;
    if (stream.request !== request) return false;
    if (band(stream.flags, STREAM_CLOSED) !== 0) return true;
    ngx.sleep(PAUSE_SECONDS);
  }
  return false;
}
