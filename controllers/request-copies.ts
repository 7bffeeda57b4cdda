/** Copies of requests for services that speak HTTP/2, which workers cannot speak. Nobody waits for what becomes of them. */
import { type ClientHttp2Session, connect, constants, type OutgoingHttpHeaders } from 'node:http2';
import type { ServiceTls, ServiceTlsOf } from '@causeway/targets/nginx/grpc-tls';
import type { AgentAnswer, AskedRequest, CopiedTo } from '@causeway/targets/nginx/question-server';
import type { ServiceAddress, ServiceAddresses } from './service-addresses.ts';
import { connectionOptions } from './service-tls.ts';

interface RequestCopiesOptions {
  readonly addressesOf: (host: string, port: number) => Promise<ServiceAddresses>;
  readonly tlsOf: ServiceTlsOf;
}

/** What is more is not copied. */
const MOST_UNDER_WAY = 256;
/** So long a service may say nothing. */
const SILENCE_MS = 5000;
const IDLE_MS = 60_000;
const MOST_SESSIONS = 200;

export class RequestCopies {
  readonly #options: RequestCopiesOptions;
  /** By address, and what says whom they trust. */
  readonly #sessions = new Map<string, ClientHttp2Session>();
  #turn = 0;
  #underWay = 0;

  constructor(options: RequestCopiesOptions) {
    this.#options = options;
  }

  /** @returns busy: it was not copied */
  send(service: CopiedTo, request: AskedRequest): AgentAnswer {
    if (this.#underWay >= MOST_UNDER_WAY) return { verdict: 'busy' };
    this.#underWay++;
    // A copy that cannot be sent is none.
    this.#send(service, request)
      .catch(() => undefined)
      .finally(() => {
        this.#underWay--;
      });
    return { verdict: 'yes' };
  }

  async #send({ host, port, tls: by }: CopiedTo, { method, target, headers, body }: AskedRequest): Promise<void> {
    const tls = this.#options.tlsOf(by);
    const { endpoints } = await this.#options.addressesOf(host, port);
    this.#turn = (this.#turn + 1) % Math.max(1, endpoints.length);
    const endpoint = endpoints[this.#turn];
    if (endpoint === undefined) return;
    const stream = this.#sessionTo(endpoint, tls).request({
      ':method': method,
      ':path': target,
      ...headersOf(headers),
    });
    await new Promise<void>((resolve) => {
      stream.on('close', resolve);
      stream.on('error', () => undefined);
      stream.setTimeout(SILENCE_MS, () => stream.close(constants.NGHTTP2_CANCEL));
      stream.resume();
      stream.end(body === undefined ? undefined : Buffer.from(body, 'base64'));
    });
  }

  #sessionTo({ address, port }: ServiceAddress, tls: ServiceTls | undefined): ClientHttp2Session {
    const name = `${address} ${port} ${tls?.id ?? ''}`;
    const known = this.#sessions.get(name);
    if (known !== undefined && !known.closed && !known.destroyed) return known;
    const [oldest] = this.#sessions;
    if (this.#sessions.size >= MOST_SESSIONS && oldest !== undefined) {
      oldest[1].close();
      this.#sessions.delete(oldest[0]);
    }
    const authority = address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
    const session = connect(
      `${tls === undefined ? 'http' : 'https'}://${authority}:${port}`,
      tls === undefined ? {} : connectionOptions(tls),
    );
    const forget = () => {
      if (this.#sessions.get(name) === session) this.#sessions.delete(name);
    };
    session.on('error', forget);
    session.on('goaway', forget);
    session.on('close', forget);
    session.setTimeout(IDLE_MS, () => session.close());
    session.unref();
    this.#sessions.set(name, session);
    return session;
  }
}

function headersOf(pairs: AskedRequest['headers']): OutgoingHttpHeaders {
  const headers: Record<string, string[]> = {};
  let authority = '';
  for (const [name, value] of pairs) {
    const lower = name.toLowerCase();
    // A character for each byte.
    const bytes = Buffer.from(value, 'utf8').toString('latin1');
    if (lower === 'host') authority = bytes;
    else headers[lower] = [...(headers[lower] ?? []), bytes];
  }
  const isCall = headers['content-type']?.[0]?.startsWith('application/grpc') === true;
  const single = Object.entries(headers).map(([name, values]) => [name, values.length === 1 ? values[0] : values]);
  return { ...Object.fromEntries(single), ':authority': authority, ...(isCall ? { te: 'trailers' } : {}) };
}
