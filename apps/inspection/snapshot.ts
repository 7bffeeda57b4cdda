import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { KIND_NAMES, KIND_REFS, type KindName } from '@causeway/resources/kinds';
import { Snapshot } from '@causeway/resources/snapshot';
import { startHostNames } from '@causeway/sources/dns/host-names';

/** Kinds that decide about requests; Secrets stay where they are. */
const KINDS_READ: readonly KindName[] = KIND_NAMES.filter((kind) => kind !== 'Secret');

/**
 * What the API has now, of every kind that translators read except Secrets, and DNS of the names of Services.
 *
 * @param dnsServers empty: those of this machine
 */
export async function readSnapshot(client: KubernetesClient, dnsServers: readonly string[] = []): Promise<Snapshot> {
  const snapshot = new Snapshot();
  const hostNames = startHostNames(snapshot, { servers: dnsServers });
  await Promise.all(
    KINDS_READ.map(async (kind) => {
      const { items } = await client.list(KIND_REFS[kind]);
      // The API server validated them against the schema of their kind.
      snapshot.replace(kind, items as never);
    }),
  );
  await hostNames.settled();
  hostNames.stop();
  return snapshot;
}
