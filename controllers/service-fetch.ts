/** Asks services that policies name, from the agent: over HTTP/1.1, where {@link ServiceAddresses} says they are, and nowhere else. */
import { type ClientRequest, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { ServiceAddressIR } from '@causeway/ir/gateway';
import type { ServiceTls, ServiceTlsOf } from '@causeway/targets/nginx/grpc-tls';
import type { ServiceAddress, ServiceAddresses } from './service-addresses.ts';
import { connectionOptions } from './service-tls.ts';

export interface ServiceQuestion {
  readonly url: string;
  /** Absent: GET. */
  readonly method?: string;
  /** Where it is asked; absent: at the host of the URL. */
  readonly at?: ServiceAddressIR | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface ServiceReply {
  readonly status: number;
  readonly body: string;
}

/** @throws Error when there is no answer in time, or it is too long */
export type FetchService = (question: ServiceQuestion) => Promise<ServiceReply>;

const TIMEOUT_MS = 5000;
const MAX_BODY_BYTES = 262_144;
/** Endpoints that are tried. */
const MAX_ENDPOINTS = 3;

/**
 * TLS verifies the host of the URL by the authorities of the machine, unless the owner of the service says otherwise. Redirects are not
 * followed.
 */
export function serviceFetch(
  addressesOf: (host: string, port: number) => Promise<ServiceAddresses>,
  tlsOf: ServiceTlsOf,
): FetchService {
  return async (question) => {
    const tls = tlsOf(question.at?.tls);
    const url = new URL(question.url);
    const usual = url.protocol === 'https:' ? 443 : 80;
    const { host, port } = question.at ?? { host: url.hostname, port: url.port === '' ? usual : Number(url.port) };
    const { endpoints } = await addressesOf(host, port);
    const { retry } = question.at?.asking ?? {};
    for (let asked = 0; ; asked += 1) {
      const isLast = asked >= (retry?.times ?? 0);
      try {
        const reply = await askAny(endpoints.slice(0, MAX_ENDPOINTS), { url, tls }, question);
        if (isLast || retry?.statuses.includes(reply.status) !== true) return reply;
      } catch (error) {
        if (isLast) throw endpoints.length === 0 ? new Error(`no address of ${host}`) : error;
      }
      await setTimeout(Math.min((retry?.waitMs ?? 0) * 2 ** asked, retry?.maxWaitMs ?? 0));
    }
  };
}

/** The first of the endpoints that answers. */
async function askAny(
  endpoints: readonly ServiceAddress[],
  asked: Omit<Asked, 'endpoint'>,
  question: ServiceQuestion,
): Promise<ServiceReply> {
  let failure: unknown = new Error('no address');
  for (const endpoint of endpoints) {
    try {
      return await askEndpoint({ ...asked, endpoint }, question);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

interface Asked {
  readonly url: URL;
  readonly endpoint: ServiceAddress;
  readonly tls: ServiceTls | undefined;
}

function askEndpoint({ url, endpoint, tls }: Asked, question: ServiceQuestion): Promise<ServiceReply> {
  const { method = 'GET', headers = {}, body } = question;
  const asking = question.at?.asking ?? {};
  const name = url.hostname.replace(/^\[|\]$/g, '');
  const options = {
    host: endpoint.address.replace(/^\[|\]$/g, ''),
    port: endpoint.port,
    method,
    path: `${url.pathname}${url.search}`,
    headers: { accept: 'application/json', ...headers, host: url.host },
    agent: false,
    signal: AbortSignal.timeout(asking.timeoutMs ?? TIMEOUT_MS),
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ...(tls === undefined ? {} : connectionOptions(tls)),
  };
  // Never in the clear what its owner wants verified (GW-40).
  const isSecure = url.protocol === 'https:' || tls !== undefined;
  return new Promise((resolve, reject) => {
    const request = (isSecure ? requestHttps : requestHttp)(options, (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > MAX_BODY_BYTES) request.destroy(new Error(`an answer of more than ${MAX_BODY_BYTES} bytes`));
        else chunks.push(chunk);
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      );
      response.on('error', reject);
    });
    request.on('error', reject);
    if (asking.connectMs !== undefined) limitConnecting(request, asking.connectMs);
    request.end(body);
  });
}

function limitConnecting(request: ClientRequest, ms: number): void {
  const timer = globalThis.setTimeout(() => request.destroy(new Error(`no connection after ${ms} ms`)), ms);
  const end = (): void => clearTimeout(timer);
  request.on('socket', (socket) => socket.once('connect', end));
  request.on('close', end);
}
