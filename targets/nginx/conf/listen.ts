/** What the servers of nginx.conf listen on, and how they keep the connections of clients. */
import assert from 'node:assert/strict';
import { isIPv4, isIPv6 } from 'node:net';
import type {
  ClientKeepaliveIR,
  ClientLimitsIR,
  InstanceIR,
  ListenerProtocol,
  ServerNameIR,
  TlsCurveIR,
  TlsProtocolIR,
  TlsSignatureIR,
} from '@causeway/ir/gateway';
import { isTls } from '../listener-port.ts';
import { onOff, optional, time, whole } from './directive.ts';

export interface ServedPort {
  readonly port: number;
  readonly protocol: ListenerProtocol;
  /** Without brackets; at least one. */
  readonly addresses: readonly string[];
  readonly keepalive?: ClientKeepaliveIR;
  /** Every connection begins with a header of the PROXY protocol, whose address counts if the peer is a trusted proxy. */
  readonly proxyProtocol?: true;
  /** Its address counts whoever the peer is. */
  readonly believesEverybody?: true;
  /** Connections without that header are served, too: all of them are handed over (passthrough.ts). */
  readonly optionalHeader?: true;
  readonly limits?: ClientLimitsIR;
  /** Of a port with TLS; absent: 1.2 and 1.3. Not empty. */
  readonly tlsProtocols?: readonly TlsProtocolIR[];
  /** Absent: those of the data plane. */
  readonly tlsCurves?: readonly TlsCurveIR[];
  /** Absent: those of OpenSSL. */
  readonly tlsSignatures?: readonly TlsSignatureIR[];
  /** Of a port with TLS: HTTP/2 is not offered. */
  readonly withoutHttp2?: true;
  /** Clients may speak HTTP/2 without TLS; only with protocol http (cleartext-http2.ts). */
  readonly cleartextHttp2?: true;
  /**
   * Server names whose TLS connections may be handed over to be passed on as they are (passthrough.ts). Without names the port takes
   * its connections itself, but those that are under way elsewhere still reach it.
   */
  readonly handover?: { readonly names: readonly ServerNameIR[] };
}

/** The addresses and ports in an nginx.conf of ours. */
export function listensOf(conf: string): { address: string; port: number }[] {
  const listens: { address: string; port: number }[] = [];
  for (const [, bracketed, plain, port] of conf.matchAll(/^ *listen (?:\[([^\]]+)\]|([\d.]+)):(\d+) /gm)) {
    listens.push({ address: bracketed ?? plain ?? '', port: Number(port) });
  }
  return listens;
}

export function listenLine(address: string, served: ServedPort, instance: InstanceIR): string {
  const { port, protocol } = served;
  assert(isIPv4(address) || isIPv6(address), `address ${address}`);
  assert(Number.isInteger(instance.backlog) && instance.backlog > 0, `backlog ${instance.backlog}`);
  const host = isIPv6(address) ? `[${address}]` : address;
  const http2 = protocol === 'grpc' || protocol === 'grpcs' || (protocol === 'https' && offersHttp2(served, instance));
  const flags = [
    ...(isTls({ protocol }) ? ['ssl'] : []),
    ...(http2 ? ['http2'] : []),
    'default_server',
    ...(served.proxyProtocol === true ? ['proxy_protocol'] : []),
    `backlog=${instance.backlog}`,
    ...keepaliveFlags(served.keepalive?.tcp),
    'reuseport',
  ];
  return `listen ${host}:${port} ${flags.join(' ')};`;
}

/** Of a port with TLS and protocol https. */
export function offersHttp2({ withoutHttp2 }: ServedPort, { http2 }: InstanceIR): boolean {
  return http2 && withoutHttp2 !== true;
}

/** Every address; what the PROXY protocol says of any peer is believed. */
export const EVERYBODY = ['0.0.0.0/0', '::/0'] as const;

/** ALB-105; absent fields are the system's. */
export function keepaliveFlags(tcp: ClientKeepaliveIR['tcp']): readonly string[] {
  if (tcp === undefined) return [];
  const { idleMs, intervalMs, probes } = tcp;
  const values = [idleMs, intervalMs].map((ms) => (ms === undefined ? '' : `${whole(Math.round(ms / 1000))}s`));
  const text = `${values.join(':')}:${probes === undefined ? '' : whole(probes)}`;
  return [`so_keepalive=${text === '::' ? 'on' : text}`];
}

/** Where the port differs from the others. */
export function clientConnectionLines(
  { keepalive, proxyProtocol, believesEverybody, limits = {} }: ServedPort,
  { trustedProxies, clientFromHeader }: InstanceIR,
): string {
  const http = keepalive?.http;
  const lines = [
    ...(http === undefined
      ? []
      : [
          `keepalive_timeout ${[http.timeoutMs, ...(http.headerMs === undefined ? [] : [http.headerMs])].map(time).join(' ')};`,
          `keepalive_requests ${whole(http.requests)};`,
        ]),
    ...(believesEverybody === true ? EVERYBODY.map((network) => `set_real_ip_from ${network};`) : []),
    ...(proxyProtocol === true && (believesEverybody === true || trustedProxies.length > 0)
      ? ['real_ip_header proxy_protocol;']
      : []),
    ...limitLines(limits),
    ...(clientFromHeader === true ? ['set $causeway_told_client "";'] : []),
  ];
  return lines.map((line) => `\n${line}`).join('');
}

/** Later than the answer 408 (dataplane/http/request-deadline.ts), which nginx does not give. */
function bodyTimeout({ requestMs, streamIdleMs }: ClientLimitsIR): number | undefined {
  if (requestMs === undefined) return streamIdleMs;
  return Math.min(requestMs + AFTER_ANSWER_MS, streamIdleMs ?? Number.POSITIVE_INFINITY);
}

const AFTER_ANSWER_MS = 1000;

function limitLines(limits: ClientLimitsIR): readonly string[] {
  return [
    ...optional(limits.requestMs, (ms) => `client_header_timeout ${time(ms)};`),
    ...optional(bodyTimeout(limits), (ms) => `client_body_timeout ${time(ms)};`),
    ...optional(limits.http2Streams, (count) => `http2_max_concurrent_streams ${whole(count)};`),
    ...optional(limits.connectionMs, (ms) => `keepalive_time ${time(ms)};`),
    ...optional(limits.underscoresInHeaders, (on) => `underscores_in_headers ${onOff(on)};`),
    ...optional(limits.streamIdleMs, (ms) => `send_timeout ${time(ms)};`),
    ...optional(limits.mergesSlashes, (on) => `merge_slashes ${onOff(on)};`),
    ...optional(limits.bodyBufferBytes, (bytes) => `client_body_buffer_size ${whole(bytes)};`),
    ...optional(limits.http2WindowBytes, (bytes) => `http2_body_preread_size ${whole(bytes)};`),
  ];
}
