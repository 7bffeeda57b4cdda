import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Socket } from 'node:net';
import { Readable, Writable } from 'node:stream';
import type { ApiServer } from '@causeway/apiserver/server';

export interface InProcessRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

export interface InProcessAnswer {
  /** undefined: the server closed the connection instead of answering */
  readonly code: number | undefined;
  readonly headers: Readonly<Record<string, string | number | readonly string[]>>;
  readonly text: string;
}

/** A request without a port: a tenth of what one over TLS costs. A watch is over after its first events. */
export async function ask(server: Pick<ApiServer, 'serve'>, given: InProcessRequest): Promise<InProcessAnswer> {
  const request = new Request(given);
  const response = new Response();
  const closed = new Promise<void>((resolve) => response.on('close', resolve));
  const isWatch = /[?&]watch=(?:true|1)(?:&|$)|\/watch\b/.test(given.url);
  await server.serve(request, response);
  if (isWatch) setImmediate(() => response.destroy());
  await closed;
  const code = response.writableFinished || (isWatch && response.headersSent) ? response.statusCode : undefined;
  return { code, headers: response.headers, text: Buffer.concat(response.chunks).toString() };
}

class Request extends Readable {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Nothing but its address is asked of it. */
  readonly socket = { remoteAddress: '127.0.0.1' } as unknown as Socket;

  constructor({ method, url, headers, body }: InProcessRequest) {
    super({ read() {} });
    this.method = method;
    this.url = url;
    this.headers = headers;
    if (body !== undefined) this.push(body);
    this.push(null);
  }
}

class Response extends Writable {
  statusCode = 200;
  headersSent = false;
  readonly chunks: Buffer[] = [];
  readonly headers: Record<string, string | number | readonly string[]> = {};

  setHeader(name: string, value: string | number | string[]): void {
    validateHeaderName(name);
    for (const each of Array.isArray(value) ? value : [value]) validateHeaderValue(name, String(each));
    this.headers[name] = value;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.headersSent = true;
    this.chunks.push(chunk);
    done();
  }

  flushHeaders(): void {
    this.headersSent = true;
  }
}
