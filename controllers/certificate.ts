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
  /** Outlives the process; absent: certificates of bad Secrets are forgotten with it. */
  readonly kept?: KeptCertificates;
}

/** Certificates that are shown although their Secrets have become bad, by id. */
export interface KeptCertificates {
  get(id: string): ValidCertificate | undefined;
  /** @param certificate undefined: the Secret is good again, or gone */
  set(id: string, certificate: ValidCertificate | undefined): void;
}

/**
 * Secret -> certificate; keys are ids, `namespace/secret`. What was shown last stays in use while its Secret is bad.
 */
export function certificateController(options: CertificateControllerOptions): Reconcile<string> {
  const { snapshot, demand, sink, now, kept } = options;
  const shown = new Map<string, ValidCertificate>();
  return async (id) => {
    const owner = `certificate/${id}`;
    if (!demand.has('certificate', id)) {
      shown.delete(id);
      kept?.set(id, undefined);
      sink.drop(owner);
      snapshot.forget(owner);
      return done;
    }
    const translation = translateCertificate(snapshot.view(owner), id);
    const { certificate, problems, recheckMs } = chooseCertificate(
      translation,
      shown.get(id) ?? kept?.get(id),
      now().getTime(),
    );
    if (certificate === undefined) shown.delete(id);
    else shown.set(id, certificate);
    kept?.set(id, certificate === translation.certificate ? undefined : certificate);
    sink.put(owner, certificate === undefined ? [] : [certificate.fragment], problems);
    return recheckMs === undefined ? done : { requeueAfterMs: recheckMs };
  };
}
