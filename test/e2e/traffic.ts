import { createServer, request } from 'node:http';
import { createServer as createTcpServer, type Server } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly reason: string | undefined;
}

/** A GET on 127.0.0.1 over a connection of its own. */
export function get(port: number, path = '/', host = 'localhost'): Promise<Answer> {
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

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const holder = await holdPort(0);
  await holder.close();
  return holder.port;
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
