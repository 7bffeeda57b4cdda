/**
 * Backends whose certificates nginx cannot judge: it knows one name of a host, which it also asks for. The layer 4 process judges them, and shows nginx a certificate of
 * its own as soon as an endpoint has proved who it is (ADR 0022).
 */
import { hash } from 'node:crypto';
import { HOP_HOST, type HopEntry } from '@causeway/dataplane/policy/listen-file';
import type { GroupHop, StreamTls } from '@causeway/dataplane/policy/record';
import type { BackendIR, BackendTlsIR } from '@causeway/ir/gateway';
import { PLACEHOLDER } from './placeholder.ts';
import { systemTrustPem } from './system-trust.ts';

/** Reports whether requests to a backend take the hop. */
export function takesHop({ protocol, tls }: Pick<BackendIR, 'protocol' | 'tls'>): boolean {
  return tls?.names !== undefined && (protocol === 'https' || protocol === 'grpcs');
}

/** @param backends of one class: requests to them are sent in the same way */
export function hopOf(backends: readonly BackendIR[]): { readonly hop?: GroupHop } {
  const backend = backends.find(({ weight, target }) => weight > 0 && target.type === 'endpoints');
  if (backend?.tls === undefined || !takesHop(backend)) return {};
  return { hop: { tls: renderStreamTls(backend.tls), ...(backend.protocol === 'grpcs' ? { protocol: 'h2' } : {}) } };
}

/**
 * The server name by which nginx asks for a peer.
 *
 * @param peer `address:port`
 */
export function hopName(group: string, peer: string): string {
  return HOP_HOST.replace('*', hash('sha256', `${group} ${peer}`).slice(0, 32));
}

/** What the layer 4 process listens on, if any profile needs it. */
export function hopEntries(profiles: Iterable<{ readonly hop?: true }>): readonly HopEntry[] {
  for (const { hop } of profiles) if (hop === true) return [{ protocol: 'hop', ...PLACEHOLDER }];
  return [];
}

export function renderStreamTls({ name, names, trustPem, certificate }: BackendTlsIR): StreamTls {
  return {
    name,
    ...(names === undefined ? {} : { names }),
    trustPem: trustPem ?? systemTrustPem(),
    ...(certificate === undefined ? {} : { certificate }),
  };
}
