import { setMaxListeners } from 'node:events';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { type Clock, systemClock } from '@causeway/protocols/kubernetes/clock';
import { type FactMap, KIND_NAMES, KIND_REFS, type KindName } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { Logger } from 'pino';
import { Reflector, type Sink } from './reflector.ts';
import { compareResourceVersions } from './resource-version.ts';

export interface Reflectors {
  /** Resolves when every kind was listed once, or is known not to be served; stays pending while a kind cannot be read. */
  readonly synced: Promise<void>;
  /**
   * Greatest resource version whose effect is in the snapshot: of one kind, or
   * of all. `'0'` before the first list. Kinds arrive on separate streams, so
   * only the answer for one kind says that everything before it was seen too.
   */
  observedResourceVersion(kind?: KindName): string;
  stop(): Promise<void>;
}

export interface ReflectorsOptions {
  /** What is read; every kind by default. The snapshot has none of the others. */
  readonly kinds?: readonly KindName[];
  readonly clock?: Clock;
}

/** Keeps `snapshot` equal to what the API server holds of some kinds. */
export function startReflectors(
  client: KubernetesClient,
  snapshot: Snapshot,
  log: Logger,
  { kinds = KIND_NAMES, clock = systemClock }: ReflectorsOptions = {},
): Reflectors {
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // each kind has some
  const reflectors = new Map<KindName, Reflector>();
  for (const name of kinds) {
    const kind = KIND_REFS[name];
    reflectors.set(name, new Reflector({ client, kind, sink: sinkOf(snapshot, name), log, clock }));
  }
  const all = [...reflectors.values()];
  const runs = Promise.all(all.map((reflector) => reflector.run(stop.signal)));
  return {
    synced: Promise.all(all.map((reflector) => reflector.synced)).then(() => undefined),
    observedResourceVersion: (kind) =>
      all
        .filter((reflector) => kind === undefined || reflector === reflectors.get(kind))
        .map((reflector) => reflector.observedResourceVersion)
        .reduce((a, b) => (compareResourceVersions(a, b) < 0 ? b : a), '0'),
    stop: async () => {
      stop.abort();
      await runs;
    },
  };
}

/** What the API server sends is of the kind it was asked for; its content was checked against the kind's schema there. */
function sinkOf<K extends KindName>(snapshot: Snapshot, kind: K): Sink {
  const typed = (object: KubernetesObject) => object as unknown as FactMap[K];
  return {
    put: (object) => snapshot.put(kind, typed(object)),
    remove: (key) => snapshot.remove(kind, key),
    replace: (objects) => snapshot.replace(kind, objects.map(typed)),
  };
}
