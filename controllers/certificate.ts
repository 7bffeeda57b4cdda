import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import type { Snapshot } from '@causeway/resources/snapshot';
import { translateCertificate } from '@causeway/translate/gateway/certificate';
import { chooseCertificate, type ValidCertificate } from '@causeway/translate/gateway/certificate-choice';
import type { Demand } from './demand.ts';
import type { TranslationSink } from './sink.ts';

export interface CertificateControllerOptions {
  readonly snapshot: Snapshot;
  readonly demand: Demand;
  readonly sink: TranslationSink;
  readonly now: () => Date;
}

/**
 * Secret -> certificate; keys are ids, `namespace/secret`. What was shown last stays in use while its Secret is bad; it is not
 * remembered over a restart of the process.
 */
export function certificateController(options: CertificateControllerOptions): Reconcile<string> {
  const { snapshot, demand, sink, now } = options;
  const shown = new Map<string, ValidCertificate>();
  return async (id) => {
    const owner = `certificate/${id}`;
    if (!demand.has('certificate', id)) {
      shown.delete(id);
      sink.drop(owner);
      snapshot.forget(owner);
      return done;
    }
    const translation = translateCertificate(snapshot.view(owner), id);
    const { certificate, problems, recheckMs } = chooseCertificate(translation, shown.get(id), now().getTime());
    if (certificate === undefined) shown.delete(id);
    else shown.set(id, certificate);
    sink.put(owner, certificate === undefined ? [] : [certificate.fragment], problems);
    return recheckMs === undefined ? done : { requeueAfterMs: recheckMs };
  };
}
