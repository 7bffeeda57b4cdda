/** Ports as data-plane records, of HTTP and of layer 4. */

import assert from 'node:assert/strict';
import type { PortRecord, PortTls, StreamPortRecord, StreamTls } from '@causeway/dataplane/policy/record';
import type { FilterIR, ForwardIR, ListenerIR, ListenerTlsIR } from '@causeway/ir/gateway';
import { renderStreamTls } from './backend-hop.ts';
import { forwardGroup, type GroupSpec } from './group-record.ts';
import { renderPortTls } from './host-tls.ts';
import { isTls, portId } from './listener-port.ts';
import { renderAction } from './route-records.ts';

/** Of Linux, unless somebody changes net.ipv4.tcp_keepalive_time. */
const SYSTEM_KEEPALIVE_MS = 7_200_000;

export interface RenderedPort {
  readonly record: PortRecord;
  readonly fallbackFilters: readonly FilterIR[];
  readonly group?: GroupSpec;
  /** Further groups that the steps of its fallback name. */
  readonly stepGroups?: readonly GroupSpec[];
}

/**
 * The records of one port from all listeners on it (at least one). Where two listeners claim
 * the same thing, the first by id wins.
 *
 * @param hasCertificate whether a certificate is there; a missing one is skipped, the others work (ALB-108)
 */
export function renderPort(listeners: readonly ListenerIR[], hasCertificate: (id: string) => boolean): RenderedPort {
  const sorted = [...listeners].sort((a, b) => (a.id < b.id ? -1 : 1));
  const first = sorted[0];
  assert(first !== undefined, 'a port has a listener');
  const withFallback = sorted.find((listener) => listener.fallback !== undefined) ?? first;
  const { fallbackFilters = [] } = withFallback;
  const fallback = withFallback.fallback && renderAction(withFallback.fallback, fallbackFilters);
  const tls = sorted.flatMap((listener) => listener.tls ?? []);
  const record: PortRecord = {
    type: 'port',
    id: String(first.port),
    port: first.port,
    ...(fallback && { fallback: fallback.action }),
    name: withFallback.name,
    ...(isTls(first) && { tls: { ...renderTls(tls, hasCertificate), ...renderApart(sorted) } }),
  };
  return {
    record,
    fallbackFilters,
    ...(fallback?.group && { group: fallback.group }),
    ...(fallback?.stepGroups && { stepGroups: fallback.stepGroups }),
  };
}

export interface RenderedStreamPort {
  readonly record: StreamPortRecord;
  readonly group?: GroupSpec;
}

/** The record of a layer 4 port; of several listeners on it the first by id has it. */
export function renderStreamPort(listeners: readonly ListenerIR[]): RenderedStreamPort {
  const [first] = [...listeners].sort((a, b) => (a.id < b.id ? -1 : 1));
  assert(first !== undefined && (first.protocol === 'tcp' || first.protocol === 'udp'), 'a layer 4 listener');
  const { protocol, port, fallback, proxyProtocol, keepalive } = first;
  const id = portId(first);
  if (fallback?.type !== 'forward') {
    return { record: { type: 'streamPort', id, protocol, port, connectMs: 0, idleMs: 0, attempts: 0 } };
  }
  const { timeouts, retry } = fallback;
  const group = forwardGroup(fallback);
  return {
    group,
    record: {
      ...{ type: 'streamPort', id, protocol, port, group: group.id, connectMs: timeouts.connectMs },
      idleMs: Math.min(timeouts.readMs, timeouts.sendMs),
      attempts: retry.attempts,
      ...streamTlsOf(fallback),
      ...(proxyProtocol && { proxyProtocol }),
      ...(fallback.access && { access: fallback.access }),
      ...(fallback.mostConnections !== undefined && { mostSessions: fallback.mostConnections }),
      ...(fallback.closeDelayMs !== undefined && { closeDelayMs: fallback.closeDelayMs }),
      ...(keepalive?.tcp && { keepaliveMs: keepalive.tcp.idleMs ?? SYSTEM_KEEPALIVE_MS }),
    },
  };
}

/** All backends of a layer 4 route speak TLS in the same way, or none does. */
export function streamTlsOf({ backends }: ForwardIR): { readonly tls?: StreamTls } {
  const tls = backends.find(({ weight }) => weight > 0)?.tls;
  if (tls === undefined) return {};
  return { tls: renderStreamTls(tls) };
}

/** What comes first is looked at first: names, then longer endings. */
function renderApart(listeners: readonly ListenerIR[]): Pick<PortTls, 'apart'> {
  const hosts = listeners.flatMap(({ tls, hostnames }) => {
    if (tls?.apart === undefined) return [];
    return hostnames.length === 0 ? [''] : hostnames.map((host) => host.replace(/^\*/, ''));
  });
  const isName = (host: string) => host !== '' && !host.startsWith('.');
  const apart = [...new Set(hosts)].sort(
    (a, b) => Number(isName(b)) - Number(isName(a)) || b.length - a.length || (a < b ? -1 : 1),
  );
  return apart.length < 2 ? {} : { apart };
}

function renderTls(all: readonly ListenerTlsIR[], hasCertificate: (id: string) => boolean): PortTls {
  const forUnknown = all.flatMap((tls) => tls.unknownNameCertificate ?? []).find(hasCertificate);
  const fallback = all.flatMap((tls) => tls.defaultCertificate ?? []).find(hasCertificate) ?? forUnknown;
  return {
    ...(fallback !== undefined && { fallback }),
    ...(forUnknown !== undefined && { forUnknown }),
    ...(all.some(({ selfSigned }) => selfSigned === true) && { selfSigned: true }),
    ...renderPortTls(all.find(({ hostTls }) => hostTls !== undefined)?.hostTls),
  };
}
