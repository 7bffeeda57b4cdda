/** The way to one collector by gRPC. Loaded only where there are such. */
import type { CollectorIR, CollectorUrlIR } from '@causeway/ir/gateway';
import { Client, Metadata } from '@grpc/grpc-js';
import { grpcCredentials, grpcName, type ServiceTls, type ServiceTlsOf } from '../grpc-tls.ts';
import { collectorAddress, type LocateService } from './collector-address.ts';

/** How collectors are found and spoken to. */
export interface CollectorReach {
  readonly locate: LocateService;
  readonly tlsOf: ServiceTlsOf;
}

const TIMEOUT_MS = 10_000;
const MOST_CONNECT_MS = 60_000;
/** Nobody said what the certificate must be. */
const ANY: ServiceTls = { id: 'any', name: '', sentName: '' };

export class CollectorChannel {
  readonly client: Client;
  readonly metadata = new Metadata();
  readonly timeoutMs: number;
  readonly #tlsId: () => string | undefined;
  readonly #openedWith: string | undefined;

  private constructor(
    address: string,
    tls: ServiceTls | undefined,
    settings: { readonly timeoutMs: number; readonly tlsId: () => string | undefined },
  ) {
    this.client = new Client(address, grpcCredentials(tls), grpcName(tls));
    this.timeoutMs = settings.timeoutMs;
    this.#tlsId = settings.tlsId;
    this.#openedWith = tls?.id;
  }

  /**
   * @param turn how often something was not taken so far: each time it is another one's turn
   * @throws Error where it cannot be found, or not be spoken to as its owner wants
   */
  static async open(
    collector: CollectorIR | CollectorUrlIR,
    turn: number,
    { locate, tlsOf }: CollectorReach,
  ): Promise<CollectorChannel> {
    if ('url' in collector) {
      const url = new URL(collector.url);
      const tls = url.protocol === 'https:' ? ANY : undefined;
      const settings = { timeoutMs: collector.timeoutMs, tlsId: () => tls?.id };
      return new CollectorChannel(await collectorAddress(url, locate), tls, settings);
    }
    const { services, asking = {}, headers = [] } = collector;
    const service = services[turn % services.length];
    if (service === undefined) throw new Error('there is no collector');
    const { host, port, tls: by } = service;
    const tls = tlsOf(by);
    const { endpoints } = await locate(host, port);
    const endpoint = endpoints[Math.floor(turn / services.length) % endpoints.length];
    if (endpoint === undefined) throw new Error(`${host} has no endpoint for port ${port}`);
    const settings = { timeoutMs: asking.timeoutMs ?? TIMEOUT_MS, tlsId: () => tlsOf(by)?.id };
    const channel = new CollectorChannel(`${endpoint.address}:${endpoint.port}`, tls, settings);
    for (const { name, value } of headers) channel.metadata.add(name, value);
    const { connectMs } = asking;
    if (connectMs !== undefined) await channel.ready(Math.min(connectMs, MOST_CONNECT_MS));
    return channel;
  }

  /** Its owner wants something else of TLS than when it was opened. */
  get isStale(): boolean {
    try {
      return this.#tlsId() !== this.#openedWith;
    } catch {
      return true;
    }
  }

  /** @throws Error when it cannot be reached for so long; it is closed then */
  ready(ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.client.waitForReady(Date.now() + ms, (error) => {
        if (error === undefined) return resolve();
        this.client.close();
        reject(new Error('it cannot be reached', { cause: error }));
      });
    });
  }

  /** @returns what went wrong; undefined: it was taken */
  call(method: string, question: Buffer): Promise<string | undefined> {
    const deadline = Date.now() + this.timeoutMs;
    return new Promise((resolve) => {
      this.client.makeUnaryRequest(method, asBytes, asBytes, question, this.metadata, { deadline }, (error) =>
        resolve(error?.message),
      );
    });
  }

  close(): Promise<void> {
    return Promise.resolve(this.client.close());
  }
}

/** Messages are bytes already. */
export function asBytes(bytes: Buffer): Buffer {
  return bytes;
}
