import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import type { Snapshot } from '@causeway/resources/snapshot';
import { translateServerName } from '@causeway/translate/gateway/server-name';
import type { Demand } from './demand.ts';
import type { TranslationSink } from './sink.ts';

/** Does a Secret cover a host name -> problems only; keys are ids, `namespace/secret host`. */
export function serverNameController(snapshot: Snapshot, demand: Demand, sink: TranslationSink): Reconcile<string> {
  return async (id) => {
    const owner = `serverName/${id}`;
    if (!demand.has('serverName', id)) {
      sink.drop(owner);
      snapshot.forget(owner);
      return done;
    }
    sink.put(owner, [], translateServerName(snapshot.view(owner), id).problems);
    return done;
  };
}
