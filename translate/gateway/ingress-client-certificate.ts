import type { ClientCertificateConfig, ClientTlsConfig } from '@causeway/apis/gateway/client-certificate';
import type { IngressFeature, RulePart } from './ingress-feature.ts';
import type { IngressReader } from './ingress-reader.ts';

const FIELDS = {
  'auth-tls-secret': 'secret',
  'auth-tls-verify-client': 'verify',
  'auth-tls-verify-depth': 'verifyDepth',
  'auth-tls-error-page': 'errorPage',
  'auth-tls-pass-certificate-to-upstream': 'passToBackend',
  'auth-tls-match-cn': 'matchCN',
} as const satisfies Readonly<Record<string, keyof ClientCertificateConfig>>;
const NAMES = Object.keys(FIELDS) as readonly (keyof typeof FIELDS)[];
/** Without these a request would get through that shall not. */
const PROTECTING = [
  'auth-tls-secret',
  'auth-tls-verify-client',
  'auth-tls-verify-depth',
  'auth-tls-match-cn',
] as const satisfies readonly (typeof NAMES)[number][];
const CIPHERS = ['ssl-ciphers', 'ssl-prefer-server-ciphers'] as const;

/**
 * Only with `auth-tls-secret` clients are asked for certificates; other annotations that want one and lack it close the paths.
 *
 * Source: spec ALB 5.7, LIM-03.
 */
export const CLIENT_CERTIFICATE_FEATURE: IngressFeature = {
  annotations: [...NAMES, ...CIPHERS],
  byPath: [],
  translate: (read, _path, { namespace, isTls }) => {
    const ciphers = isTls ? ciphersOf(read) : {};
    const mistake = read.mistake(PROTECTING);
    if (mistake !== undefined) return { config: { ...ciphers, refused: mistake } };
    const secret = read.value('auth-tls-secret');
    const verify = read.value('auth-tls-verify-client');
    if (secret === undefined) {
      if (verify === undefined || verify === 'off') return { config: ciphers };
      return {
        config: { ...ciphers, refused: 'metadata.annotations: auth-tls-verify-client without auth-tls-secret' },
      };
    }
    const fields = NAMES.flatMap((name) => {
      const value = read.value(name);
      return value === undefined ? [] : [[FIELDS[name], value] as const];
    });
    const clientCertificate: ClientCertificateConfig = {
      ...Object.fromEntries(fields),
      secret: secret.includes('/') ? secret : `${namespace}/${secret}`,
    };
    return { config: { ...ciphers, clientCertificate } };
  },
};

function ciphersOf(read: IngressReader): NonNullable<RulePart['config']> {
  const list = read.value('ssl-ciphers');
  const prefer = read.value('ssl-prefer-server-ciphers');
  if (list === undefined && prefer === undefined) return {};
  const clientTLS: ClientTlsConfig = {
    ...(list === undefined ? {} : { ciphers: list }),
    ...(prefer === undefined ? {} : { preferServerCiphers: prefer }),
  };
  return { clientTLS };
}
