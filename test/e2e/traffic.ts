import { createServer, request } from 'node:http';
import { createServer as createTcpServer, type Server } from 'node:net';
import { asked } from './asked.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly reason: string | undefined;
}

/** A GET on 127.0.0.1 over a connection of its own. */
export function get(port: number, path = '/', host = 'localhost'): Promise<Answer> {
  asked.times += 1;
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, headers: { host }, agent: false };
    const call = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          body: Buffer.concat(chunks).toString(),
          reason: response.headers['x-alb-err-reason']?.toString(),
        }),
      );
    });
    call.on('error', reject);
    call.end();
  });
}

export interface Backend {
  readonly port: number;
  close(): Promise<void>;
}

/** Answers every request with `name`. */
export async function startBackend(name: string): Promise<Backend> {
  const server = createServer((_request, response) => response.end(name));
  const port = await listen(server, 0);
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Ports below those that the kernel gives to connections, which a busy test opens by the thousand; files that run side by side
 * have a range each.
 */
const FIRST_PORT = 12_000;
const PORTS_EACH = 9_000;

let nextPort = Math.floor(Math.random() * PORTS_EACH);

/** A port of 127.0.0.1 that was free a moment ago, and that no other test takes. */
export async function freePort(): Promise<number> {
  const first = FIRST_PORT + (Number(process.env['VITEST_POOL_ID'] ?? 0) % 2) * PORTS_EACH;
  for (let tries = 0; tries < PORTS_EACH; tries += 1) {
    nextPort = (nextPort + 1) % PORTS_EACH;
    try {
      const holder = await holdPort(first + nextPort);
      await holder.close();
      return holder.port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
  throw new Error(`no free port from ${first} on`);
}

/** Takes a port on 127.0.0.1, as a process of somebody else does. */
export async function holdPort(port: number): Promise<Backend> {
  const server = createTcpServer();
  const taken = await listen(server, port);
  return { port: taken, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}
