/** How the port of a listener is named and served. */
import type { ListenerIR } from '@causeway/ir/gateway';

/** Layer 4: forwarded by a process beside nginx. */
export function isStream(listener: { readonly protocol: ListenerIR['protocol'] }): boolean {
  return listener.protocol === 'tcp' || listener.protocol === 'udp';
}

/** Id of the record of a listener's port: `80`, on layer 4 `tcp:81`. */
export function portId(listener: ListenerIR): string {
  return isStream(listener) ? `${listener.protocol}:${listener.port}` : String(listener.port);
}

export function isTls(listener: { readonly protocol: ListenerIR['protocol'] }): boolean {
  return listener.protocol === 'https' || listener.protocol === 'grpcs';
}
