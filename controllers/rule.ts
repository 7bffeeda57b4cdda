import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import type { Snapshot } from '@causeway/resources/snapshot';
import { translateRule } from '@causeway/translate/gateway/rule';
import type { Demand } from './demand.ts';
import type { TranslationSink } from './sink.ts';

/** Rule -> route, or TLS connections that pass through. */
export function ruleController(snapshot: Snapshot, demand: Demand, sink: TranslationSink): Reconcile<ObjectKey> {
  return async (key) => {
    const owner = `rule/${objectKeyText(key)}`;
    const view = snapshot.view(owner);
    if (view.get('Rule', key) === undefined) {
      demand.set(owner, []);
      sink.drop(owner);
      snapshot.forget(owner);
      return done;
    }
    const { route, passthrough, needs, problems } = translateRule(view, key);
    demand.set(owner, needs);
    sink.put(owner, [route ?? [], passthrough ?? []].flat(), problems);
    return done;
  };
}
