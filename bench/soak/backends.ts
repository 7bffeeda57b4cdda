import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';

export interface SoakBackends {
  /** Of the HTTP backends: number `n` answers `n <host that was asked for>`. */
  readonly http: readonly number[];
  /** Of the TCP backends: number `n` says `n` and a newline, then echoes. */
  readonly tcp: readonly number[];
  stop(): Promise<void>;
}

/** Backends that never fail by themselves: whatever fails in a run is not theirs. */
export async function startSoakBackends(httpCount: number, tcpCount: number): Promise<SoakBackends> {
  const http = Array.from({ length: httpCount }, (_, index) => httpBackend(index));
  const open = new Set<Socket>();
  const tcp = Array.from({ length: tcpCount }, (_, index) => tcpBackend(index, open));
  const ports = async (servers: readonly TcpServer[]): Promise<number[]> => {
    for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening');
    return servers.map((server) => (server.address() as AddressInfo).port);
  };
  return {
    http: await ports(http),
    tcp: await ports(tcp),
    stop: async () => {
      for (const server of http) server.closeAllConnections();
      for (const socket of open) socket.destroy();
      for (const server of [...http, ...tcp]) await once(server.close(), 'close');
    },
  };
}

function httpBackend(index: number): Server {
  const server = createServer((request, response) => {
    const body = `${index} ${request.headers.host}`;
    response.writeHead(200, { 'content-length': body.length }).end(body);
  });
  // A backend that closes idle connections may close one that a request is on its way to.
  server.keepAliveTimeout = 0;
  return server;
}

function tcpBackend(index: number, open: Set<Socket>): TcpServer {
  return createTcpServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => {}); // 'close' follows
    socket.write(`${index}\n`);
    socket.pipe(socket);
  });
}
