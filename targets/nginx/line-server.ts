/** A unix socket for the workers of an instance: only their user may connect, and what they say are lines. */
import { chmodSync, lchownSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { FileOwner } from './state-file.ts';

export interface LineServerOptions {
  readonly socketPath: string;
  readonly owner: FileOwner | undefined;
  /** A connection with a longer line is ended. */
  readonly maxLineChars: number;
  /** @returns what hears the lines of this connection */
  readonly onConnection: (socket: Socket) => (line: string) => void;
}

export class LineServer {
  readonly #options: LineServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(options: LineServerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  async listen(): Promise<void> {
    const { socketPath, owner } = this.#options;
    rmSync(socketPath, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(socketPath, resolve);
    });
    chmodSync(socketPath, 0o600);
    if (owner !== undefined) lchownSync(socketPath, owner.uid, owner.gid);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#options.socketPath, { force: true });
  }

  #accept(socket: Socket): void {
    const { maxLineChars, onConnection } = this.#options;
    this.#sockets.add(socket);
    socket.on('error', () => {}); // 'close' follows
    socket.on('close', () => this.#sockets.delete(socket));
    const hear = onConnection(socket);
    let rest = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (!socket.destroyed) hear(line);
      if (rest.length > maxLineChars) socket.destroy();
    });
  }
}
