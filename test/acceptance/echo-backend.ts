import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { BACKEND_ADDRESS } from './given-home.ts';

/** What a backend saw, as it tells in the body. */
export interface Echo {
  readonly backend: string;
  readonly method: string;
  readonly url: string;
  readonly httpVersion: string;
  readonly headers: IncomingHttpHeaders;
}

export interface EchoBackend {
  readonly name: string;
  readonly port: number;
  readonly requests: () => number;
  /** From now on every answer takes this much longer. */
  slowDown(ms: number): void;
  close(): Promise<void>;
}

/**
 * Answers 200 with an {@link Echo}; with `?status=404&body=text` that instead. `?sleep=500` waits so many
 * milliseconds first. Each `?header=name: value` is a header of the answer. WebSockets echo.
 */
export async function startEchoBackend(name: string): Promise<EchoBackend> {
  let requests = 0;
  let delayMs = 0;
  const server = createServer((request, response) => {
    requests++;
    request.resume();
    void answer({ name, delayMs }, request, response);
  });
  // It never ends an idle connection, so that no request meets one that is just being closed.
  server.keepAliveTimeout = 0;
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`${name}: ${String(data)}`)));
  server.listen(0, BACKEND_ADDRESS);
  await once(server, 'listening');
  return {
    name,
    port: (server.address() as AddressInfo).port,
    requests: () => requests,
    slowDown: (ms) => {
      delayMs = ms;
    },
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      server.closeAllConnections();
      if (server.listening) await once(server.close(), 'close');
    },
  };
}

async function answer(
  { name: backend, delayMs }: { readonly name: string; readonly delayMs: number },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = '', url = '', httpVersion, headers } = request;
  const query = new URL(url, 'http://backend').searchParams;
  const sleepMs = delayMs + Number(query.get('sleep') ?? 0);
  if (sleepMs > 0) await new Promise((resolve) => setTimeout(resolve, sleepMs).unref());
  const status = Number(query.get('status') ?? 200);
  const echo: Echo = { backend, method, url, httpVersion, headers };
  for (const header of query.getAll('header')) {
    const colon = header.indexOf(':');
    response.appendHeader(header.slice(0, colon), header.slice(colon + 1).trim());
  }
  response.writeHead(status, { 'x-backend': backend });
  response.end(query.has('status') ? (query.get('body') ?? '') : JSON.stringify(echo));
}
