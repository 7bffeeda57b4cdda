/**
 * Tells the agent of requests whose log lines have fields of the user's choice: it puts the lines together and writes them. Workers collect
 * nothing but the values that are wanted; while the agent is slow or away some wait here, and further ones are dropped.
 */
import type { AccessLogStep, LogRecord } from '../policy/access-log.ts';
import { beginRequest, currentRequest } from './request.ts';
import { readerOf, type ValueReader } from './request-value.ts';
import type { LogWork } from './work.ts';

/** Lines that wait for the agent at most. */
const WAITING = 16_384;
let ended: LogRecord[] = [];
/** Index in {@link ended} of the first that waits. */
let taken = 0;
let dropped = 0;

export function accessLogWork({ values }: AccessLogStep): LogWork {
  const names: string[] = [];
  const readers: ValueReader[] = [];
  for (const value of values) {
    const reader = readerOf(value);
    if (reader === undefined) continue;
    names.push(value);
    readers.push(reader);
  }
  return (exchange) => {
    const { counter } = exchange;
    if (counter === undefined) return;
    if (ended.length - taken >= WAITING) {
      dropped++;
      return;
    }
    beginRequest();
    const told: Record<string, string | number> = {};
    for (let i = 0; i < readers.length; i++) {
      const value = readers[i]?.(currentRequest, exchange);
      const name = names[i];
      if (value !== undefined && name !== undefined) told[name] = value;
    }
    ended.push({ port: counter.port, route: counter.route, values: told });
  };
}

/** Number of lines that wait, or 1 if there are only dropped ones to be told of. */
export function pendingLines(): number {
  const waiting = ended.length - taken;
  return waiting === 0 && dropped > 0 ? 1 : waiting;
}

/** Up to `limit` of those that wait longest, and how many were dropped since this was asked last. */
export function takeLines(limit: number): { readonly records: readonly LogRecord[]; readonly dropped: number } {
  const records: LogRecord[] = [];
  while (records.length < limit) {
    const record = ended[taken];
    if (record === undefined) break;
    records.push(record);
    taken++;
  }
  if (taken === ended.length) {
    ended = [];
    taken = 0;
  }
  const lost = dropped;
  dropped = 0;
  return { records, dropped: lost };
}
