import { type KubernetesObject, keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { Sink } from './reflector.ts';

/** Kinds that are being read because of objects of another kind. */
export interface Prerequisites {
  /** Resolves when each of them was listed. */
  readonly synced: Promise<void>;
  /** They are read no more, and nothing of them is kept. */
  stop(): void;
}

export interface GatedSink extends Sink {
  /** Resolves when all that was put so far is where it shall be. */
  settled(): Promise<void>;
}

/**
 * Holds objects back that mean nothing without those of other kinds: the first one begins the reading of these, and goes on when they are
 * complete, so that nobody sees it with half of what it needs; with the last one their reading ends.
 *
 * @param sink where the objects go
 * @param begin starts reading the other kinds
 */
export function gatedSink(sink: Sink, begin: () => Prerequisites): GatedSink {
  const held = new Map<string, KubernetesObject>();
  let others: Prerequisites | undefined;
  let isOpen = false;
  const follow = (): void => {
    if (held.size === 0) {
      others?.stop();
      others = undefined;
      isOpen = false;
    } else if (others === undefined) {
      const begun = begin();
      others = begun;
      void begun.synced.then(() => {
        if (others !== begun) return;
        isOpen = true;
        sink.replace([...held.values()]);
      });
    }
  };
  return {
    put: (object) => {
      held.set(objectKeyText(keyOf(object)), object);
      if (isOpen) sink.put(object);
      else follow();
    },
    remove: (key: ObjectKey) => {
      held.delete(objectKeyText(key));
      sink.remove(key);
      follow();
    },
    replace: (objects) => {
      held.clear();
      for (const object of objects) held.set(objectKeyText(keyOf(object)), object);
      if (isOpen || held.size === 0) sink.replace(objects);
      follow();
    },
    settled: async () => {
      await others?.synced;
    },
  };
}
