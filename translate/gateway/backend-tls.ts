import type { BackendTlsConfig } from '@causeway/apis/gateway/backend-tls';
import { cipherListMistake } from '@causeway/apis/gateway/cipher-list';
import { type ObjectKey, objectKeyText, parseObjectKey } from '@causeway/apis/meta/object';
import type { BackendTlsIR } from '@causeway/ir/gateway';
import type { Secret } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { certificatesOf, keyPairOf } from './certificate.ts';
import type { Problem } from './problem.ts';
import { mayUse, notPermitted, type Referent, type Referrer } from './reference.ts';

export interface BackendTlsOptions {
  readonly config: BackendTlsConfig | undefined;
  /** The object that is told of mistakes. */
  readonly object: Problem['object'];
  /** Who wrote the settings: names without namespace are meant there. */
  readonly referrer: Referrer;
  readonly allowCrossNamespaceReferences: boolean;
  /** Verified and sent when the settings have none. */
  readonly name: string;
}

export interface BackendTlsTranslation {
  /** Absent: any certificate will do, no name is sent. */
  readonly tls?: BackendTlsIR;
  /** Backends cannot be verified although they must be: why no request may reach them. */
  readonly refused?: string;
  readonly problems: readonly Problem[];
}

/**
 * How TLS is spoken to backends. Without a usable Secret backends that must be verified get nothing; what else the Secret is for
 * is left out.
 *
 * Source: spec ALB-107, LIM-12, LIM-16; ingress-nginx IN-16.
 */
export function translateBackendTls(view: View, options: BackendTlsOptions): BackendTlsTranslation {
  const { config, object } = options;
  if (config === undefined) return { problems: [] };
  const problems: Problem[] = [];
  const warn = (reason: Problem['reason'], message: string): void => {
    problems.push({ object, reason, message: `spec.config.backendTLS.${message}`, severity: 'Warning' });
  };
  const verify = config.verify === true;
  const sendName = config.sendName === true;
  const secret = config.secret === undefined ? undefined : secretOf(view, config.secret, options, verify, warn);
  const trust = secret && certificatesOf(secret, 'ca.crt');
  if (verify && trust === undefined) {
    if (config.secret === undefined) warn('InvalidField', 'secret: Required value: backends are to be verified');
    else if (secret !== undefined) {
      warn(
        'InvalidCertificate',
        `secret: ${config.secret} has no PEM certificate in ca.crt; requests are answered 503`,
      );
    }
    return { refused: 'InvalidBackendTLS : backends cannot be verified', problems };
  }
  const pair = secret && keyPairOf(secret);
  if (pair === 'unusable') {
    warn('InvalidCertificate', `secret: tls.crt and tls.key of ${config.secret} are no pair; backends are shown none`);
  }
  const mistake = config.ciphers === undefined ? undefined : cipherListMistake(config.ciphers);
  if (mistake !== undefined) warn('InvalidField', `ciphers: ${mistake}; ignored`);
  const protocols = [...new Set(config.protocols)].sort();
  const tls: BackendTlsIR = {
    name: verify || sendName ? (config.name ?? options.name).toLowerCase() : '',
    sendName,
    ...(verify && trust !== undefined ? { trustPem: trust.join('') } : {}),
    ...(verify && config.verifyDepth !== undefined ? { verifyDepth: config.verifyDepth } : {}),
    ...(pair === undefined || pair === 'unusable' ? {} : { certificate: pair }),
    ...(protocols.length === 0 ? {} : { protocols }),
    ...(config.ciphers === undefined || mistake !== undefined ? {} : { ciphers: config.ciphers }),
  };
  const isDefault = Object.keys(tls).length === 2 && !sendName;
  return isDefault ? { problems } : { tls, problems };
}

function secretOf(
  view: View,
  text: string,
  { referrer, allowCrossNamespaceReferences }: BackendTlsOptions,
  verify: boolean,
  warn: (reason: Problem['reason'], message: string) => void,
): Secret | undefined {
  const key: ObjectKey = text.includes('/') ? parseObjectKey(text) : { namespace: referrer.namespace, name: text };
  const effect = verify ? 'requests are answered 503' : 'ignored';
  const referent: Referent = { kind: 'Secret', ...key };
  if (!mayUse(view, referrer, referent, allowCrossNamespaceReferences)) {
    warn('RefNotPermitted', `secret: ${notPermitted(referent)}; ${effect}`);
    return undefined;
  }
  const secret = view.get('Secret', key);
  if (secret === undefined) warn('RefNotFound', `secret: Secret ${objectKeyText(key)} not found; ${effect}`);
  return secret;
}
