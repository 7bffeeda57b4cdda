/** The admission webhook of a cluster: HTTPS, one path for questions and one for who asks whether it is ready. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import { createServer } from 'node:https';
import { answerReview, NotAReview } from '@causeway/admission/admission-review';
import type { Read } from '@causeway/admission/read';
import type { Credentials } from '@causeway/apiserver/pki/authority';
import type { Logger } from 'pino';

export interface WebhookServerOptions {
  readonly host: string;
  readonly port: number;
  readonly credentials: Credentials;
  /** undefined: not everything is read yet, so nothing can be judged. */
  readonly read: () => Read | undefined;
  readonly log: Logger;
}

/** An object and its predecessor, with what is around them: twice what an API server takes, and more. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** Until the program ends; {@link useCredentials} gives it others. @throws the error of the system, e.g. EADDRINUSE */
export async function serveWebhook(options: WebhookServerOptions): Promise<Server> {
  const { host, port, credentials, read, log } = options;
  const server = createServer(tlsOf(credentials), (request, response) => {
    void answer(request, read).then(
      ({ code, body }) => send(response, code, body),
      (error: unknown) => {
        log.warn({ err: error }, 'could not answer the API server');
        send(response, error instanceof NotAReview ? 400 : 500, { error: String(error) });
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server.unref();
}

/** From the next connection on. */
export function useCredentials(server: Server, credentials: Credentials): void {
  server.setSecureContext(tlsOf(credentials));
}

function tlsOf({ certificate, key }: Credentials): { cert: string; key: string; minVersion: 'TLSv1.2' } {
  return { cert: certificate, key, minVersion: 'TLSv1.2' };
}

interface Answer {
  readonly code: number;
  readonly body: object;
}

async function answer(request: IncomingMessage, read: () => Read | undefined): Promise<Answer> {
  const present = read();
  switch (`${request.method} ${request.url?.split('?')[0]}`) {
    case 'GET /readyz':
      return present === undefined ? { code: 503, body: { ready: false } } : { code: 200, body: { ready: true } };
    case 'POST /review': {
      // The API server goes by its failure policy then.
      if (present === undefined) return { code: 503, body: { error: 'not everything is read yet' } };
      const text = await bodyOf(request);
      if (text === undefined) return { code: 413, body: { error: `more than ${MAX_BODY_BYTES} bytes` } };
      return { code: 200, body: answerReview(parsed(text), present) };
    }
    default:
      request.resume();
      return { code: 404, body: { error: 'not found' } };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new NotAReview('the body is no JSON', { cause: error });
  }
}

/** @returns undefined when it is too large */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function send(response: ServerResponse, code: number, body: object): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
