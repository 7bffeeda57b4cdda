import { parseObjectKey } from '@causeway/apis/meta/object';
import { ApiError } from '@causeway/protocols/kubernetes/api-error';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { KIND_NAMES, KIND_REFS, type KindName } from '@causeway/resources/kinds';
import { Snapshot } from '@causeway/resources/snapshot';
import { startHostNames } from '@causeway/sources/dns/host-names';

/** Kinds that decide about requests; Secrets stay where they are. */
const KINDS_READ: readonly KindName[] = KIND_NAMES.filter((kind) => kind !== 'Secret');
/** What makes no difference but to which endpoints come first: not everybody may read it. */
const KINDS_READ_IF_ALLOWED: readonly KindName[] = ['Node'];

/**
 * What the API has now, of every kind that translators read except Secrets, and DNS of the names of Services.
 *
 * @param dnsServers empty: those of this machine
 */
export async function readSnapshot(client: KubernetesClient, dnsServers: readonly string[] = []): Promise<Snapshot> {
  const snapshot = new Snapshot();
  const hostNames = startHostNames(snapshot, { servers: dnsServers });
  await Promise.all(
    [...KINDS_READ, ...KINDS_READ_IF_ALLOWED].map(async (kind) => {
      const { items } = await client.list(KIND_REFS[kind]).catch((error: unknown) => {
        const mayBeLeftOut = KINDS_READ_IF_ALLOWED.includes(kind) && error instanceof ApiError && error.code === 403;
        if (!mayBeLeftOut) throw error;
        return { items: [] };
      });
      // The API server validated them against the schema of their kind.
      snapshot.replace(kind, items as never);
    }),
  );
  await hostNames.settled();
  hostNames.stop();
  return snapshot;
}

/**
 * Adds Secrets, only those named.
 *
 * @param ids `namespace/name`; one that does not exist stays absent
 */
export async function addSecrets(snapshot: Snapshot, client: KubernetesClient, ids: readonly string[]): Promise<void> {
  const secrets = await Promise.all(ids.map((id) => client.get(KIND_REFS.Secret, parseObjectKey(id))));
  for (const secret of secrets) if (secret !== undefined) snapshot.put('Secret', secret as never);
}

/**
 * Whether there are Secrets, as far as the user may know; what is in them stays where it is.
 *
 * @returns by `namespace/name`
 */
export async function secretStates(
  client: KubernetesClient,
  ids: readonly string[],
): Promise<ReadonlyMap<string, 'present' | 'missing' | 'unknown'>> {
  const states = ids.map(async (id) => {
    try {
      const found = await client.get(KIND_REFS.Secret, parseObjectKey(id));
      return [id, found === undefined ? 'missing' : 'present'] as const;
    } catch (error) {
      if (error instanceof ApiError && error.code === 403) return [id, 'unknown'] as const;
      throw error;
    }
  });
  return new Map(await Promise.all(states));
}
