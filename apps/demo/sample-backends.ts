import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Backend } from './quick-start.ts';

export interface SampleBackends {
  readonly backends: readonly Backend[];
  stop(): Promise<void>;
}

/**
 * HTTP servers in this process that answer with their own name: `hello from
 * 127.0.0.2:40213`. An EndpointSlice has one port for all its addresses, so they
 * share the port, each on a loopback address of its own.
 *
 * @param count 1 to 250
 */
export async function startSampleBackends(count: number): Promise<SampleBackends> {
  for (;;) {
    const first = await listen('127.0.0.1', 0);
    const { port } = first.address() as AddressInfo;
    const servers = [first];
    try {
      for (let index = 1; index < count; index++) servers.push(await listen(`127.0.0.${index + 1}`, port));
      return {
        backends: servers.map((_, index) => ({ address: `127.0.0.${index + 1}`, port })),
        stop: () => closeAll(servers),
      };
    } catch (error) {
      await closeAll(servers);
      // The free port of the first address is taken on another: try the next free one.
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}

async function listen(address: string, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    const { port: own } = server.address() as AddressInfo;
    response.setHeader('content-type', 'text/plain');
    response.end(`hello from ${address}:${own}, you asked for ${request.url ?? ''}\n`);
  });
  server.listen({ host: address, port });
  await once(server, 'listening');
  return server;
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(
    servers.map(async (server) => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }),
  );
}
