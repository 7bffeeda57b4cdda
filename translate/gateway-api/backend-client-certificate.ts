import { ENVOY_GATEWAY_GROUP } from '@causeway/apis/envoy-gateway/bundle';
import { GATEWAY_GROUP } from '@causeway/apis/gateway-api/bundle';
import type { SecretObjectReference } from '@causeway/apis/gateway-api/object-reference';
import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { BackendIR, BackendTlsIR, RouteActionIR } from '@causeway/ir/gateway';
import type { Gateway } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { keyPairOf } from '../gateway/certificate.ts';
import { isGranted, type Referrer } from '../gateway/reference.ts';
import { parametersOf } from './envoy-proxy.ts';

type KeyPair = NonNullable<BackendTlsIR['certificate']>;

/** Why a Gateway has no certificate to show. */
export interface ClientCertificateRefusal {
  readonly reason: 'InvalidClientCertificateRef' | 'RefNotPermitted';
  readonly message: string;
}

/**
 * What a Gateway shows to backends that ask for a certificate, as it says itself, or else its parameters. Undefined: nothing is said of it.
 *
 * Source: Gateway API v1, GatewayBackendTLS; Envoy Gateway v1.7, BackendTLSConfig.
 */
export function clientCertificateOf(
  view: View,
  gateway: Gateway,
): KeyPair | { readonly refusal: ClientCertificateRefusal } | undefined {
  const asked = askedOf(view, gateway);
  if (asked === undefined) return undefined;
  const { ref, referrer, field } = asked;
  const { group = '', kind = 'Secret', namespace = referrer.namespace, name } = ref;
  const id = objectKeyText({ namespace, name });
  const refuse = (reason: ClientCertificateRefusal['reason'], text: string) => ({
    refusal: { reason, message: `${field}: ${text}; backends are shown none` },
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

interface AskedCertificate {
  readonly ref: SecretObjectReference;
  readonly referrer: Referrer;
  readonly field: string;
}

function askedOf(view: View, gateway: Gateway): AskedCertificate | undefined {
  const own = gateway.spec.tls?.backend?.clientCertificateRef;
  if (own !== undefined) {
    const referrer = { group: GATEWAY_GROUP, kind: 'Gateway', namespace: keyOf(gateway).namespace };
    return { ref: own, referrer, field: 'spec.tls.backend.clientCertificateRef' };
  }
  const parameters = parametersOf(view, gateway);
  const ref = typeof parameters === 'object' ? parameters.backendTls?.certificateRef : undefined;
  if (typeof parameters !== 'object' || ref === undefined) return undefined;
  const { key, name } = parameters;
  const referrer = { group: ENVOY_GATEWAY_GROUP, kind: 'EnvoyProxy', namespace: key.namespace };
  return { ref, referrer, field: `${name}: spec.backendTLS.clientCertificateRef` };
}

/** What becomes of an action where its Gateway says how TLS is spoken to backends: a certificate, versions, ciphers. */
export function withClientCertificate<Action extends RouteActionIR>(
  view: View,
  gateway: Gateway,
  action: Action,
): Action {
  if (action.type !== 'forward' || !action.backends.some(speaksTls)) return action;
  const parameters = parametersOf(view, gateway);
  const { certificateRef: _, ...versions } = typeof parameters === 'object' ? (parameters.backendTls ?? {}) : {};
  const certificate = clientCertificateOf(view, gateway);
  const said = {
    ...versions,
    ...(certificate === undefined || 'refusal' in certificate ? {} : { certificate }),
  };
  if (Object.keys(said).length === 0) return action;
  const backends = action.backends.map((backend) =>
    speaksTls(backend) ? { ...backend, tls: { ...(backend.tls ?? UNVERIFIED), ...said } } : backend,
  );
  return { ...action, backends };
}

/** Of a Service that says by its `appProtocol` alone that it speaks TLS. */
const UNVERIFIED: BackendTlsIR = { name: '', sendName: false };

function speaksTls({ protocol, tls, target }: BackendIR): boolean {
  return target.type === 'endpoints' && (protocol === 'https' || protocol === 'grpcs' || tls !== undefined);
}
