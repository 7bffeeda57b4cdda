/** Asks authorization services by gRPC, over connections that are kept. Source: Envoy, envoy.service.auth.v3.Authorization. */

import { grpcCredentials, grpcName, type ServiceTls, type ServiceTlsOf } from '@causeway/targets/nginx/grpc-tls';
import type { AgentAnswer, CheckedRequest, GrpcAuthStep } from '@causeway/targets/nginx/question-server';
import { Client } from '@grpc/grpc-js';
import type { ServiceAddress, ServiceAddresses } from '../service-addresses.ts';
import { checkRequest, parseCheckResponse } from './check-message.ts';

type Service = Pick<GrpcAuthStep, 'services' | 'timeoutMs' | 'extensions'>;

const METHOD = '/envoy.service.auth.v3.Authorization/Check';
const MOST_CLIENTS = 200;
/** Endpoints that are tried. */
const MOST_TRIES = 2;
/** Questions under way; who comes when there are more is treated as if nobody answered. */
const MOST_UNDER_WAY = 1000;

interface ExternalCheckOptions {
  readonly addressesOf: (host: string, port: number) => Promise<ServiceAddresses>;
  readonly tlsOf: ServiceTlsOf;
}

interface Endpoint extends ServiceAddress {
  readonly tls: ServiceTls | undefined;
}

export class ExternalCheck {
  readonly #options: ExternalCheckOptions;
  readonly #clients = new Map<string, Client>();
  #turn = 0;
  #underWay = 0;

  constructor(options: ExternalCheckOptions) {
    this.#options = options;
  }

  /** `broken`: nobody answered, or nothing that can be understood. */
  async check({ services, timeoutMs, extensions }: Service, request: CheckedRequest): Promise<AgentAnswer> {
    if (this.#underWay >= MOST_UNDER_WAY) return { verdict: 'busy' };
    this.#underWay++;
    try {
      const now = Date.now();
      const question = checkRequest(request, extensions, now);
      const endpoints = await this.#endpointsOf(services);
      for (const endpoint of endpoints.slice(0, MOST_TRIES)) {
        const answer = await this.#ask(endpoint, question, now + timeoutMs);
        if (answer !== undefined) return { verdict: 'yes', check: parseCheckResponse(answer) };
        if (Date.now() >= now + timeoutMs) break;
      }
      return { verdict: 'broken' };
    } catch {
      return { verdict: 'broken' };
    } finally {
      this.#underWay--;
    }
  }

  /** Of all services, beginning with the next in turn. */
  async #endpointsOf(services: Service['services']): Promise<readonly Endpoint[]> {
    const found = await Promise.all(
      services.map(async ({ host, port, tls: by }) => {
        const tls = this.#options.tlsOf(by);
        const { endpoints } = await this.#options.addressesOf(host, port);
        return endpoints.map((endpoint): Endpoint => ({ ...endpoint, tls }));
      }),
    );
    const endpoints = found.flat();
    this.#turn = (this.#turn + 1) % Math.max(1, endpoints.length);
    return [...endpoints.slice(this.#turn), ...endpoints.slice(0, this.#turn)];
  }

  #ask(endpoint: Endpoint, question: Buffer, deadline: number): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
      this.#clientOf(endpoint).makeUnaryRequest(
        METHOD,
        (bytes: Buffer) => bytes,
        (bytes: Buffer) => bytes,
        question,
        { deadline },
        (error, answer) => resolve(error === null ? answer : undefined),
      );
    });
  }

  #clientOf({ address, port, tls }: Endpoint): Client {
    const target = `${address}:${port}`;
    const name = `${target} ${tls?.id ?? ''}`;
    const known = this.#clients.get(name);
    if (known !== undefined) return known;
    const [oldest] = this.#clients;
    if (this.#clients.size >= MOST_CLIENTS && oldest !== undefined) {
      oldest[1].close();
      this.#clients.delete(oldest[0]);
    }
    const client = new Client(target, grpcCredentials(tls), {
      ...grpcName(tls),
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1000,
    });
    this.#clients.set(name, client);
    return client;
  }
}
