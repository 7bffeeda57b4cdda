import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import type { Snapshot } from '@causeway/resources/snapshot';
import { translatePlace } from '@causeway/translate/gateway/place';
import type { TranslationSink } from './sink.ts';

/** Node -> where the data planes of this machine are; the key is its name. */
export function placeController(snapshot: Snapshot, sink: TranslationSink): Reconcile<string> {
  return async (node) => {
    const owner = `place/${node}`;
    sink.put(owner, [translatePlace(snapshot.view(owner), node)], []);
    return done;
  };
}
