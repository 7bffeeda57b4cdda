import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { WebSocket, WebSocketServer } from 'ws';
import { benchIngress, benchService, createAll } from './objects.ts';

/** Number of the site behind which WebSockets are answered; nothing else uses it. */
const SITE = 999_999;

/** WebSockets through the data plane that say something now and then, as chats do. */
export class OpenWebSockets {
  readonly #sockets: readonly WebSocket[];
  readonly #stopServer: () => void;
  readonly #timer: NodeJS.Timeout;
  #dropped = 0;

  private constructor(sockets: readonly WebSocket[], stopServer: () => void) {
    this.#sockets = sockets;
    this.#stopServer = stopServer;
    for (const socket of sockets) {
      socket.on('close', () => (this.#dropped += 1));
      socket.on('error', () => {}); // 'close' follows
    }
    this.#timer = setInterval(() => {
      for (const socket of sockets) if (socket.readyState === WebSocket.OPEN) socket.send('hello');
    }, 250);
  }

  static async open(api: KubernetesClient, port: number, count: number): Promise<OpenWebSockets> {
    const server = createServer((_request, response) => response.end('a'));
    const echo = new WebSocketServer({ server });
    echo.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await createAll(api, [...benchService('echo', (server.address() as AddressInfo).port), benchIngress(SITE, 'echo')]);
    const sockets: WebSocket[] = [];
    for (let index = 0; index < count; index += 1) sockets.push(await openSocket(port));
    return new OpenWebSockets(sockets, () => server.close());
  }

  /** Returns how many ended, or did not answer a last message. */
  async close(): Promise<number> {
    clearInterval(this.#timer);
    await sleep(500);
    const answers = await Promise.all(this.#sockets.map((socket) => isAlive(socket)));
    const dropped = Math.max(this.#dropped, answers.filter((alive) => !alive).length);
    for (const socket of this.#sockets) socket.terminate();
    this.#stopServer();
    return dropped;
  }
}

/** Tries until the route is served. */
async function openSocket(port: number): Promise<WebSocket> {
  for (;;) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/p${SITE}`, {
      headers: { host: `h${Math.floor(SITE / 100)}.bench.example` },
    });
    const opened = await new Promise<boolean>((resolve) => {
      socket.once('open', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    if (opened) return socket;
    await sleep(50);
  }
}

async function isAlive(socket: WebSocket): Promise<boolean> {
  if (socket.readyState !== WebSocket.OPEN) return false;
  const answered = once(socket, 'message').then(
    () => true,
    () => false,
  );
  socket.send('still there?');
  return Promise.race([answered, sleep(5_000).then(() => false)]);
}
