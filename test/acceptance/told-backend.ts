/** Backends whose connections must begin with a PROXY header, of either version, whatever is spoken behind it. */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server, createSecureServer, type Http2Server } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import type { TestCertificate } from '@causeway/dataplane/test/certificates';
import { BACKEND_ADDRESS } from './given-home.ts';

export interface ToldBackend {
  readonly port: number;
  close(): void;
}

interface Spoken {
  /** HTTP/2, and gRPC. */
  readonly http2?: boolean;
  /** TLS with this certificate. */
  readonly certificate?: TestCertificate;
}

interface Request {
  readonly socket: Pick<Socket, 'remotePort'>;
}

interface Answer {
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
}

const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n';
const V2_FIXED_BYTES = 16;
const V1_MAX_BYTES = 107;

/**
 * Answers each request 200 with `v1 192.0.2.1 4000`: what the header of its connection said of the client; without one the connection is closed. Calls of gRPC
 * have that as their message.
 */
export async function startToldBackend(spoken: Spoken = {}): Promise<ToldBackend> {
  const sockets = new Set<Socket>();
  /** By the port of who connected. */
  const told = new Map<number, string>();
  const inner = serverOf(spoken, told);
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}); // 'close' follows
    let unread = Buffer.alloc(0);
    const read = (chunk: Buffer): void => {
      unread = Buffer.concat([unread, chunk]);
      const header = headerOf(unread);
      if (header === undefined) return;
      socket.off('data', read).pause();
      if (header === 'none') {
        socket.destroy();
        return;
      }
      told.set(socket.remotePort ?? 0, header.client);
      if (header.length < unread.length) socket.unshift(unread.subarray(header.length));
      inner.emit('connection', socket);
      // TLS reads for itself.
      if (spoken.certificate === undefined) socket.resume();
    };
    socket.on('data', read);
  });
  await once(server.listen(0, BACKEND_ADDRESS), 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function serverOf({ http2 = false, certificate }: Spoken, told: ReadonlyMap<number, string>): Server | Http2Server {
  const clientOf = ({ socket }: Request): string => told.get(socket.remotePort ?? 0) ?? 'nobody';
  const answer = (request: Request, response: Answer): void => void response.end(clientOf(request));
  const secured = certificate && { cert: certificate.chainPem, key: certificate.keyPem };
  if (!http2) return secured === undefined ? createHttpServer(answer) : createHttpsServer(secured, answer);
  const server = secured === undefined ? createHttp2Server() : createSecureServer(secured);
  server.on('request', (request, response) => {
    if (request.headers['content-type'] !== 'application/grpc') {
      answer(request, response);
      return;
    }
    const message = Buffer.from(clientOf(request));
    const frame = Buffer.alloc(5);
    frame.writeUInt32BE(message.length, 1);
    request.resume();
    response.setHeader('content-type', 'application/grpc');
    response.addTrailers({ 'grpc-status': '0' });
    response.end(Buffer.concat([frame, message]));
  });
  return server;
}

/** @returns undefined while it is not whole */
function headerOf(bytes: Buffer): { readonly client: string; readonly length: number } | 'none' | undefined {
  if (bytes.length < V2_FIXED_BYTES) return undefined;
  const text = bytes.toString('latin1', 0, V1_MAX_BYTES);
  if (text.startsWith(SIGNATURE)) {
    const length = V2_FIXED_BYTES + bytes.readUInt16BE(14);
    if (bytes.length < length) return undefined;
    const isFour = bytes[13] === 0x11;
    const [end, port] = isFour ? [20, 24] : [32, 48];
    const address = bytes.subarray(V2_FIXED_BYTES, end);
    const client = isFour ? [...address].join('.') : (address.toString('hex').match(/.{4}/g) ?? []).join(':');
    return { client: `v2 ${client} ${bytes.readUInt16BE(port)}`, length };
  }
  const end = text.indexOf('\r\n');
  if (!/^PROXY TCP[46] /.test(text)) return 'none';
  const [, , client, , port] = text.slice(0, end).split(' ');
  return end < 0 ? undefined : { client: `v1 ${client} ${port}`, length: end + 2 };
}
