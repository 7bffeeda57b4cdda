import type { BackendTlsConfig } from '@causeway/apis/envoy-gateway/backend-tls';
import { cipherListMistake } from '@causeway/apis/gateway/cipher-list';
import type { BackendTlsIR } from '@causeway/ir/gateway';
import { protocolsOf } from '../policy/client-connection.ts';
import type { Tell } from '../policy/tell.ts';

/** How TLS is spoken to backends, as an EnvoyProxy or a Backend says it. */
export interface BackendTlsSettings extends Pick<BackendTlsIR, 'ciphers' | 'protocols'> {
  readonly certificateRef?: NonNullable<BackendTlsConfig['clientCertificateRef']>;
}

/**
 * Source: GW-06, GW-11; Envoy Gateway v1.7, BackendTLSConfig.
 *
 * @param tell is called with the name of a field that cannot be served as it is
 */
export function backendTlsSettings(config: BackendTlsConfig, tell: Tell): BackendTlsSettings {
  const { clientCertificateRef, minVersion = 'Auto', maxVersion = 'Auto', ciphers } = config;
  const protocols = protocolsOf(minVersion, maxVersion, (field, message) => tell(field.replace('tls.', ''), message));
  const list = ciphers?.join(':');
  const mistake = list === undefined ? undefined : cipherListMistake(list);
  if (mistake !== undefined) tell('ciphers', mistake);
  return {
    ...(clientCertificateRef === undefined ? {} : { certificateRef: clientCertificateRef }),
    ...(protocols === undefined ? {} : { protocols }),
    ...(list === undefined || mistake !== undefined ? {} : { ciphers: list }),
  };
}
