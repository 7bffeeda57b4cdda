import { Agent, type RequestOptions, request } from 'node:https';
import { isIP } from 'node:net';
import { isJsonObject, type JsonObject, type JsonValue, textAt } from '../schema/json.ts';
import type { WebhookClientConfig, WebhookService } from './client-config.ts';
import { failureText } from './failure-text.ts';
import type { Address } from './service-endpoints.ts';

/** A webhook could not be asked, or its answer not be read. The message is one of client-go, without the name of the webhook. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';
}

export interface WebhookClientOptions {
  /** An address behind a Service, or why there is none. */
  readonly addressOf: (service: WebhookService) => Address | string;
}

/** An answer that is longer is no answer. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024;
const SOCKETS_MAX = 32;
const IDLE_MS = 30_000;

/**
 * Asks webhooks, admission's and conversion's: POST of JSON over TLS, connections kept.
 *
 * Source: apiserver pkg/util/webhook/client.go.
 */
export class WebhookClient {
  readonly #addressOf: WebhookClientOptions['addressOf'];
  readonly #agent = new Agent({ keepAlive: true, maxSockets: SOCKETS_MAX, timeout: IDLE_MS });

  constructor({ addressOf }: WebhookClientOptions) {
    this.#addressOf = addressOf;
  }

  /**
   * @param timeoutSeconds for all of it
   * @throws WebhookError
   */
  async post(config: WebhookClientConfig, body: object, timeoutSeconds: number): Promise<JsonObject> {
    const text = JSON.stringify(body);
    const { host, path, connection } = this.#place(config, `timeout=${timeoutSeconds}s`);
    const about = `Post ${JSON.stringify(`https://${host}${path}`)}`;
    if (typeof connection === 'string') throw new WebhookError(`${about}: ${connection}`);
    const servername = unbracketed(host.replace(/:\d+$/, ''));
    const options: RequestOptions = {
      method: 'POST',
      agent: this.#agent,
      host: connection.host,
      port: connection.port,
      path,
      // An address is no name, but the certificate is compared with it all the same.
      servername: isIP(servername) ? '' : servername,
      headers: {
        host,
        accept: 'application/json, */*',
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
        'user-agent': 'causeway-apiserver',
      },
      ...(config.ca === undefined ? {} : { ca: config.ca }),
    };
    try {
      return await exchangeInTime(options, text, timeoutSeconds * 1000);
    } catch (error) {
      if (error instanceof WebhookError) throw error;
      throw new WebhookError(`${about}: ${failureText(error, connection, servername)}`, { cause: error });
    }
  }

  /** Closes the connections that are kept. */
  close(): void {
    this.#agent.destroy();
  }

  #place({ service, url: given = '' }: WebhookClientConfig, query: string): Place {
    if (service === undefined) {
      const url = new URL(given);
      const connection = { host: unbracketed(url.hostname), port: Number(url.port || 443) };
      return { host: url.host, path: `${url.pathname}?${query}`, connection };
    }
    const { namespace, name, path, port } = service;
    return {
      host: `${name}.${namespace}.svc:${port}`,
      path: `${path || '/'}?${query}`,
      connection: this.#addressOf(service),
    };
  }
}

interface Place {
  /** As the request names it, with the port. */
  readonly host: string;
  readonly path: string;
  readonly connection: Address | string;
}

/** An IPv6 address is in brackets in a URL, and nowhere else. */
function unbracketed(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

async function exchangeInTime(options: RequestOptions, text: string, timeoutMs: number): Promise<JsonObject> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    return await exchange({ ...options, signal }, text);
  } catch (error) {
    // A connection that was kept may have been closed by the other side just now.
    if (!(error instanceof StaleConnection)) throw error;
    return await exchange({ ...options, signal, agent: false }, text);
  }
}

class StaleConnection extends Error {}

function exchange(options: RequestOptions, text: string): Promise<JsonObject> {
  return new Promise((resolve, reject) => {
    const sent = request(options, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > ANSWER_BYTES_MAX) sent.destroy(new WebhookError('the answer is too long'));
        else chunks.push(chunk);
      });
      response.on('end', () => {
        try {
          resolve(answerOf(response.statusCode ?? 0, Buffer.concat(chunks).toString()));
        } catch (error) {
          reject(error);
        }
      });
      response.on('error', reject);
    });
    sent.on('error', (error) => {
      const code: unknown = Reflect.get(error, 'code');
      const stale = sent.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
      reject(stale ? new StaleConnection('closed', { cause: error }) : error);
    });
    sent.end(text);
  });
}

/** @throws WebhookError */
function answerOf(code: number, text: string): JsonObject {
  const body = parsed(text);
  if (code < 200 || code > 206) {
    const said = isJsonObject(body) && body.kind === 'Status' ? textAt(body, 'message') : '';
    throw new WebhookError(said || statusText(code, text));
  }
  if (!isJsonObject(body)) {
    const why = body === undefined ? 'invalid JSON' : 'cannot unmarshal into an object';
    throw new WebhookError(`couldn't get version/kind; json parse error: ${why}`);
  }
  return body;
}

function parsed(text: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

const STATUS_TEXTS: Readonly<Record<number, string>> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
};

/** Source: apimachinery pkg/api/errors, NewGenericServerResponse. */
function statusText(code: number, body: string): string {
  const known = STATUS_TEXTS[code];
  if (known !== undefined) return known;
  if (code < 500) return `the server responded with the status code ${code} but did not return more information`;
  const said = body.trim().slice(0, 2048) || 'unknown';
  return `an error on the server (${JSON.stringify(said)}) has prevented the request from succeeding`;
}
