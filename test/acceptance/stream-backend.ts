import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { EndpointSlice, Service } from '@causeway/resources/kinds';
import { expect } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { serviceTo, slice } from './objects.ts';

export interface StreamBackend {
  readonly name: string;
  readonly port: number;
  /** Connections that were accepted, or packets that came. */
  readonly count: () => number;
  close(): Promise<void>;
}

/** Says its name and a newline to every connection, then echoes. */
export async function startTcpBackend(name: string, host = '127.0.0.1'): Promise<StreamBackend> {
  let count = 0;
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    count += 1;
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => {});
    socket.write(`${name}\n`);
    socket.pipe(socket);
  });
  server.listen(0, host);
  await once(server, 'listening');
  return {
    name,
    port: (server.address() as AddressInfo).port,
    count: () => count,
    close: async () => {
      for (const socket of open) socket.destroy();
      if (server.listening) await once(server.close(), 'close');
    },
  };
}

/** Answers every packet with its name, a colon and the packet. */
export async function startUdpBackend(name: string): Promise<StreamBackend> {
  let count = 0;
  const socket = createSocket('udp4');
  socket.on('message', (message, { address, port }) => {
    count += 1;
    socket.send(`${name}:${message.toString()}`, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    name,
    port: socket.address().port,
    count: () => count,
    close: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}

/** A TCP client that collects what it hears. */
export class TcpClient {
  readonly socket: Socket;
  heard = '';
  /** `open`, `ended` by the other side, or `reset`. */
  state: 'open' | 'ended' | 'reset' = 'open';

  constructor(port: number, options: { readonly host?: string; readonly from?: string } = {}) {
    const { host = '127.0.0.1', from } = options;
    this.socket = connect({ host, port, ...(from !== undefined && { localAddress: from }) });
    this.socket.setEncoding('utf8').on('data', (text: string) => {
      this.heard += text;
    });
    this.socket.on('end', () => {
      this.state = 'ended';
    });
    this.socket.on('error', () => {
      this.state = 'reset';
    });
  }

  /** Name of the backend, once it was heard. */
  get backend(): string | undefined {
    return /^([^\n]*)\n/.exec(this.heard)?.[1];
  }
}

/** A connection that has heard a backend's name; tries until there is one. */
export function heardFrom(
  port: number,
  options: { readonly host?: string; readonly from?: string } = {},
): Promise<TcpClient> {
  return eventually(async () => {
    const client = new TcpClient(port, options);
    try {
      await eventually(() => expect(client.backend ?? client.state).not.toBe('open'), 5_000);
      expect(client.backend).toBeDefined();
    } catch (error) {
      client.socket.destroy();
      throw error;
    }
    return client;
  });
}

/** A Service of `default`, port 80, that has these ports of 127.0.0.1 behind it; at most two. */
export function streamService(
  name: string,
  protocol: 'TCP' | 'UDP',
  ports: readonly number[],
): readonly (Service | EndpointSlice)[] {
  const [service] = serviceTo({ name, port: 80 });
  const slices = [0, 1].map((index) => {
    const port = ports[index];
    const endpoints = port === undefined ? [] : [{ addresses: ['127.0.0.1'], conditions: { ready: true } }];
    const object = slice(name, port ?? 1, endpoints, `${name}-${index}`);
    return { ...object, ports: [{ name: 'http', port: port ?? 1, protocol }] };
  });
  return [{ ...service, spec: { ports: [{ name: 'http', port: 80, protocol }] } }, ...slices];
}

/** Sends a packet and returns the answer, or `silence` after `waitMs`. */
export async function askUdp(
  port: number,
  text: string,
  options: { from?: number; waitMs?: number; to?: string } = {},
): Promise<string> {
  const socket = createSocket('udp4');
  const { from = 0, to = '127.0.0.1' } = options;
  // What listens on an address of its own answers from there to where it was asked from.
  socket.bind(from, to === '127.0.0.1' ? to : undefined);
  await once(socket, 'listening');
  try {
    socket.send(text, port, to);
    return await Promise.race([
      once(socket, 'message').then(([message]) => String(message)),
      new Promise<string>((resolve) => setTimeout(() => resolve('silence'), options.waitMs ?? 500)),
    ]);
  } finally {
    socket.close();
  }
}
