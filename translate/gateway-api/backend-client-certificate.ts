import { GATEWAY_GROUP } from '@causeway/apis/gateway-api/bundle';
import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { BackendIR, BackendTlsIR, RouteActionIR } from '@causeway/ir/gateway';
import type { Gateway } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { keyPairOf } from '../gateway/certificate.ts';
import { isGranted } from '../gateway/reference.ts';

type KeyPair = NonNullable<BackendTlsIR['certificate']>;

/** Why a Gateway has no certificate to show. */
export interface ClientCertificateRefusal {
  readonly reason: 'InvalidClientCertificateRef' | 'RefNotPermitted';
  readonly message: string;
}

/**
 * What a Gateway shows to backends that ask for a certificate. Undefined: it says nothing of it.
 *
 * Source: Gateway API v1, GatewayBackendTLS.
 */
export function clientCertificateOf(
  view: View,
  gateway: Gateway,
): KeyPair | { readonly refusal: ClientCertificateRefusal } | undefined {
  const ref = gateway.spec.tls?.backend?.clientCertificateRef;
  if (ref === undefined) return undefined;
  const own = keyOf(gateway).namespace;
  const { group = '', kind = 'Secret', namespace = own, name } = ref;
  const id = objectKeyText({ namespace, name });
  const refuse = (reason: ClientCertificateRefusal['reason'], text: string) => ({
    refusal: { reason, message: `spec.tls.backend.clientCertificateRef: ${text}; backends are shown none` },
  });
  if (group !== '' || kind !== 'Secret') {
    const named = group === '' ? kind : `${group}/${kind}`;
    return refuse('InvalidClientCertificateRef', `${named} ${id}: only Secrets are read`);
  }
  if (!isGranted(view, { group: GATEWAY_GROUP, kind: 'Gateway', namespace: own }, { group, kind, namespace, name })) {
    return refuse('RefNotPermitted', `no ReferenceGrant in ${namespace} for Secret ${id}`);
  }
  const secret = view.get('Secret', { namespace, name });
  if (secret === undefined) return refuse('InvalidClientCertificateRef', `Secret ${id} not found`);
  const pair = keyPairOf(secret);
  return pair === undefined || pair === 'unusable'
    ? refuse('InvalidClientCertificateRef', `Secret ${id} has no certificate with its key in tls.crt and tls.key`)
    : pair;
}

/** What becomes of an action where its Gateway has a certificate for backends that speak TLS. */
export function withClientCertificate<Action extends RouteActionIR>(
  view: View,
  gateway: Gateway,
  action: Action,
): Action {
  if (gateway.spec.tls?.backend?.clientCertificateRef === undefined) return action;
  if (action.type !== 'forward' || !action.backends.some(speaksTls)) return action;
  const certificate = clientCertificateOf(view, gateway);
  if (certificate === undefined || 'refusal' in certificate) return action;
  const backends = action.backends.map((backend) =>
    speaksTls(backend) ? { ...backend, tls: { ...(backend.tls ?? UNVERIFIED), certificate } } : backend,
  );
  return { ...action, backends };
}

/** Of a Service that says by its `appProtocol` alone that it speaks TLS. */
const UNVERIFIED: BackendTlsIR = { name: '', sendName: false };

function speaksTls({ protocol, tls, target }: BackendIR): boolean {
  return target.type === 'endpoints' && (protocol === 'https' || protocol === 'grpcs' || tls !== undefined);
}
