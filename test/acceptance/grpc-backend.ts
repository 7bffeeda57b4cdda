import { once } from 'node:events';
import { connect, createServer, type IncomingHttpHeaders, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { asked } from '../e2e/asked.ts';
import type { EchoBackend } from './echo-backend.ts';

/** Speaks gRPC over cleartext HTTP/2; sends every message back, in frames as they come, and then status 0. */
export async function startGrpcBackend(name: string): Promise<EchoBackend> {
  let requests = 0;
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream) => {
    requests += 1;
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc', 'x-backend': name },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.on('error', () => {}); // the client is gone
    stream.pipe(stream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    name,
    port: (server.address() as AddressInfo).port,
    requests: () => requests,
    slowDown: () => {
      throw new Error('a gRPC backend has one speed');
    },
    close: async () => {
      for (const session of sessions) session.destroy();
      await once(server.close(), 'close');
    },
  };
}

export interface GrpcAnswer {
  readonly headers: IncomingHttpHeaders;
  /** From the trailers, or the headers of an answer without messages. */
  readonly status: string | undefined;
  readonly messages: readonly string[];
}

/**
 * One call with these messages, each sent when the one before has come back.
 *
 * @param url scheme, address and port
 */
export async function callGrpc(
  url: string,
  path: string,
  messages: readonly string[],
  headers: Readonly<Record<string, string>> = {},
): Promise<GrpcAnswer> {
  asked.times += 1;
  const session = connect(url, { rejectUnauthorized: false });
  const failed = once(session, 'error').then(([error]) => {
    throw error;
  });
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  const received: string[] = [];
  let trailers: IncomingHttpHeaders = {};
  const unsent = [...messages];
  const sendNext = (): void => {
    const next = unsent.shift();
    if (next === undefined) stream.end();
    else stream.write(framed(next));
  };
  let rest: Buffer = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
      const end = 5 + rest.readUInt32BE(1);
      received.push(rest.toString('utf8', 5, end));
      rest = rest.subarray(end);
      sendNext();
    }
  });
  stream.on('trailers', (got: IncomingHttpHeaders) => {
    trailers = got;
  });
  const ended = once(stream, 'close');
  const [head] = (await Promise.race([
    (async () => {
      const response = once(stream, 'response');
      sendNext();
      return response;
    })(),
    failed,
  ])) as [IncomingHttpHeaders];
  if (head['grpc-status'] !== undefined) stream.close();
  await ended;
  session.close();
  const status = trailers['grpc-status'] ?? head['grpc-status'];
  return { headers: head, status: status?.toString(), messages: received };
}

/** Length-prefixed message, not compressed. Source: gRPC over HTTP2. */
function framed(text: string): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}
