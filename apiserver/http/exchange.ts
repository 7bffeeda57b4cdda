import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline, type Readable, type Writable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { createGzip } from 'node:zlib';
import { stringify as yamlText } from 'yaml';
import { ANONYMOUS, type Identity } from '../access/identity.ts';
import { PROTOBUF_TYPE } from '../protobuf/decode.ts';
import { protobufEncoder } from '../protobuf/encode.ts';
import { PAGE_NOT_FOUND, type StatusError } from '../status-error.ts';
import { statusFormat } from './negotiation.ts';
import { warningHeaders } from './warnings.ts';

/** The part that requests of HTTP/1.1 and HTTP/2 have in common. */
export type HttpRequest = Readable & {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Of HTTP/2 alone. */
  readonly stream?: { readonly session?: object | undefined };
  /** Of HTTP/2 a stand-in for the connection. */
  readonly socket: Socket & Partial<Pick<TLSSocket, 'authorized' | 'getPeerX509Certificate'>>;
};

/** The part that responses of HTTP/1.1 and HTTP/2 have in common. */
export type HttpResponse = Writable & {
  statusCode: number;
  setHeader(name: string, value: string | number | string[]): unknown;
  readonly headersSent: boolean;
  flushHeaders?(): void;
};

/** Smaller answers are not worth it. Source: apiserver pkg/endpoints/handlers/responsewriters. */
export const COMPRESSED_BYTES_MIN = 128 * 1024;

/** Which object, and which state of it, a client means. */
export interface SentObject {
  readonly name: string | undefined;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
}

/** One request and its answer. */
export class Exchange {
  readonly method: string;
  /** Decoded elements of the path. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  /** As whom the request is made; anonymous until that is known. */
  identity: Identity = ANONYMOUS;
  /** Become Warning headers of the answer. */
  readonly warnings: string[] = [];
  /** Annotations of the line in the audit log. */
  readonly audited: Record<string, string> = {};
  /** Of the object in the body, where that is a whole one. */
  sent: SentObject | undefined;
  /** What was answered, where that is no object. */
  status: object | undefined;
  readonly request: HttpRequest;
  readonly response: HttpResponse;

  /** @throws URIError when the path is not properly encoded */
  constructor(request: HttpRequest, response: HttpResponse) {
    this.request = request;
    this.response = response;
    this.method = request.method ?? 'GET';
    const url = request.url ?? '/';
    const question = url.indexOf('?');
    const path = question < 0 ? url : url.slice(0, question);
    const elements = path
      .split('/')
      .filter((element) => element !== '')
      .map(decodeURIComponent);
    this.query = new URLSearchParams(question < 0 ? '' : url.slice(question + 1));
    // The old way to watch: /api/v1/watch/...
    const at = elements[0] === 'api' ? 2 : 3;
    const isOldWatch = elements[at] === 'watch' && elements.length > at + 1 && /^apis?$/.test(elements[0] ?? '');
    this.path = isOldWatch ? elements.toSpliced(at, 1) : elements;
    if (isOldWatch) this.query.set('watch', 'true');
  }

  /** Under which name and port the client sees the server. */
  get host(): string {
    const { headers } = this.request;
    return String(headers[':authority'] ?? headers.host ?? '');
  }

  get accept(): string {
    return this.request.headers.accept ?? '';
  }

  /** A query parameter; undefined when it is absent or empty. */
  param(name: string): string | undefined {
    return this.query.get(name) || undefined;
  }

  flag(name: string): boolean {
    const value = this.query.get(name);
    return value === 'true' || value === '1';
  }

  begin(code: number, contentType: string): void {
    const { response } = this;
    response.statusCode = code;
    response.setHeader('content-type', contentType);
    response.setHeader('cache-control', 'no-cache, private');
    if (this.warnings.length > 0) response.setHeader('warning', warningHeaders(this.warnings));
  }

  send(code: number, contentType: string, body: string | Buffer): void {
    this.begin(code, contentType);
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    if (bytes.length > COMPRESSED_BYTES_MIN && this.acceptsGzip && this.method !== 'HEAD') {
      this.compressed().end(bytes);
      return;
    }
    this.response.setHeader('content-length', bytes.length);
    this.response.end(this.method === 'HEAD' ? undefined : bytes);
  }

  /** Whether large answers may be compressed. */
  get acceptsGzip(): boolean {
    return /(^|,)\s*gzip\s*(,|;(?!\s*q=0(\.0*)?\s*(,|$))|$)/.test(
      String(this.request.headers['accept-encoding'] ?? ''),
    );
  }

  /** What is written here is sent compressed. To be called after {@link begin}, before anything is sent. */
  compressed(): Writable {
    const { response } = this;
    response.setHeader('content-encoding', 'gzip');
    response.setHeader('vary', 'Accept-Encoding');
    const gzip = createGzip({ level: 1 });
    // A client that goes away ends both.
    pipeline(gzip, response, () => {});
    return gzip;
  }

  sendJson(code: number, body: object): void {
    this.send(code, 'application/json', JSON.stringify(body));
  }

  sendError(error: StatusError): void {
    this.status = error.status;
    if (error.message === PAGE_NOT_FOUND) {
      this.send(error.code, 'text/plain; charset=utf-8', PAGE_NOT_FOUND);
      return;
    }
    if (error.details?.retryAfterSeconds !== undefined) {
      this.response.setHeader('retry-after', error.details.retryAfterSeconds);
    }
    this.sendStatus(error.code, error.status);
  }

  /** Answers with a Status, in the form that the client prefers. */
  sendStatus(code: number, status: object): void {
    this.status = status;
    switch (statusFormat(this.accept)) {
      case 'json':
        this.sendJson(code, status);
        return;
      case 'yaml':
        this.send(code, 'application/yaml', yamlText(status));
        return;
      case 'protobuf':
        this.send(code, PROTOBUF_TYPE, protobufEncoder().object(status));
        return;
    }
  }
}
