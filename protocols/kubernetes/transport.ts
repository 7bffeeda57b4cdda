import { setMaxListeners } from 'node:events';
import { createSecureContext } from 'node:tls';
import type { buildConnector, Dispatcher, Pool as PoolType } from 'undici';
import request from 'undici/lib/api/api-request.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import { answerError, parseJson } from './answer.ts';
import { ApiError } from './api-error.ts';
import type { Clock } from './clock.ts';
import { sleep } from './clock.ts';
import { ConnectionError } from './connection-error.ts';
import type { Kubeconfig } from './kubeconfig.ts';

export interface TransportOptions {
  /** Longest silence of the server, before the headers and between parts of the body. */
  readonly requestTimeoutMs: number;
  readonly userAgent: string;
  readonly clock: Clock;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With query, below the server's base URL. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** `application/json` if absent. */
  readonly contentType?: string;
  /** The same. */
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

const connectTimeoutMs = 10_000;
const idleConnectionMs = 30_000;
const maxConnections = 16;
/** Finds a dead peer below a watch on which nothing happens. */
const tcpKeepAliveMs = 15_000;

const maxAttempts = 5;
const maxRetryAfterMs = 30_000;

/**
 * HTTP/1.1 to one API server. Calls share a pool of keepalive connections;
 * each stream has a connection of its own, so that watches never starve calls.
 *
 * What the server refuses with `Retry-After` (429, 5xx) is sent again after
 * that time, as client-go does: the server did not process it. A GET on a
 * connection that the server closed at that moment is sent again once.
 */
export class Transport {
  readonly #options: TransportOptions;
  readonly #kubeconfig: Kubeconfig;
  readonly #basePath: string;
  readonly #calls: PoolType;
  readonly #streams: PoolType;
  readonly #closed = new AbortController();

  constructor(kubeconfig: Kubeconfig, options: TransportOptions) {
    const url = new URL(kubeconfig.server);
    this.#kubeconfig = kubeconfig;
    this.#options = options;
    this.#basePath = url.pathname.replace(/\/+$/, '');
    setMaxListeners(0, this.#closed.signal);
    const common = {
      connect: tlsOptions(kubeconfig),
      headersTimeout: options.requestTimeoutMs,
      keepAliveTimeout: idleConnectionMs,
      pipelining: 1,
    };
    this.#calls = new Pool(url.origin, {
      ...common,
      connections: maxConnections,
      bodyTimeout: options.requestTimeoutMs,
    });
    this.#streams = new Pool(url.origin, { ...common, connections: null, bodyTimeout: 0 });
  }

  /** The parsed JSON answer. */
  async call(httpRequest: HttpRequest): Promise<unknown> {
    return parseJson(await this.#attempt(httpRequest, this.#calls, async (answer) => textOf(answer, httpRequest)));
  }

  /** The answer's body as it comes; there is no limit to silence in it. */
  stream(httpRequest: HttpRequest): Promise<AsyncIterable<Buffer>> {
    return this.#attempt(httpRequest, this.#streams, (answer) => Promise.resolve(answer.body));
  }

  async close(): Promise<void> {
    this.#closed.abort(new ConnectionError('disconnected', 'the client was closed'));
    await Promise.all([this.#calls.destroy(), this.#streams.destroy()]);
  }

  async #attempt<T>(
    httpRequest: HttpRequest,
    pool: PoolType,
    read: (answer: Dispatcher.ResponseData) => Promise<T>,
  ): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await this.#send(httpRequest, pool);
        if (answer.statusCode < 400) return await read(answer);
        const refusal = answerError(answer.statusCode, await textOf(answer, httpRequest), retryAfterMs(answer));
        const waitMs = retryDelayMs(refusal);
        if (waitMs === undefined || attempt >= maxAttempts) throw refusal;
        await this.#wait(waitMs, httpRequest.signal);
      } catch (error) {
        const lost = error instanceof ConnectionError && error.code === 'disconnected' && !this.#closed.signal.aborted;
        if (!lost || httpRequest.method !== 'GET' || attempt > 1) throw error;
      }
    }
  }

  async #send(httpRequest: HttpRequest, pool: PoolType): Promise<Dispatcher.ResponseData> {
    const { method, path, body, contentType = 'application/json', accept = 'application/json', signal } = httpRequest;
    signal?.throwIfAborted();
    this.#closed.signal.throwIfAborted();
    const authorization = await authorizationOf(this.#kubeconfig);
    try {
      return await request.call(pool, {
        method,
        path: this.#basePath + path,
        // Else undici ends the connection after every DELETE that has a body.
        reset: false,
        headers: {
          accept,
          'user-agent': this.#options.userAgent,
          ...(authorization !== undefined && { authorization }),
          ...(body !== undefined && { 'content-type': contentType }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal !== undefined && { signal }),
      });
    } catch (error) {
      throw transportError(error, httpRequest);
    }
  }

  async #wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const stop = signal === undefined ? this.#closed.signal : AbortSignal.any([signal, this.#closed.signal]);
    await sleep(this.#options.clock, ms, stop);
    stop.throwIfAborted();
  }
}

