import { setMaxListeners } from 'node:events';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { type Clock, systemClock } from '@causeway/protocols/kubernetes/clock';
import { type FactMap, KIND_NAMES, KIND_REFS, type KindName } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { Logger } from 'pino';
import { type GatedSink, gatedSink, type Prerequisites } from './prerequisites.ts';
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
  /** By kind, others that are read only while there are objects of it; these enter the snapshot when the others are complete. */
  readonly prerequisites?: KindPrerequisites;
  readonly clock?: Clock;
}

type KindPrerequisites = { readonly [K in KindName]?: readonly KindName[] };

/** Keeps `snapshot` equal to what the API server holds of some kinds. */
export function startReflectors(
  client: KubernetesClient,
  snapshot: Snapshot,
  log: Logger,
  { kinds = KIND_NAMES, prerequisites = {}, clock = systemClock }: ReflectorsOptions = {},
): Reflectors {
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // each kind has some
  const reflectors = new Map<KindName, Reflector>();
  const runs = new Set<Promise<void>>();
  const read = (name: KindName, sink: Sink, signal: AbortSignal): Reflector => {
    const reflector = new Reflector({ client, kind: KIND_REFS[name], sink, log, clock });
    reflectors.set(name, reflector);
    const run = reflector.run(signal).finally(() => runs.delete(run));
    runs.add(run);
    return reflector;
  };
  const readWhile = (others: readonly KindName[]): Prerequisites => {
    const own = new AbortController();
    setMaxListeners(0, own.signal);
    const end = (): void => own.abort();
    stop.signal.addEventListener('abort', end);
    const all = others.map((name) => read(name, until(own.signal, sinkOf(snapshot, name)), own.signal));
    return {
      synced: Promise.all(all.map((reflector) => reflector.synced)).then(() => undefined),
      stop: () => {
        stop.signal.removeEventListener('abort', end);
        end();
        for (const name of others) {
          reflectors.delete(name);
          snapshot.replace(name, []);
        }
      },
    };
  };
  const dependent = new Set(kinds.flatMap((name) => prerequisites[name] ?? []));
  const gates: GatedSink[] = [];
  const all = kinds
    .filter((name) => !dependent.has(name))
    .map((name) => {
      const others = prerequisites[name];
      if (others === undefined) return read(name, sinkOf(snapshot, name), stop.signal);
      const gate = gatedSink(sinkOf(snapshot, name), () => readWhile(others));
      gates.push(gate);
      return read(name, gate, stop.signal);
    });
  return {
    synced: Promise.all(all.map((reflector) => reflector.synced)).then(async () => {
      await Promise.all(gates.map((gate) => gate.settled()));
    }),
    observedResourceVersion: (kind) =>
      [...reflectors]
        .filter(([name]) => kind === undefined || name === kind)
        .map(([, reflector]) => reflector.observedResourceVersion)
        .reduce((a, b) => (compareResourceVersions(a, b) < 0 ? b : a), '0'),
    stop: async () => {
      stop.abort();
      await Promise.all(runs);
    },
  };
}

/** A reflector that was told to stop may have one more event in hand. */
function until(signal: AbortSignal, sink: Sink): Sink {
  return {
    put: (object) => {
      if (!signal.aborted) sink.put(object);
    },
    remove: (key) => {
      if (!signal.aborted) sink.remove(key);
    },
    replace: (objects) => {
      if (!signal.aborted) sink.replace(objects);
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
