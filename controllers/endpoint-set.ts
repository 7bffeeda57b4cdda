import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import type { Snapshot } from '@causeway/resources/snapshot';
import { translateEndpointSet } from '@causeway/translate/gateway/endpoint-set';
import type { Demand } from './demand.ts';
import type { TranslationSink } from './sink.ts';

/** Service and EndpointSlices -> the addresses behind one port; keys are ids, `namespace/service:port`. */
export function endpointSetController(snapshot: Snapshot, demand: Demand, sink: TranslationSink): Reconcile<string> {
  return async (id) => {
    const owner = `endpointSet/${id}`;
    if (!demand.has('endpointSet', id)) {
      sink.drop(owner);
      snapshot.forget(owner);
      return done;
    }
    const { endpoints, problems } = translateEndpointSet(snapshot.view(owner), id);
    sink.put(owner, [endpoints], problems);
    return done;
  };
}
