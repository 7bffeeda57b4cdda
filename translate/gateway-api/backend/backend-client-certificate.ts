import { ENVOY_GATEWAY_GROUP } from '@causeway/apis/envoy-gateway/bundle';
import { GATEWAY_GROUP } from '@causeway/apis/gateway-api/bundle';
import { keyOf } from '@causeway/apis/meta/object';
import type { BackendIR, BackendTlsIR, RouteActionIR } from '@causeway/ir/gateway';
import type { Gateway } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { parametersOf } from '../proxy/envoy-proxy.ts';
import {
  type AskedCertificate,
  type CertificateRefusal,
  certificateOf,
  type ShownCertificate,
} from './shown-certificate.ts';

/**
 * What a Gateway shows to backends that ask for a certificate, as it says itself, or else its parameters. Undefined: nothing is said of it.
 *
 * Source: Gateway API v1, GatewayBackendTLS; Envoy Gateway v1.7, BackendTLSConfig.
 */
export function clientCertificateOf(
  view: View,
  gateway: Gateway,
): ShownCertificate | { readonly refusal: CertificateRefusal } | undefined {
  const asked = askedOf(view, gateway);
  if (asked === undefined) return undefined;
  const found = certificateOf(view, asked);
  return 'refusal' in found
    ? { refusal: { ...found.refusal, message: `${found.refusal.message}; backends are shown none` } }
    : found;
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
    // What a Backend says of itself comes first.
    speaksTls(backend) ? { ...backend, tls: { ...UNVERIFIED, ...said, ...backend.tls } } : backend,
  );
  return { ...action, backends };
}

/** Of a Service that says by its `appProtocol` alone that it speaks TLS. */
const UNVERIFIED: BackendTlsIR = { name: '', sendName: false };

function speaksTls({ protocol, tls, target }: BackendIR): boolean {
  return target.type === 'endpoints' && (protocol === 'https' || protocol === 'grpcs' || tls !== undefined);
}
