import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import type { Snapshot } from '@causeway/resources/snapshot';
import { translateCertificate } from '@causeway/translate/gateway/certificate';
import type { Demand } from './demand.ts';
import type { TranslationSink } from './sink.ts';

/** Secret -> certificate; keys are ids, `namespace/secret`. */
export function certificateController(snapshot: Snapshot, demand: Demand, sink: TranslationSink): Reconcile<string> {
  return async (id) => {
    const owner = `certificate/${id}`;
    if (!demand.has('certificate', id)) {
      sink.drop(owner);
      snapshot.forget(owner);
      return done;
    }
    const { certificate, problems } = translateCertificate(snapshot.view(owner), id);
    sink.put(owner, certificate === undefined ? [] : [certificate], problems);
    return done;
  };
}
