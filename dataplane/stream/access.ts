import type { StreamAccess } from '../policy/record.ts';
import { isInNetworks } from './networks.ts';

/** Reports whether a client may connect. @param peer of the connection, which may be a proxy. Source: GW-39. */
export function mayConnect(access: StreamAccess | undefined, client: string, peer: string): boolean {
  if (access === undefined) return true;
  const rule = access.rules.find(
    ({ clients, peers }) =>
      (clients === undefined || isInNetworks(client, clients)) && (peers === undefined || isInNetworks(peer, peers)),
  );
  return rule === undefined ? access.allowsOthers : rule.allows;
}
