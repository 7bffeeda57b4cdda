import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
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
  #answer: Answer | undefined;

  private constructor(kubeconfig: Kubeconfig, head: string) {
    this.#kubeconfig = kubeconfig;
    this.#head = head;
  }

  /** @param user as whom, by impersonation; absent: whom the kubeconfig names */
  static async open(kubeconfig: Kubeconfig, user?: string): Promise<RawConnection> {
    const { hostname } = new URL(kubeconfig.server);
    const as = user === undefined ? '' : `Impersonate-User: ${user}\r\n`;
    const head = `Host: ${hostname}\r\nAuthorization: Bearer ${await kubeconfig.token?.()}\r\n${as}`;
    const connection = new RawConnection(kubeconfig, head);
    connection.#socket = await connection.#connect();
    return connection;
  }

  /** One request at a time. Resolves with the status. */
  send(method: keyof typeof TYPES, path: string, body: object, type: string = TYPES[method]): Promise<number> {
    const text = JSON.stringify(body);
    return this.#ask(
      `${method} ${path}`,
      `Content-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n`,
      text,
    );
  }

  /** Reads the answer to its end, and keeps nothing of it. */
  drain(path: string): Promise<number> {
    return this.#ask(`GET ${path}`, 'Accept: application/json\r\n', '');
  }

  async #ask(line: string, fields: string, body: string): Promise<number> {
    const socket = this.#socket ?? (await this.#connect());
    this.#socket = socket;
    return new Promise((resolve, reject) => {
      this.#asked.push({ resolve, reject });
      socket.write(`${line} HTTP/1.1\r\n${this.#head}${fields}\r\n${body}`);
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
    this.#begin();
    socket.setEncoding('latin1').on('data', (text: string) => {
      try {
        this.#read(text);
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => {
      this.#socket = undefined;
      this.#fail(new Error('the server closed the connection'));
    });
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error(`no answer within ${ANSWER_MS} ms`)));
    return socket;
  }

  #begin(): void {
    this.#received = '';
    this.#answer = undefined;
  }

  #read(text: string): void {
    let body = text;
    if (this.#answer === undefined) {
      this.#received += text;
      const headEnd = this.#received.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      body = this.#received.slice(headEnd + 4);
      this.#answer = answerBegun(this.#received.slice(0, headEnd));
      this.#received = '';
    }
    const answer = this.#answer;
    answer.left -= body.length;
    answer.tail = (answer.tail + body).slice(-LAST_CHUNK.length);
    if (Number.isNaN(answer.left) ? answer.tail !== LAST_CHUNK : answer.left > 0) return;
    this.#begin();
    this.#asked.shift()?.resolve(answer.status);
  }

  #fail(error: Error): void {
    for (const { reject } of this.#asked.splice(0)) reject(error);
  }
}

interface Answer {
  readonly status: number;
  /** Bytes of the body that are still to come; NaN where it comes in chunks. */
  left: number;
  /** The last characters that came. */
  tail: string;
}

const LAST_CHUNK = '\r\n0\r\n\r\n';

/** @throws Error when it does not say how long it is */
function answerBegun(head: string): Answer {
  const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? Number.NaN);
  if (Number.isNaN(length) && !/^transfer-encoding: *chunked/im.test(head)) {
    throw new Error(`an answer without length: ${head}`);
  }
  return { status: Number(head.slice(9, 12)), left: length, tail: '\r\n' };
}

/** A session of HTTP/2, as kubectl and controllers open one. */
export class Http2Load {
  readonly #session: ClientHttp2Session;
  readonly #authorization: string;

  private constructor(session: ClientHttp2Session, authorization: string) {
    this.#session = session;
    this.#authorization = authorization;
  }

  static async open(kubeconfig: Kubeconfig): Promise<Http2Load> {
    const session = connectHttp2(kubeconfig.server, { ca: kubeconfig.ca, settings: { initialWindowSize: 1 << 24 } });
    session.on('error', () => {}); // its streams report it
    return new Http2Load(session, `Bearer ${await kubeconfig.token?.()}`);
  }

  /** Reads an answer to its end; returns the number of bytes. */
  async read(path: string): Promise<number> {
    const stream = this.#session.request({
      ':path': path,
      authorization: this.#authorization,
      accept: 'application/json',
    });
    stream.setTimeout(ANSWER_MS, () => stream.destroy(new Error(`${path}: nothing within ${ANSWER_MS} ms`)));
    let bytes = 0;
    for await (const chunk of stream) bytes += (chunk as Buffer).length;
    return bytes;
  }

  close(): void {
    this.#session.destroy();
  }
}
