/** What the servers of nginx.conf listen on, and how they keep the connections of clients. */
import assert from 'node:assert/strict';
import { isIPv4, isIPv6 } from 'node:net';
import type { ClientKeepaliveIR, InstanceIR, ListenerProtocol, ServerNameIR } from '@causeway/ir/gateway';
import { isTls } from '../records.ts';
import { time, whole } from './directive.ts';

export interface ServedPort {
  readonly port: number;
  readonly protocol: ListenerProtocol;
  /** Without brackets; at least one. */
  readonly addresses: readonly string[];
  readonly keepalive?: ClientKeepaliveIR;
  /** Every connection begins with a header of the PROXY protocol, whose address counts if the peer is a trusted proxy. */
  readonly proxyProtocol?: true;
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
  const http2 = protocol === 'grpc' || protocol === 'grpcs' || (protocol === 'https' && instance.http2);
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
  { keepalive, proxyProtocol }: ServedPort,
  { trustedProxies }: InstanceIR,
): string {
  const http = keepalive?.http;
  const lines = [
    ...(http === undefined
      ? []
      : [
          `keepalive_timeout ${[http.timeoutMs, ...(http.headerMs === undefined ? [] : [http.headerMs])].map(time).join(' ')};`,
          `keepalive_requests ${whole(http.requests)};`,
        ]),
    ...(proxyProtocol === true && trustedProxies.length > 0 ? ['real_ip_header proxy_protocol;'] : []),
  ];
  return lines.map((line) => `\n${line}`).join('');
}
