import type { KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { Authorizer } from './access/authorizer.ts';
import type { Admit, ObjectReader } from './admission.ts';
import { collectionOf, type Registry } from './registry/registry.ts';
import type { StrategyContext } from './registry/strategy.ts';
import { type Entry, entryKey, objectOf } from './storage/entry.ts';
import type { Store } from './storage/store.ts';
import type { AdmissionWebhooks } from './webhook/admission-webhooks.ts';

/** What the verbs and the controllers inside the server work on. */
export interface Core {
  readonly store: Store;
  readonly registry: Registry;
  readonly authorizer: Authorizer;
  readonly admit: Admit | undefined;
  /** Of users; absent: there can be none. */
  readonly webhooks?: AdmissionWebhooks;
  /** Another program runs Pods, or says that nothing does. */
  readonly leavesWorkloads?: boolean;
  readonly log: Log;
  readonly now: () => Date;
}

/** The part of pino's logger that the server uses. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** @param options of the write */
export function strategyContext(
  core: Core,
  options: Pick<StrategyContext, 'identity'> & Partial<Pick<StrategyContext, 'subresource'>> = {},
): StrategyContext {
  const { leavesWorkloads = false, store } = core;
  const { identity, subresource = '' } = options;
  return {
    now: core.now(),
    leavesWorkloads,
    subresource,
    ...(identity === undefined ? {} : { identity }),
    collection: (group, plural) => collectionOf(store, group, plural),
  };
}

type ValuesOf = (object: KubernetesObject) => readonly string[];

/** By index. An entry never changes, and goes with its last reference. */
const knownValues = new WeakMap<ValuesOf, WeakMap<Entry, readonly string[]>>();

function valuesOfEntry(entry: Entry, valuesOf: ValuesOf): readonly string[] {
  let known = knownValues.get(valuesOf);
  if (known === undefined) {
    known = new WeakMap();
    knownValues.set(valuesOf, known);
  }
  let values = known.get(entry);
  if (values === undefined) {
    values = readableValues(valuesOf, entry);
    known.set(entry, values);
  }
  return values;
}

/** A stored object without the shape of its schema is found by nothing. */
function readableValues(valuesOf: ValuesOf, entry: Entry): readonly string[] {
  try {
    return valuesOf(objectOf(entry));
  } catch (error) {
    if (error instanceof TypeError) return [];
    throw error;
  }
}

/** The head of the store, as admission reads it. */
export function objectReader(store: Store): ObjectReader {
  return {
    get(kind: KindRef, { namespace, name }): KubernetesObject | undefined {
      const entry = collectionOf(store, kind.group, kind.plural).head(entryKey(namespace, name));
      return entry === undefined ? undefined : objectOf(entry);
    },
    list(kind: KindRef, namespace = ''): readonly KubernetesObject[] {
      return collectionOf(store, kind.group, kind.plural).headRange(namespace).map(objectOf);
    },
    find(kind: KindRef, valuesOf, value): readonly KubernetesObject[] {
      return collectionOf(store, kind.group, kind.plural)
        .headRange('')
        .filter((entry) => valuesOfEntry(entry, valuesOf).includes(value))
        .map(objectOf);
    },
  };
}
