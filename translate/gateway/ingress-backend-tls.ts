import type { BackendTlsConfig } from '@causeway/apis/gateway/backend-tls';
import type { IngressFeature } from './ingress-feature.ts';

const FIELDS = {
  'proxy-ssl-secret': 'secret',
  'proxy-ssl-verify': 'verify',
  'proxy-ssl-verify-depth': 'verifyDepth',
  'proxy-ssl-name': 'name',
  'proxy-ssl-server-name': 'sendName',
  'proxy-ssl-protocols': 'protocols',
  'proxy-ssl-ciphers': 'ciphers',
} as const satisfies Readonly<Record<string, keyof BackendTlsConfig>>;

const NAMES = Object.keys(FIELDS) as readonly (keyof typeof FIELDS)[];

/**
 * Without any of them the Rule inherits how it speaks TLS to backends; a Secret without namespace is one of the Ingress's own.
 *
 * Source: spec ALB 5.7, LIM-12; ingress-nginx IN-16.
 */
export const BACKEND_TLS_FEATURE: IngressFeature = {
  annotations: NAMES,
  byPath: [],
  translate: (read, _path, { namespace }) => {
    const fields = NAMES.flatMap((name) => {
      const value = read.value(name);
      return value === undefined ? [] : [[FIELDS[name], value] as const];
    });
    if (fields.length === 0 && read.mistake(['proxy-ssl-verify']) === undefined) return {};
    const backendTLS = Object.fromEntries(fields) as BackendTlsConfig;
    const { secret } = backendTLS;
    const named = secret === undefined || secret.includes('/') ? {} : { secret: `${namespace}/${secret}` };
    // Whoever writes it wants backends to be verified, or says off.
    const verify = read.mistake(['proxy-ssl-verify']) === undefined ? {} : { verify: true };
    return { config: { backendTLS: { ...backendTLS, ...named, ...verify } } };
  },
};
