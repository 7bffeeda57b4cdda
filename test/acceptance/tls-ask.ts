/** Requests of clients that show certificates, on connections whose names and sessions the test chooses. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type ClientHttp2Session, connect as connectHttp2, constants } from 'node:http2';
import { Agent, request } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import type { TestCertificate } from '@causeway/dataplane/test/certificates';
import { asked } from '../e2e/asked.ts';
import type { Answer } from './http-request.ts';

export interface TlsAsk {
  /** Header Host. */
  readonly host: string;
  /** SNI, `''` for none; default the host. */
  readonly serverName?: string;
  readonly certificate?: TestCertificate | undefined;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly version?: 'TLSv1.2' | 'TLSv1.3';
  /** Of a former connection. */
  readonly session?: Buffer;
  /** Keeps its connection for further requests. */
  readonly agent?: Agent;
}

/** A client that keeps its connection. */
export function keepingAgent(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1 });
}

/** One request to 127.0.0.1. @throws what the connection throws */
export async function askByTls(port: number, options: TlsAsk): Promise<Answer> {
  asked.times += 1;
  const { host, path = '/', headers = {}, agent } = options;
  const sent = request({
    ...tlsOptions(port, options),
    path,
    agent: agent ?? false,
    headers: { host, ...headers },
  });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let body = '';
  response.setEncoding('utf8');
  for await (const part of response) body += String(part);
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

/** What a connection leaves behind for others to resume, if anything, and whether it was resumed itself. */
export async function tlsSession(
  port: number,
  options: TlsAsk,
): Promise<{ readonly session: Buffer | undefined; readonly isResumed: boolean; readonly cipher: string }> {
  asked.times += 1;
  const socket = connect(tlsOptions(port, options));
  let session: Buffer | undefined;
  socket.on('session', (made: Buffer) => {
    session = made;
  });
  await once(socket, 'secureConnect');
  // Sessions of TLS 1.3 come behind the handshake, before the answer.
  socket.write(`GET ${options.path ?? '/'} HTTP/1.1\r\nHost: ${options.host}\r\nConnection: close\r\n\r\n`);
  socket.resume();
  const isResumed = (socket as TLSSocket).isSessionReused();
  const cipher = socket.getCipher().name;
  await once(socket, 'end');
  socket.destroy();
  return { session, isResumed, cipher };
}

export function openHttp2(port: number, options: TlsAsk): ClientHttp2Session {
  return connectHttp2(`https://127.0.0.1:${port}`, { ...tlsOptions(port, options), ALPNProtocols: ['h2'] });
}

/** Status of a GET to a host on a connection that is there. */
export async function http2StatusOf(session: ClientHttp2Session, host: string): Promise<number> {
  asked.times += 1;
  const stream = session.request({
    [constants.HTTP2_HEADER_PATH]: '/',
    [constants.HTTP2_HEADER_AUTHORITY]: host,
  });
  const [headers] = (await once(stream, 'response')) as [Readonly<Record<string, unknown>>];
  stream.resume();
  return Number(headers[constants.HTTP2_HEADER_STATUS]);
}

function tlsOptions(port: number, { host, serverName = host, certificate, version, session }: TlsAsk) {
  return {
    host: '127.0.0.1',
    port,
    servername: serverName,
    rejectUnauthorized: false,
    ...(certificate !== undefined && { cert: certificate.chainPem, key: certificate.keyPem }),
    ...(version !== undefined && { minVersion: version, maxVersion: version }),
    ...(session !== undefined && { session }),
  };
}
