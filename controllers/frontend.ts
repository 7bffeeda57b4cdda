import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import type { Snapshot } from '@causeway/resources/snapshot';
import { translateFrontend } from '@causeway/translate/gateway/frontend';
import type { Demand } from './demand.ts';
import type { TranslationSink } from './sink.ts';

/** Frontend -> listener. */
export function frontendController(snapshot: Snapshot, demand: Demand, sink: TranslationSink): Reconcile<ObjectKey> {
  return async (key) => {
    const owner = `frontend/${objectKeyText(key)}`;
    const view = snapshot.view(owner);
    if (view.get('Frontend', key) === undefined) {
      demand.set(owner, []);
      sink.drop(owner);
      snapshot.forget(owner);
      return done;
    }
    const { listener, needs, problems } = translateFrontend(view, key);
    demand.set(owner, needs);
    sink.put(owner, listener === undefined ? [] : [listener], problems);
    return done;
  };
}
