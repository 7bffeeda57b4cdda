import { once } from 'node:events';
import { type Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { asked } from '../e2e/asked.ts';

export interface Ask {
  readonly host?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
  /** Absent: a connection of its own. */
  readonly agent?: Agent;
  /** TLS; the name sent as SNI, '' for none. Certificates are not verified. */
  readonly serverName?: string;
  /** Address of this machine to connect from. */
  readonly from?: string;
  /** The one to connect to; default 127.0.0.1. */
  readonly to?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Of the certificate that was shown. */
  readonly serial?: string;
}

/** One request to this machine. @throws what the connection throws */
export async function ask(port: number, path = '/', options: Ask = {}): Promise<Answer> {
  asked.times += 1;
  const { host = 'localhost', method = 'GET', headers = {}, body, agent, serverName, from, to = '127.0.0.1' } = options;
  const sent = (serverName === undefined ? request : secureRequest)({
    host: to,
    port,
    path,
    method,
    agent: agent ?? false,
    ...(from !== undefined && { localAddress: from }),
    headers: { host, ...headers } as Record<string, string | string[]>,
    ...(serverName !== undefined && { servername: serverName, rejectUnauthorized: false }),
  });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const serial = serverName === undefined ? undefined : serialOf(response.socket as TLSSocket);
  let text = '';
  response.setEncoding('utf8');
  for await (const part of response) text += String(part);
  const { statusCode = 0, headers: received } = response;
  return { status: statusCode, headers: received, body: text, ...(serial !== undefined && { serial }) };
}

function serialOf(socket: TLSSocket): string {
  return socket.getPeerCertificate().serialNumber;
}
