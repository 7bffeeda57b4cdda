import type { Socket } from 'node:net';
import { connectTo } from './worker-connection.ts';

/** What one worker said. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  /** The worker ends the connection after this answer. */
  readonly last: boolean;
}

interface Asked {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** One keepalive connection to one worker; requests on it are pipelined, so answers come in order. */
export class WorkerProbe {
  readonly #socket: Socket;
  readonly #asked: Asked[] = [];
  #received: Buffer = Buffer.alloc(0);

  /** @param socket connected; TLS or not */
  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the worker closed the connection')));
  }

  static async open(worker: number, port: number, address?: string): Promise<WorkerProbe> {
    return new WorkerProbe(await connectTo(worker, port, address));
  }

  /** False as soon as it is known that the worker ended the connection. */
  get isOpen(): boolean {
    return this.#socket.readyState === 'open';
  }

  /** @throws Error when the connection ends before the answer */
  get(host: string, path: string): Promise<Answer> {
    if (!this.isOpen) return Promise.reject(new Error('the connection is closed'));
    return new Promise((resolve, reject) => {
      this.#asked.push({ resolve, reject });
      this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    });
  }

  close(): void {
    this.#socket.removeAllListeners('close');
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    for (let length = this.#next(); length > 0; length = this.#next()) this.#received = this.#received.subarray(length);
  }

  /** Answers the oldest request when its answer is complete; returns the number of bytes used. */
  #next(): number {
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd < 0) return 0;
    const head = this.#received.toString('latin1', 0, headEnd);
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? Number.NaN);
    if (Number.isNaN(length)) {
      this.#fail(new Error(`an answer without length: ${head}`));
      return 0;
    }
    const end = headEnd + 4 + length;
    if (this.#received.length < end) return 0;
    const body = this.#received.toString('latin1', headEnd + 4, end);
    this.#asked.shift()?.resolve({ status: Number(head.slice(9, 12)), body, last: /^connection: *close/im.test(head) });
    return end;
  }

  #fail(error: Error): void {
    for (const { reject } of this.#asked.splice(0)) reject(error);
  }
}
