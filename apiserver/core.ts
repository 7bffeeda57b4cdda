import type { KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { Authorizer } from './access/authorizer.ts';
import type { Admit, ObjectReader } from './admission.ts';
import { collectionOf, type Registry } from './registry/registry.ts';
import type { StrategyContext } from './registry/strategy.ts';
import { entryKey, objectOf } from './storage/entry.ts';
import type { Store } from './storage/store.ts';

/** What the verbs and the controllers inside the server work on. */
export interface Core {
  readonly store: Store;
  readonly registry: Registry;
  readonly authorizer: Authorizer;
  readonly admit: Admit | undefined;
  readonly log: Log;
  readonly now: () => Date;
}

/** The part of pino's logger that the server uses. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export function strategyContext(core: Core): StrategyContext {
  return { now: core.now(), collection: (group, plural) => collectionOf(core.store, group, plural) };
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
  };
}
