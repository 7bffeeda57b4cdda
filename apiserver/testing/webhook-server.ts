import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { serverCredentials } from '../pki/authority.ts';
import type { JsonObject, JsonValue } from '../schema/json.ts';
import { temporaryDirectory } from './server.ts';

export interface WebhookAnswer {
  readonly code?: number;
  /** A text is sent as it is. */
  readonly body: JsonValue;
}

/** A webhook on loopback, with a certificate for itself and for `hook.default.svc`. */
export interface WebhookServer {
  readonly port: number;
  readonly url: string;
  /** PEM, base64 */
  readonly caBundle: string;
  /** What it was asked, oldest first. */
  readonly requests: { readonly path: string; readonly body: JsonObject }[];
  /** How it answers; may be exchanged. */
  answer: (body: JsonObject, path: string) => WebhookAnswer | Promise<WebhookAnswer>;
  close(): Promise<void>;
}

export async function startWebhookServer(answer: WebhookServer['answer']): Promise<WebhookServer> {
  const directory = temporaryDirectory();
  const credentials = await serverCredentials(directory.path, 'hook.default.svc', new Date());
  directory.remove();
  const requests: WebhookServer['requests'] = [];
  const server = createServer({ key: credentials.key, cert: credentials.certificate }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body: JsonObject = JSON.parse(Buffer.concat(chunks).toString());
      requests.push({ path: request.url ?? '', body });
      void Promise.resolve(hook.answer(body, request.url ?? '')).then(({ code = 200, body: said }) => {
        response.writeHead(code, { 'content-type': 'application/json' });
        response.end(typeof said === 'string' ? said : JSON.stringify(said));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const hook: WebhookServer = {
    port,
    url: `https://127.0.0.1:${port}`,
    caBundle: Buffer.from(credentials.caCertificate).toString('base64'),
    requests,
    answer,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return hook;
}
