/** A backend whose connections must begin with a PROXY header, of either version. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { BACKEND_ADDRESS } from './given-home.ts';

export interface ToldBackend {
  readonly port: number;
  close(): void;
}

const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n';
const V2_FIXED_BYTES = 16;

/** Answers each request 200 with `v1 192.0.2.1 4000`: what the header of its connection said of the client; without one the connection is closed. */
export async function startToldBackend(): Promise<ToldBackend> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}); // 'close' follows
    let unread = '';
    let client: string | undefined;
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      unread += chunk;
      if (client === undefined) {
        const header = headerOf(unread);
        if (header === undefined) return;
        if (header === 'none') {
          socket.destroy();
          return;
        }
        client = header.client;
        unread = unread.slice(header.length);
      }
      for (let end = unread.indexOf('\r\n\r\n'); end >= 0; end = unread.indexOf('\r\n\r\n')) {
        unread = unread.slice(end + 4);
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${client.length}\r\n\r\n${client}`);
      }
    });
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

/** @returns undefined while it is not whole */
function headerOf(text: string): { readonly client: string; readonly length: number } | 'none' | undefined {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length < V2_FIXED_BYTES) return undefined;
  if (text.startsWith(SIGNATURE)) {
    const length = V2_FIXED_BYTES + bytes.readUInt16BE(14);
    if (bytes.length < length) return undefined;
    return { client: `v2 ${[...bytes.subarray(16, 20)].join('.')} ${bytes.readUInt16BE(24)}`, length };
  }
  const end = text.indexOf('\r\n');
  if (!text.startsWith('PROXY TCP4 ')) return 'none';
  const [, , client, , port] = text.slice(0, end).split(' ');
  return end < 0 ? undefined : { client: `v1 ${client} ${port}`, length: end + 2 };
}