/** Turns what undici throws into a ConnectionError; an abort asked for by `signal` stays what its owner made it. */
export function transportError(error: unknown, { method, path, signal }: HttpRequest): unknown {
  if (signal?.aborted) return signal.reason;
  if (!(error instanceof Error) || error instanceof ConnectionError || error instanceof ApiError) return error;
  const subject = `${method} ${path.split('?', 1)[0] ?? path}`;
  return new ConnectionError(connectionErrorCode(error), `${subject}: ${error.message || codeOf(error)}`, {
    cause: error,
  });
}

function connectionErrorCode(error: Error): ConnectionError['code'] {
  switch (codeOf(error)) {
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
    case 'ETIMEDOUT':
      return 'timed out';
    case 'UND_ERR_SOCKET':
    case 'UND_ERR_ABORTED':
    case 'UND_ERR_DESTROYED':
    case 'UND_ERR_CLOSED':
    case 'ECONNRESET':
    case 'EPIPE':
      return 'disconnected';
    default:
      // Refused, no route, no such name, certificate not trusted.
      return 'unreachable';
  }
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

async function textOf(answer: Dispatcher.ResponseData, httpRequest: HttpRequest): Promise<string> {
  try {
    return await answer.body.text();
  } catch (error) {
    throw transportError(error, httpRequest);
  }
}

async function authorizationOf({ token, basic }: Kubeconfig): Promise<string | undefined> {
  if (token !== undefined) return `Bearer ${await token()}`;
  if (basic === undefined) return undefined;
  return `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString('base64')}`;
}

function tlsOptions(kubeconfig: Kubeconfig): buildConnector.BuildOptions {
  const { ca, clientCertificate, clientKey, tlsServerName, insecureSkipTlsVerify } = kubeconfig;
  return {
    timeout: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelay: tcpKeepAliveMs,
    // Made once: else every connection reads the certificates again.
    secureContext: createSecureContext({
      ...(ca !== undefined && { ca }),
      ...(clientCertificate !== undefined && { cert: clientCertificate }),
      ...(clientKey !== undefined && { key: clientKey }),
    }),
    ...(tlsServerName !== undefined && { servername: tlsServerName }),
    ...(insecureSkipTlsVerify === true && { rejectUnauthorized: false }),
  };
}

/** Source: RFC 9110 section 10.2.3; the API server sends seconds only, dates are not read. */
function retryAfterMs(answer: Dispatcher.ResponseData): number | undefined {
  const header = answer.headers['retry-after'];
  return typeof header === 'string' && /^\d+$/.test(header) ? Number(header) * 1000 : undefined;
}

function retryDelayMs(refusal: ApiError): number | undefined {
  if (refusal.retryAfterMs === undefined || (refusal.code !== 429 && refusal.code < 500)) return undefined;
  return Math.min(refusal.retryAfterMs, maxRetryAfterMs);
}
