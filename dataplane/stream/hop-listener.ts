/**
 * Connections of nginx's to endpoints that it cannot verify itself, or cannot tell the client. By the server name of its ClientHello nginx says which endpoint it means; it gets no answer before that
 * endpoint has shown its certificate, and so sends no request. TLS is ended here and begun again towards the endpoint, with what is in it as it is.
 *
 * Why: docs/adr/0022-names-of-backends-by-a-hop.md, docs/adr/0027-clients-of-connections-to-backends.md
 */
import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import { HOP_SOCKET, type HopEntry } from '../policy/listen-file.ts';
import { peekClientHello } from './client-hello.ts';
import { connected, join } from './endpoint-connection.ts';
import { securedTo } from './endpoint-tls.ts';
import { parseHopName } from './hop-name.ts';
import { hostOf } from './peer-choice.ts';
import { type Ends, proxyHeader } from './proxy-protocol.ts';
import type { Hop } from './state.ts';
import type { ListenerContext } from './tcp-listener.ts';
import { listenInFolder } from './unix-listen.ts';

export interface HopListenerOptions extends ListenerContext, HopEntry {}

const HELLO_MS = 5_000;
/** nginx gives up before, by the settings of the route. */
const CONNECT_MS = 60_000;
/** Workers may know of an endpoint a moment before this process does. */
const UNKNOWN_MS = 1_000;
const POLL_MS = 10;

export class HopListener {
  readonly #options: HopListenerOptions;
  readonly #server: Server;
  readonly #sessions: Set<Socket>;
  #context: SecureContext | undefined;

  /** @param sessions where open connections are noted; they outlive the listener */
  constructor(options: HopListenerOptions, sessions: Set<Socket>) {
    this.#options = options;
    this.#sessions = sessions;
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (nginx) => {
      void this.#serve(nginx);
    });
  }

  /** @throws the error of the system, or what is wrong with the certificate */
  open(): Promise<void> {
    const { directory, certificate, key } = this.#options;
    const read = (name: string) => readFileSync(path.join(directory, name));
    this.#context = createSecureContext({ cert: read(certificate), key: read(key), minVersion: 'TLSv1.2' });
    return listenInFolder(this.#server, directory, HOP_SOCKET);
  }

  /** Takes no more connections; those that are open go on. */
  close(): void {
    this.#server.close();
  }

  async #serve(nginx: Socket): Promise<void> {
    this.#sessions.add(nginx);
    nginx.on('error', () => {}); // 'close' follows
    nginx.once('close', () => this.#sessions.delete(nginx));
    const hello = await peekClientHello(nginx, HELLO_MS);
    const { peer, ends } = parseHopName(hello === 'other' ? '' : hello.serverName);
    const hop = peer === '' ? undefined : await this.#find(peer, nginx);
    const endpoint = hop && (await reach(hop, ends, nginx));
    if (hop === undefined || endpoint === undefined || nginx.destroyed) {
      endpoint?.destroy();
      nginx.destroy();
      return;
    }
    const inner = new TLSSocket(nginx, {
      isServer: true,
      ...(this.#context && { secureContext: this.#context }),
      ...(hop.protocol === undefined ? {} : { ALPNProtocols: [hop.protocol] }),
    });
    inner.on('error', () => {}); // 'close' follows
    join(inner, endpoint, 0);
  }

  async #find(serverName: string, nginx: Socket): Promise<Hop | undefined> {
    const deadline = performance.now() + UNKNOWN_MS;
    let found = this.#options.state.hop(serverName);
    while (found === undefined && performance.now() < deadline && !nginx.destroyed) {
      await sleep(POLL_MS);
      found = this.#options.state.hop(serverName);
    }
    return found;
  }
}

/** @returns undefined when the endpoint does not accept, or has not proved who it is, or cannot be told the client */
async function reach(
  { peer, tls, protocol, tellsClient }: Hop,
  ends: Ends | undefined,
  nginx: Socket,
): Promise<Socket | undefined> {
  if (tellsClient !== undefined && ends === undefined) return undefined;
  const plain = await connected({ host: hostOf(peer), port: peer.port, noDelay: true }, CONNECT_MS);
  if (plain === undefined) return undefined;
  const giveUp = (): void => void plain.destroy();
  if (nginx.destroyed) giveUp();
  nginx.once('close', giveUp);
  if (tellsClient !== undefined && ends !== undefined) plain.write(proxyHeader(tellsClient, ends));
  return tls === undefined ? plain : securedTo(plain, tls, CONNECT_MS, protocol);
}
