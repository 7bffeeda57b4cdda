/**
 * Tells the agent of requests whose log lines have fields of the user's choice: it puts the lines together and writes them. Workers collect
 * nothing but the values that are wanted; while the agent is slow or away some wait here, and further ones are dropped.
 */
import type { AccessLogStep, LogRecord } from '../policy/access-log.ts';
import type { Exchange } from './exchange.ts';
import { nginxVariable, readCount, readText } from './nginx-variable.ts';
import { beginRequest, currentRequest } from './request.ts';
import type { LogWork } from './work.ts';

/** Lines that wait for the agent at most. */
const WAITING = 16_384;
const REQUEST = 'request:';
const RESPONSE = 'response:';

type Reader = (this: void, exchange: Exchange) => string | number | undefined;

const variable = (name: string): Reader => {
  const known = nginxVariable(name);
  return () => readText(known);
};
const counted = (name: string): Reader => {
  const known = nginxVariable(name);
  return () => readCount(known);
};

const READERS: Readonly<Record<string, Reader>> = {
  attempts: ({ attempts }) => Math.abs(attempts),
  bytesReceived: counted('request_length'),
  bytesSent: counted('body_bytes_sent'),
  clientAddress: () => currentRequest.sourceAddress(),
  connection: variable('connection'),
  durationMs: () => Math.floor((ngx.now() - ngx.req.start_time()) * 1000 + 0.5),
  host: variable('http_host'),
  localAddress: variable('server_addr'),
  localPort: counted('server_port'),
  method: () => ngx.req.get_method(),
  path: () => currentRequest.path(),
  peerAddress: variable('remote_addr'),
  peerPort: counted('remote_port'),
  protocol: variable('server_protocol'),
  reason: variable('causeway_reason'),
  requestId: variable('request_id'),
  scheme: variable('scheme'),
  serverName: variable('ssl_server_name'),
  status: () => ngx.status,
  target: variable('request_uri'),
  time: () => Math.floor(ngx.req.start_time() * 1000 + 0.5),
  tlsCipher: variable('ssl_cipher'),
  tlsVersion: variable('ssl_protocol'),
  upstream: ({ attempts, group, peer }) => {
    const found = attempts === 0 ? undefined : group?.ring.peers[peer];
    return found === undefined ? undefined : `${found.address}:${found.port}`;
  },
};

let ended: LogRecord[] = [];
/** Index in {@link ended} of the first that waits. */
let taken = 0;
let dropped = 0;

export function accessLogWork({ values }: AccessLogStep): LogWork {
  const names: string[] = [];
  const readers: Reader[] = [];
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
      const value = readers[i]?.(exchange);
      const name = names[i];
      if (value !== undefined && name !== undefined) told[name] = value;
    }
    ended.push({ port: counter.port, route: counter.route, values: told });
  };
}

function readerOf(value: string): Reader | undefined {
  if (string.sub(value, 1, REQUEST.length) === REQUEST) {
    const name = string.sub(value, REQUEST.length + 1);
    return () => currentRequest.header(name);
  }
  if (string.sub(value, 1, RESPONSE.length) === RESPONSE) {
    const name = string.sub(value, RESPONSE.length + 1);
    return () => joined(ngx.resp.get_headers(0)[name]);
  }
  return READERS[value];
}

function joined(value: string | readonly string[] | boolean | undefined): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  return typeof value === 'object' ? table.concat(value as string[], ', ') : '';
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
