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
  /** What differs: `status`, `body`, or the name of a header. */
  readonly differences: readonly string[];
  /** Status, or what became of the connection. */
  readonly old: string;
  readonly new: string;
}

/** An address that takes no connections at all. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

const TIMEOUT_MS = 30_000;
const NO_CONNECTION = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT'];

/**
 * @param headers names of those that must be alike
 * @throws Unreachable
 */
export async function compare(
  wanted: RouteRequest,
  sides: { readonly old: Side; readonly new: Side },
  headers: readonly string[],
): Promise<Comparison> {
  const [before, after] = await Promise.all([answerOf(wanted, sides.old), answerOf(wanted, sides.new)]);
  const differences = [
    ...(before.outcome === after.outcome ? [] : ['status']),
    ...headers.filter((name) => before.headers[name] !== after.headers[name]),
    ...(before.hash === after.hash ? [] : ['body']),
  ];
  return { ...wanted, equal: differences.length === 0, differences, old: before.outcome, new: after.outcome };
}

interface Answer {
  readonly outcome: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly hash: string;
}

/** Certificates are not verified: the address is not the name. */
async function answerOf({ scheme, host, path }: RouteRequest, { address, httpPort, httpsPort }: Side): Promise<Answer> {
  const secure = scheme === 'https';
  const port = secure ? httpsPort : httpPort;
  const sent = (secure ? secureRequest : request)({
    host: address,
    port,
    path,
    agent: false,
    headers: { host },
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(secure ? { servername: host, rejectUnauthorized: false } : {}),
  });
  try {
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const hash = createHash('sha256');
    for await (const part of response) hash.update(part as Buffer);
    const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const);
    return { outcome: String(response.statusCode), headers: Object.fromEntries(headers), hash: hash.digest('hex') };
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (NO_CONNECTION.includes(code))
      throw new Unreachable(`cannot reach ${address} port ${port}: ${code}`, { cause: error });
    return { outcome: code === '' ? message : code, headers: {}, hash: '' };
  }
}
