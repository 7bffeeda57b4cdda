/** Asks authorization services that must be verified by HTTP/1.1 over TLS, over connections that are kept. Workers ask the others themselves. */
import { type RequestOptions, request as requestHttps, Agent as TlsAgent } from 'node:https';
import type { ServiceTlsOf } from '@causeway/targets/nginx/grpc-tls';
import type { AgentAnswer, AskedRequest, AskedService } from '@causeway/targets/nginx/question-server';
import type { ServiceAddress, ServiceAddresses } from '../service-addresses.ts';
import { connectionOptions } from '../service-tls.ts';

interface HttpCheckOptions {
  readonly addressesOf: (host: string, port: number) => Promise<ServiceAddresses>;
  readonly tlsOf: ServiceTlsOf;
}

/** Endpoints that are tried. */
const MOST_TRIES = 3;
/** Questions under way; who comes when there are more is treated as if nobody answered. */
const MOST_UNDER_WAY = 1000;
const IDLE_CONNECTIONS = 32;
const IDLE_MS = 60_000;
const MOST_KNOWN = 200;
const BROKEN: AgentAnswer = { verdict: 'broken' };

/** The service cannot have seen the question. */
class NotAsked extends Error {}

export class HttpCheck {
  readonly #options: HttpCheckOptions;
  /** By what says whom they trust. */
  readonly #connections = new Map<string, TlsAgent>();
  #turn = 0;
  #underWay = 0;

  constructor(options: HttpCheckOptions) {
    this.#options = options;
  }

  /** `broken`: nobody answered, or nobody who is who they should be. */
  async ask({ host, port, tls, timeoutMs }: AskedService, request: AskedRequest): Promise<AgentAnswer> {
    if (this.#underWay >= MOST_UNDER_WAY) return { verdict: 'busy' };
    this.#underWay++;
    try {
      const wanted = this.#options.tlsOf(tls);
      if (wanted === undefined) return BROKEN;
      const { endpoints } = await this.#options.addressesOf(host, port);
      this.#turn = (this.#turn + 1) % Math.max(1, endpoints.length);
      const inTurn = [...endpoints.slice(this.#turn), ...endpoints.slice(0, this.#turn)];
      const signal = AbortSignal.timeout(timeoutMs);
      for (const endpoint of inTurn.slice(0, MOST_TRIES)) {
        const reply = await this.#askEndpoint(endpoint, request, {
          ...connectionOptions(wanted),
          agent: this.#connectionsOf(wanted.id),
          signal,
        });
        if (reply !== undefined) return { verdict: 'yes', reply };
      }
      return BROKEN;
    } catch {
      return BROKEN;
    } finally {
      this.#underWay--;
    }
  }

  #connectionsOf(id: string): TlsAgent {
    const known = this.#connections.get(id);
    if (known !== undefined) return known;
    const [oldest] = this.#connections;
    if (this.#connections.size >= MOST_KNOWN && oldest !== undefined) {
      // Who waits for an answer on one of them is treated as if nobody answered.
      oldest[1].destroy();
      this.#connections.delete(oldest[0]);
    }
    const connections = new TlsAgent({ keepAlive: true, maxFreeSockets: IDLE_CONNECTIONS, timeout: IDLE_MS });
    this.#connections.set(id, connections);
    return connections;
  }

  /** @returns undefined when another endpoint may be asked @throws when this one may have seen it */
  async #askEndpoint(
    endpoint: ServiceAddress,
    request: AskedRequest,
    options: RequestOptions,
  ): Promise<AgentAnswer['reply']> {
    // A kept connection that the service closed meanwhile: once more, with another.
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        return await this.#askOnce(endpoint, request, options);
      } catch (error) {
        if (error instanceof NotAsked) return undefined;
        if (!(error instanceof Stale)) throw error;
      }
    }
    return undefined;
  }

  #askOnce(
    { address, port }: ServiceAddress,
    { method, target, headers, body }: AskedRequest,
    options: RequestOptions,
  ): Promise<AgentAnswer['reply']> {
    return new Promise((resolve, reject) => {
      let isConnected = false;
      const request = requestHttps({
        ...options,
        host: address.replace(/^\[|\]$/g, ''),
        port,
        method,
        path: asBytes(target),
        headers: headers.flatMap(([name, value]) => [name, asBytes(value)]),
      });
      request.on('socket', (socket) => {
        if (request.reusedSocket) isConnected = true;
        else socket.once('secureConnect', () => (isConnected = true));
      });
      request.on('response', (response) => {
        const told: Record<string, string[]> = {};
        for (let i = 0; i + 1 < response.rawHeaders.length; i += 2) {
          const name = (response.rawHeaders[i] ?? '').toLowerCase();
          told[name] = [...(told[name] ?? []), asText(response.rawHeaders[i + 1] ?? '')];
        }
        response.on('error', () => undefined);
        response.resume();
        resolve({ status: response.statusCode ?? 0, headers: told });
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        if (!isConnected) reject(new NotAsked(error.message));
        else if (request.reusedSocket && error.code === 'ECONNRESET') reject(new Stale(error.message));
        else reject(error);
      });
      request.end(body === undefined ? undefined : Buffer.from(body, 'base64'));
    });
  }
}

/** A kept connection was closed before it was used. */
class Stale extends Error {}

/** Header values as Node.js takes and gives them: a character for each byte. */
function asBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function asText(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
