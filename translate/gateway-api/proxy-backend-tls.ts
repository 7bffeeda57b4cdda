import type { EnvoyProxySpec, ProxyBackendTls } from '@causeway/apis/envoy-gateway/envoy-proxy';
import { cipherListMistake } from '@causeway/apis/gateway/cipher-list';
import type { BackendTlsIR } from '@causeway/ir/gateway';
import { protocolsOf } from './policy/client-connection.ts';
import type { Tell } from './policy/tell.ts';

/** How TLS is spoken to all backends of a Gateway that it is spoken to. */
export interface ProxyBackendTlsSettings extends Pick<BackendTlsIR, 'ciphers' | 'protocols'> {
  readonly certificateRef?: NonNullable<ProxyBackendTls['clientCertificateRef']>;
}

const SERVED = new Set(['clientCertificateRef', 'minVersion', 'maxVersion', 'ciphers']);

/** Source: GW-06, GW-11; Envoy Gateway v1.7, BackendTLSConfig. @returns undefined when nothing is said */
export function proxyBackendTls({ backendTLS }: EnvoyProxySpec, tell: Tell): ProxyBackendTlsSettings | undefined {
  if (backendTLS === undefined) return undefined;
  const { clientCertificateRef, minVersion = 'Auto', maxVersion = 'Auto', ciphers } = backendTLS;
  for (const name of Object.keys(backendTLS)) if (!SERVED.has(name)) tell(`spec.backendTLS.${name}`, '');
  const protocols = protocolsOf(minVersion, maxVersion, (field, message) =>
    tell(`spec.backendTLS.${field.replace('tls.', '')}`, message),
  );
  const list = ciphers?.join(':');
  const mistake = list === undefined ? undefined : cipherListMistake(list);
  if (mistake !== undefined) tell('spec.backendTLS.ciphers', mistake);
  return {
    ...(clientCertificateRef === undefined ? {} : { certificateRef: clientCertificateRef }),
    ...(protocols === undefined ? {} : { protocols }),
    ...(list === undefined || mistake !== undefined ? {} : { ciphers: list }),
  };
}
