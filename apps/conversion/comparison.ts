/** Whether two addresses answer a request alike. Source: spec MG-19. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { RouteRequest } from '@causeway/translate/convert/ocp-route/requests';

export interface Side {
  /** Name or address. */
  readonly address: string;
  readonly httpPort: number;
  readonly httpsPort: number;
}

export interface Comparison extends RouteRequest {
  readonly equal: boolean;
  /** What differs: `status`, `body`, or the name of a header; `no answer` where neither side gave one. */
  readonly differences: readonly string[];
  /** Status, or what became of the connection. */
  readonly old: string;
  readonly new: string;
}

/** An address that takes no connections at all, or not in time. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

const NO_CONNECTION = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT'];

export interface CompareOptions {
  /** Names of those that must be alike. */
  readonly headers: readonly string[];
  /** Until an answer is complete. */
  readonly timeoutMs: number;
}

/** Where neither side answers nothing is known of either, and so they are not alike. @throws Unreachable */
export async function compare(
  wanted: RouteRequest,
  sides: { readonly old: Side; readonly new: Side },
  { headers, timeoutMs }: CompareOptions,
): Promise<Comparison> {
  const [before, after] = await Promise.all([
    answerOf(wanted, sides.old, timeoutMs),
    answerOf(wanted, sides.new, timeoutMs),
  ]);
  const differences = [
    ...(before.outcome === after.outcome ? [] : ['status']),
    ...(before.hash === '' && after.hash === '' ? ['no answer'] : []),
    ...headers.filter((name) => before.headers[name] !== after.headers[name]),
    ...(before.hash === after.hash ? [] : ['body']),
  ];
  return { ...wanted, equal: differences.length === 0, differences, old: before.outcome, new: after.outcome };
}

interface Answer {
  readonly outcome: string;
  readonly headers: Readonly<Record<string, string>>;
  /** `''`: there was none. */
  readonly hash: string;
}

/** Certificates are not verified: the address is not the name. */
async function answerOf(
  { scheme, host, path }: RouteRequest,
  { address, httpPort, httpsPort }: Side,
  timeoutMs: number,
): Promise<Answer> {
  const secure = scheme === 'https';
  const port = secure ? httpsPort : httpPort;
  const signal = AbortSignal.timeout(timeoutMs);
  const sent = (secure ? secureRequest : request)({
    host: address,
    port,
    path,
    agent: false,
    headers: { host },
    signal,
    ...(secure ? { servername: host, rejectUnauthorized: false } : {}),
  });
  let isConnected = false;
  sent.once('socket', (socket) => socket.once('connect', () => (isConnected = true)));
  try {
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const hash = createHash('sha256');
    for await (const part of response) hash.update(part as Buffer);
    const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const);
    return { outcome: String(response.statusCode), headers: Object.fromEntries(headers), hash: hash.digest('hex') };
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    const text = signal.aborted ? `nothing within ${timeoutMs / 1000} s` : code === '' ? message : code;
    if (NO_CONNECTION.includes(code) || (signal.aborted && !isConnected))
      throw new Unreachable(`cannot reach ${address} port ${port}: ${text}`, { cause: error });
    return { outcome: text, headers: {}, hash: '' };
  }
}
