/**
 * Backends whose certificates nginx cannot judge: it knows one name of a host, which it also asks for. The layer 4 process judges them, and shows nginx a certificate of
 * its own as soon as an endpoint has proved who it is (ADR 0022). The same way go connections that begin with a PROXY header, which nginx does not write (ADR 0027).
 */
import { hash } from 'node:crypto';
import { HOP_HOST, type HopEntry } from '@causeway/dataplane/policy/listen-file';
import type { GroupHop, StreamTls } from '@causeway/dataplane/policy/record';
import type { BackendIR, BackendProtocol, BackendTlsIR, ForwardIR } from '@causeway/ir/gateway';
import { PLACEHOLDER } from './placeholder.ts';
import { systemTrustPem } from './system-trust.ts';

interface Teller {
  readonly tellsClient?: ForwardIR['tellsClient'] | undefined;
}

/** Reports whether requests to a backend take the hop. */
export function takesHop({ protocol, tls }: Pick<BackendIR, 'protocol' | 'tls'>, { tellsClient }: Teller): boolean {
  return isOfHttp(protocol) && (tellsClient !== undefined || (tls?.names !== undefined && isSecure(protocol)));
}

/** What nginx speaks to the hop. */
export function towardsHop(protocol: BackendProtocol): 'https' | 'grpcs' {
  return protocol.startsWith('grpc') ? 'grpcs' : 'https';
}

function isOfHttp(protocol: BackendProtocol): boolean {
  return protocol !== 'tcp' && protocol !== 'udp';
}

function isSecure(protocol: BackendProtocol): boolean {
  return protocol === 'https' || protocol === 'grpcs';
}

/** @param backends of one class: requests to them are sent in the same way */
export function hopOf(backends: readonly BackendIR[], { tellsClient }: Teller): { readonly hop?: GroupHop } {
  const backend = backends.find(({ weight, target }) => weight > 0 && target.type === 'endpoints');
  if (backend === undefined || !takesHop(backend, { tellsClient })) return {};
  const { protocol, tls } = backend;
  return {
    hop: {
      ...(isSecure(protocol) ? { tls: tls === undefined ? { name: '' } : renderStreamTls(tls) } : {}),
      ...(tellsClient === undefined ? {} : { tellsClient }),
      ...(protocol.startsWith('grpc') ? { protocol: 'h2' as const } : {}),
    },
  };
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

/** How connections of the layer 4 process to a backend speak TLS. Who is not verified may be anybody, as with nginx. */
export function renderStreamTls(tls: BackendTlsIR): StreamTls {
  const { name, sendName, names, trustPem, trustsSystem, certificate } = tls;
  const isVerified = trustPem !== undefined || trustsSystem === true || names !== undefined;
  return {
    name: isVerified || sendName ? name : '',
    ...(names === undefined ? {} : { names }),
    ...(isVerified ? { trustPem: trustPem ?? systemTrustPem() } : {}),
    ...(certificate === undefined ? {} : { certificate }),
  };
}
