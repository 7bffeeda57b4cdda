import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { KIND_NAMES, KIND_REFS, type KindName } from '@causeway/resources/kinds';
import { Snapshot } from '@causeway/resources/snapshot';

/** Kinds that decide about requests; Secrets stay where they are. */
const KINDS_READ: readonly KindName[] = KIND_NAMES.filter((kind) => kind !== 'Secret');

/** What the API has now, of every kind that translators read except Secrets. */
export async function readSnapshot(client: KubernetesClient): Promise<Snapshot> {
  const snapshot = new Snapshot();
  await Promise.all(
    KINDS_READ.map(async (kind) => {
      const { items } = await client.list(KIND_REFS[kind]);
      // The API server validated them against the schema of their kind.
      snapshot.replace(kind, items as never);
    }),
  );
  return snapshot;
}
