import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import type { Snapshot } from '@causeway/resources/snapshot';
import { translateInstance } from '@causeway/translate/gateway/instance';
import { partsOfAlb } from '@causeway/translate/gateway-api/plane/alb-plane';
import type { TranslationSink } from './sink.ts';

/** ALB2 -> the data plane that is made for it, and serves Gateways too. */
export function instanceController(snapshot: Snapshot, sink: TranslationSink): Reconcile<ObjectKey> {
  return async (key) => {
    const owner = `instance/${objectKeyText(key)}`;
    const view = snapshot.view(owner);
    if (view.get('ALB2', key) === undefined) {
      sink.drop(owner);
      snapshot.forget(owner);
      return done;
    }
    const { instance, problems } = translateInstance(view, key);
    const parts = instance && partsOfAlb(view, key);
    sink.put(owner, instance === undefined ? [] : [{ ...instance, ...(parts && { parts }) }], problems);
    return done;
  };
}
