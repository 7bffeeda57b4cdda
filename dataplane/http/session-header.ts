/** Sessions that a header carries: what the answer tells, which is known before there is an answer. */
import type { Exchange } from './exchange.ts';

const values = setmetatable(new LuaTable<Exchange, string>(), { __mode: 'k' });

/** The answer to the request shall tell this session, or none; the last one counts. */
export function tellSession(exchange: Exchange, value: string | undefined): void {
  if (value === undefined) values.delete(exchange);
  else values.set(exchange, value);
}

/** Sets the header where there is something to tell. */
export function setSessionHeader(exchange: Exchange, name: string): void {
  const value = values.get(exchange);
  if (value === undefined) return;
  values.delete(exchange);
  ngx.header[name] = value;
}
