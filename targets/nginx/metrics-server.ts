/**
 * Health and metrics of an instance over HTTPS (spec ALB-133): `/healthz` for
 * anybody, `/metrics` and `/clear` with a token.
 */
import { X509Certificate } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { Readable } from 'node:stream';
import { createBrotliCompress, createGzip } from 'node:zlib';
import type { InstanceIR } from '@causeway/ir/gateway';
import { findHolder } from './ports.ts';
import type { KeyPairPem } from './self-signed.ts';
import type { MetricsPlace } from './status.ts';

export interface MetricsEndpoints {
  text(): Iterable<string>;
  clear(): void;
  /** Whether this bearer token may read metrics; rejects when that cannot be known. `undefined`: no token is needed. */
  readonly authenticate: ((token: string) => Promise<boolean>) | undefined;
  readonly form: InstanceIR['metrics'];
}

/** As many addresses as are told to clients. */
const MAX_TOLD = 8;

export interface MetricsBinding {
  readonly port: number;
  readonly addresses: readonly string[];
}

export class MetricsServer {
  readonly #keyPair: KeyPairPem;
  readonly #endpoints: () => MetricsEndpoints;
  readonly #certificateSha256: string;
  /** By address and port. */
  readonly #servers = new Map<string, { readonly address: string; readonly server: Server }>();

  /** @param endpoints asked on every request */
  constructor(keyPair: KeyPairPem, endpoints: () => MetricsEndpoints) {
    this.#keyPair = keyPair;
    this.#certificateSha256 = new X509Certificate(keyPair.certificate).fingerprint256;
    this.#endpoints = endpoints;
  }

  /** For clients; undefined: it listens nowhere. */
  get place(): MetricsPlace | undefined {
    const addresses = [...this.#servers.values()].map(({ address }) => address).sort(loopbackFirst);
    const certificateSha256 = this.#certificateSha256;
    return addresses.length === 0 ? undefined : { addresses: addresses.slice(0, MAX_TOLD), certificateSha256 };
  }

  /**
   * Listens on what is wanted and no longer on anything else.
   *
   * @returns why some address cannot be had; `undefined` when all can
   */
  async bind({ port, addresses }: MetricsBinding): Promise<string | undefined> {
    const wanted = new Map(addresses.map((address) => [`${address} ${port}`, address]));
    for (const [key, { server }] of this.#servers) {
      if (wanted.has(key)) continue;
      this.#servers.delete(key);
      server.close();
      server.closeAllConnections();
    }
    const problems: string[] = [];
    for (const [key, address] of wanted) {
      if (this.#servers.has(key)) continue;
      const server = createServer({ cert: this.#keyPair.certificate, key: this.#keyPair.key }, (request, response) => {
        this.#answer(request, response).catch((error: unknown) => response.destroy(error as Error));
      });
      const problem = await listen(server, address, port);
      if (problem === undefined) this.#servers.set(key, { address, server });
      else if (problem === 'EADDRINUSE') {
        problems.push(`${address} port ${port} is taken by ${findHolder(address, port) ?? 'another process'}`);
      } else if (problem !== 'EADDRNOTAVAIL') problems.push(`${address} port ${port}: ${problem}`);
    }
    return problems.length === 0 ? undefined : problems.join('; ');
  }

  async close(): Promise<void> {
    await this.bind({ port: 0, addresses: [] });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const endpoints = this.#endpoints();
    const path = request.url?.split('?')[0];
    if (path === '/healthz') return send(response, 200, 'ok');
    if ((path !== '/metrics' && path !== '/clear') || endpoints.form === 'none')
      return send(response, 404, 'Not Found');
    const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (endpoints.authenticate !== undefined) {
      const known = token === undefined ? false : await endpoints.authenticate(token).catch(() => undefined);
      if (known === undefined)
        return send(response, 503, 'Service Unavailable: nobody can say whether the token is good');
      if (!known) return send(response, 401, 'Unauthorized');
    }
    if (path === '/clear') {
      endpoints.clear();
      return send(response, 200, 'ok');
    }
    const plain = Readable.from(endpoints.text());
    const type = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' };
    const { form } = endpoints;
    if (form === undefined) {
      plain.pipe(response.writeHead(200, type));
      return;
    }
    const isTaken = new RegExp(`\\b${form}\\b(?!;q=0(\\.0*)?\\b)`).test(request.headers['accept-encoding'] ?? '');
    response.writeHead(200, { ...type, vary: 'accept-encoding', ...(isTaken && { 'content-encoding': form }) });
    if (isTaken) plain.pipe(form === 'gzip' ? createGzip() : createBrotliCompress()).pipe(response);
    else plain.pipe(response);
  }
}

function loopbackFirst(a: string, b: string): number {
  return Number(isLoopback(b)) - Number(isLoopback(a)) || (a < b ? -1 : 1);
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(`${body}\n`);
}

async function listen(server: Server, address: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host: address, port, exclusive: true, ipv6Only: true }, () => resolve(undefined));
  });
}
