import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2';
import { connect, type TLSSocket } from 'node:tls';
import type { Kubeconfig } from '@causeway/protocols/kubernetes/kubeconfig';

const TYPES = { POST: 'application/json', PUT: 'application/json', PATCH: 'application/merge-patch+json' } as const;

/** A server that is silent for longer than this, where it has something to say, has failed. */
export const ANSWER_MS = 60_000;

/**
 * What is sent and read as raw text, so that the load costs little beside the server under test. Servers close connections that nobody
 * uses; the next request opens another one.
 */
export class RawConnection {
  readonly #kubeconfig: Kubeconfig;
  readonly #head: string;
  readonly #asked: { readonly resolve: (status: number) => void; readonly reject: (error: Error) => void }[] = [];
  #socket: TLSSocket | undefined;
  #received = '';

  private constructor(kubeconfig: Kubeconfig, head: string) {
    this.#kubeconfig = kubeconfig;
    this.#head = head;
  }

  static async open(kubeconfig: Kubeconfig): Promise<RawConnection> {
    const { hostname } = new URL(kubeconfig.server);
    const head = `Host: ${hostname}\r\nAuthorization: Bearer ${await kubeconfig.token?.()}\r\n`;
    const connection = new RawConnection(kubeconfig, head);
    connection.#socket = await connection.#connect();
    return connection;
  }

  /** One request at a time. Resolves with the status. */
  async send(method: keyof typeof TYPES, path: string, body: object, type: string = TYPES[method]): Promise<number> {
    const text = JSON.stringify(body);
    const socket = this.#socket ?? (await this.#connect());
    this.#socket = socket;
    return new Promise((resolve, reject) => {
      this.#asked.push({ resolve, reject });
      socket.write(
        `${method} ${path} HTTP/1.1\r\n${this.#head}Content-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
      );
    });
  }

  close(): void {
    this.#socket?.destroy();
  }

  async #connect(): Promise<TLSSocket> {
    const { server, ca } = this.#kubeconfig;
    const { hostname, port } = new URL(server);
    const socket = connect({ host: hostname, port: Number(port), ca, ALPNProtocols: ['http/1.1'] });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('secureConnect', resolve);
    });
    this.#received = '';
    socket.setEncoding('latin1').on('data', (text: string) => this.#read(text));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => {
      this.#socket = undefined;
      this.#fail(new Error('the server closed the connection'));
    });
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error(`no answer within ${ANSWER_MS} ms`)));
    return socket;
  }

  #read(text: string): void {
    this.#received += text;
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const head = this.#received.slice(0, headEnd);
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? Number.NaN);
    const isChunked = /^transfer-encoding: *chunked/im.test(head);
    if (Number.isNaN(length) && !isChunked) this.#fail(new Error(`an answer without length: ${head}`));
    if (isChunked ? !this.#received.endsWith('\r\n0\r\n\r\n') : this.#received.length < headEnd + 4 + length) return;
    this.#received = '';
    this.#asked.shift()?.resolve(Number(head.slice(9, 12)));
  }

  #fail(error: Error): void {
    for (const { reject } of this.#asked.splice(0)) reject(error);
  }
}

/** Sessions of HTTP/2, as kubectl and controllers open them. */
export class Http2Load {
  readonly #sessions: ClientHttp2Session[];
  readonly #authorization: string;

  private constructor(sessions: ClientHttp2Session[], authorization: string) {
    this.#sessions = sessions;
    this.#authorization = authorization;
  }

  static async open(kubeconfig: Kubeconfig, sessions: number): Promise<Http2Load> {
    const opened = Array.from({ length: sessions }, () =>
      connectHttp2(kubeconfig.server, { ca: kubeconfig.ca, settings: { initialWindowSize: 1 << 24 } }),
    );
    for (const session of opened) session.on('error', () => {}); // its streams report it
    return new Http2Load(opened, `Bearer ${await kubeconfig.token?.()}`);
  }

  /** Reads an answer to its end; returns the number of bytes. */
  async read(path: string): Promise<number> {
    const stream = this.#get(path, 0);
    stream.setTimeout(ANSWER_MS, () => stream.destroy(new Error(`${path}: nothing within ${ANSWER_MS} ms`)));
    let bytes = 0;
    for await (const chunk of stream) bytes += (chunk as Buffer).length;
    return bytes;
  }

  /** Opens the `index`-th watch. Resolves when the server has begun it. */
  watch(path: string, index: number, { onEvent, onEnd }: Watcher): Promise<void> {
    const stream = this.#get(path, index);
    let begun = '';
    stream.setEncoding('utf8').on('data', (text: string) => {
      // An event may come in pieces, whatever its length: windows of HTTP/2 end anywhere.
      const lines = (begun + text).split('\n');
      begun = lines.pop() ?? '';
      for (const line of lines) onEvent(line);
    });
    return new Promise((resolve, reject) => {
      const ended = (error: Error): void => {
        reject(error);
        onEnd(error);
      };
      stream.once('response', () => {
        stream.setTimeout(0);
        resolve();
      });
      stream.once('error', ended);
      stream.once('close', () => ended(new Error(`watch ${index} was ended`)));
      stream.setTimeout(ANSWER_MS, () => stream.destroy(new Error(`watch ${index}: nothing within ${ANSWER_MS} ms`)));
    });
  }

  close(): void {
    for (const session of this.#sessions) session.destroy();
  }

  #get(path: string, index: number): ClientHttp2Stream {
    const session = this.#sessions[index % this.#sessions.length];
    if (session === undefined) throw new Error('no session');
    return session.request({ ':path': path, authorization: this.#authorization, accept: 'application/json' });
  }
}

/** Who gets what a watch says. */
export interface Watcher {
  /** @param line one event, as JSON */
  readonly onEvent: (line: string) => void;
  /** Nothing comes any more. */
  readonly onEnd: (error: Error) => void;
}
