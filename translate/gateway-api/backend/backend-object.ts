import type { BackendEndpoint, BackendTls } from '@causeway/apis/envoy-gateway/backend';
import { ENVOY_GATEWAY_GROUP } from '@causeway/apis/envoy-gateway/bundle';
import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { BackendProtocol, BackendTlsIR } from '@causeway/ir/gateway';
import type { Backend } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { authorityCertificates } from './authority.ts';
import { backendTlsSettings } from './backend-tls-config.ts';
import { backendTlsOf } from './backend-tls-policy.ts';
import { certificateOf } from './shown-certificate.ts';

/** How the endpoints of a Backend are reached. */
export interface BackendObjectTranslation {
  readonly protocol: BackendProtocol;
  readonly tls?: BackendTlsIR;
  /** Its BackendTLSPolicy cannot be kept: no request may reach it. */
  readonly refused?: string;
  /** Name or address of its first endpoint, and its port, for what asks one alone. */
  readonly first: { readonly host: string; readonly port: number };
  /** Only while no other backend of the rule is well. */
  readonly fallback?: true;
  /** What it is called where it is told its own name; absent: `host` of {@link first}. */
  readonly name?: string;
}

/** Certificates between that of an endpoint and the authority. */
const CHAIN_LENGTH = 8;
const UNSERVED_TLS = ['ecdhCurves', 'signatureAlgorithms', 'alpnProtocols'] as const;

/**
 * What a Backend says of its endpoints.
 *
 * Source: GW-16; Envoy Gateway v1.7, Backend.
 *
 * @returns text: what cannot be served, with the path of the field; no request may reach it then
 */
export function translateBackendObject(view: View, backend: Backend): BackendObjectTranslation | string {
  const { type = 'Endpoints', endpoints = [], appProtocols = [], fallback = false, tls } = backend.spec;
  if (type !== 'Endpoints') return `spec.type: ${type} is not served`;
  const mistake = endpoints.map(endpointMistake).find((each) => each !== undefined);
  if (mistake !== undefined) return mistake;
  const [first] = endpoints.flatMap(({ ip, fqdn }) => {
    if (ip !== undefined) return { host: ip.address.includes(':') ? `[${ip.address}]` : ip.address, port: ip.port };
    return fqdn === undefined ? [] : { host: fqdn.hostname, port: fqdn.port };
  });
  if (first === undefined) return 'spec.endpoints: Required value';
  const [name] = endpoints.flatMap(({ hostname }) => hostname ?? []);
  const further = { first, ...(fallback && { fallback }), ...(name !== undefined && { name }) };
  const isHttp2 = appProtocols.includes('gateway.envoyproxy.io/h2c');
  const overTls = isHttp2 ? 'grpcs' : 'https';
  const config = tls === undefined ? {} : configOf(view, backend, tls);
  if (typeof config === 'string') return config;
  // Whom to trust a policy says before the Backend itself does.
  const wanted = backendTlsOf(view, { kind: 'Backend', ...keyOf(backend) }, undefined);
  if (wanted !== undefined) {
    return 'refused' in wanted
      ? { protocol: overTls, refused: wanted.refused, ...further }
      : { protocol: overTls, tls: { ...wanted.tls, ...config }, ...further };
  }
  if (tls === undefined) {
    // Any certificate would do: nobody said what it must be.
    if (appProtocols.includes('gateway.envoyproxy.io/wss')) return { protocol: 'https', ...further };
    return { protocol: isHttp2 ? 'grpc' : 'http', ...further };
  }
  const verified = tlsOf(view, backend, tls);
  if (typeof verified === 'string') return verified;
  return { protocol: overTls, tls: { ...verified, ...config }, ...further };
}

function endpointMistake({ ip, fqdn, unix }: BackendEndpoint, index: number): string | undefined {
  const field = `spec.endpoints[${index}]`;
  if (unix !== undefined) return `${field}.unix: not served`;
  return (ip ?? fqdn)?.port === 0 ? `${field}: port 0 is none` : undefined;
}

/** What it says besides whom to trust. */
function configOf(
  view: View,
  backend: Backend,
  tls: BackendTls,
): Pick<BackendTlsIR, 'certificate' | 'ciphers' | 'protocols'> | string {
  const problems: string[] = UNSERVED_TLS.filter((field) => tls[field] !== undefined).map(
    (field) => `spec.tls.${field}: not served`,
  );
  const { certificateRef, ...settings } = backendTlsSettings(tls, (field, message) =>
    problems.push(`spec.tls.${field}: ${message}`),
  );
  if (problems[0] !== undefined) return problems[0];
  if (certificateRef === undefined) return settings;
  const referrer = { group: ENVOY_GATEWAY_GROUP, kind: 'Backend', namespace: keyOf(backend).namespace };
  const found = certificateOf(view, { ref: certificateRef, referrer, field: 'spec.tls.clientCertificateRef' });
  return 'refusal' in found ? found.refusal.message : { ...settings, certificate: found };
}

function tlsOf(view: View, backend: Backend, tls: BackendTls): BackendTlsIR | string {
  const names = new Set((backend.spec.endpoints ?? []).flatMap(({ fqdn }) => fqdn?.hostname ?? []));
  const [only = ''] = names.size === 1 ? names : [];
  const name = tls.sni ?? only;
  const sent = { name, sendName: name !== '' };
  const { caCertificateRefs = [], wellKnownCACertificates, insecureSkipVerify = false } = tls;
  if (insecureSkipVerify) return sent;
  if (name === '') return 'spec.tls.sni: Required value, unless all endpoints have one name';
  if (wellKnownCACertificates !== undefined) return { ...sent, trustsSystem: true, verifyDepth: CHAIN_LENGTH };
  let trustPem = '';
  for (const [index, { group, kind, name: object }] of caCertificateRefs.entries()) {
    const field = `spec.tls.caCertificateRefs[${index}]`;
    if (group !== '' || (kind !== 'ConfigMap' && kind !== 'Secret')) {
      return `${field}: kind ${kind}: only ConfigMaps and Secrets are read`;
    }
    const key = { namespace: keyOf(backend).namespace, name: object };
    const found = authorityCertificates(view, kind, key);
    if (typeof found === 'string') return `${field}: ${kind} ${objectKeyText(key)} ${found}`;
    trustPem += found.join('');
  }
  if (trustPem === '')
    return 'spec.tls: one of caCertificateRefs, wellKnownCACertificates and insecureSkipVerify is required';
  return { ...sent, trustPem, verifyDepth: CHAIN_LENGTH };
}
