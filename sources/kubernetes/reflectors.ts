import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import type { KindName } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { Logger } from 'pino';

export interface Reflectors {
  /** Resolves when every kind was listed once, or is known not to be served; stays pending while a kind cannot be read. */
  readonly synced: Promise<void>;
  /**
   * Greatest resource version seen: of one kind, or of all. `'0'` before the
   * first list. Exact only per kind, because kinds arrive on separate streams.
   */
  observedResourceVersion(kind?: KindName): string;
  stop(): Promise<void>;
}

/** Keeps `snapshot` equal to what the API server holds of every kind in KIND_REFS. */
export function startReflectors(client: KubernetesClient, snapshot: Snapshot, log: Logger): Reflectors {
  throw new Error(`not written yet ${String(client)} ${String(snapshot)} ${String(log)}`);
}
