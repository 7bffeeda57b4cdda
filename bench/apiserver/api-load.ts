import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2';
import { connect, type TLSSocket } from 'node:tls';
import type { Kubeconfig } from '@causeway/protocols/kubernetes/kubeconfig';

const TYPES = { POST: 'application/json', PATCH: 'application/merge-patch+json' } as const;

/** What is sent and read as raw text, so that the load costs little beside the server under test. */
export class RawConnection {
  readonly #socket: TLSSocket;
  readonly #head: string;
  readonly #asked: { readonly resolve: (status: number) => void; readonly reject: (error: Error) => void }[] = [];
  #received = '';

  private constructor(socket: TLSSocket, head: string) {
    this.#socket = socket;
    this.#head = head;
    socket.setEncoding('latin1').on('data', (text: string) => this.#read(text));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  static async open(kubeconfig: Kubeconfig): Promise<RawConnection> {
    const { hostname, port } = new URL(kubeconfig.server);
    const head = `Host: ${hostname}\r\nAuthorization: Bearer ${await kubeconfig.token?.()}\r\n`;
    const socket = connect({ host: hostname, port: Number(port), ca: kubeconfig.ca, ALPNProtocols: ['http/1.1'] });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('secureConnect', resolve);
    });
    return new RawConnection(socket, head);
  }

  /** One request at a time. Resolves with the status. */
  send(method: 'POST' | 'PATCH', path: string, body: object, type: string = TYPES[method]): Promise<number> {
    const text = JSON.stringify(body);
    return new Promise((resolve, reject) => {
      this.#asked.push({ resolve, reject });
      this.#socket.write(
        `${method} ${path} HTTP/1.1\r\n${this.#head}Content-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
      );
    });
  }

  close(): void {
    this.#socket.removeAllListeners('close');
    this.#socket.destroy();
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
    let bytes = 0;
    for await (const chunk of stream) bytes += (chunk as Buffer).length;
    return bytes;
  }

  /** Opens the `index`-th watch; `onText` gets what it says. Resolves when the server has begun it. */
  watch(path: string, index: number, onText: (text: string) => void): Promise<void> {
    const stream = this.#get(path, index);
    stream.setEncoding('utf8').on('data', onText);
    return new Promise((resolve, reject) => {
      stream.once('response', () => resolve());
      stream.once('error', reject);
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
