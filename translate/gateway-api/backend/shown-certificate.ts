import type { SecretObjectReference } from '@causeway/apis/gateway-api/object-reference';
import { objectKeyText } from '@causeway/apis/meta/object';
import type { BackendTlsIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { keyPairOf } from '../../gateway/certificate.ts';
import { isGranted, type Referrer } from '../../gateway/reference.ts';

/** With its key. */
export type ShownCertificate = NonNullable<BackendTlsIR['certificate']>;

/** Why there is none. */
export interface CertificateRefusal {
  readonly reason: 'InvalidClientCertificateRef' | 'RefNotPermitted';
  readonly message: string;
}

export interface AskedCertificate {
  readonly ref: SecretObjectReference;
  readonly referrer: Referrer;
  /** Where it is named. */
  readonly field: string;
}

/** The certificate of a Secret, with its key, that is shown to backends. */
export function certificateOf(
  view: View,
  { ref, referrer, field }: AskedCertificate,
): ShownCertificate | { readonly refusal: CertificateRefusal } {
  const { group = '', kind = 'Secret', namespace = referrer.namespace, name } = ref;
  const id = objectKeyText({ namespace, name });
  const refuse = (reason: CertificateRefusal['reason'], text: string) => ({
    refusal: { reason, message: `${field}: ${text}` },
  });
  if (group !== '' || kind !== 'Secret') {
    const named = group === '' ? kind : `${group}/${kind}`;
    return refuse('InvalidClientCertificateRef', `${named} ${id}: only Secrets are read`);
  }
  if (!isGranted(view, referrer, { group, kind, namespace, name })) {
    return refuse('RefNotPermitted', `no ReferenceGrant in ${namespace} for Secret ${id}`);
  }
  const secret = view.get('Secret', { namespace, name });
  if (secret === undefined) return refuse('InvalidClientCertificateRef', `Secret ${id} not found`);
  const pair = keyPairOf(secret);
  return pair === undefined || pair === 'unusable'
    ? refuse('InvalidClientCertificateRef', `Secret ${id} has no certificate with its key in tls.crt and tls.key`)
    : pair;
}
