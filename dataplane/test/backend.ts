/** A small HTTP server that tells which of several it is. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Backend {
  readonly port: number;
  readonly server: Server;
  readonly requests: IncomingMessage[];
  readonly close: () => Promise<void>;
}

/** @param answer undefined: 200 with the name as body */
export async function startBackend(name: string, answer?: RequestListener): Promise<Backend> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    if (answer === undefined) {
      response.setHeader('x-backend', name);
      response.end(name);
    } else {
      answer(request, response);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    server,
    requests,
    close: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}
