import { cipherListMistake } from '@causeway/apis/gateway/cipher-list';
import {
  type ClientCertificateConfig,
  type ClientTlsConfig,
  errorPageMistake,
  readCommonName,
} from '@causeway/apis/gateway/client-certificate';
import { readTemplate } from '@causeway/apis/gateway/template';
import { objectKeyText, parseObjectKey } from '@causeway/apis/meta/object';
import type { CiphersIR, ClientPolicyIR, VerifyClientIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { certificatesOf, pemRevocations } from './certificate.ts';
import type { Problem } from './problem.ts';
import { mayUse, notPermitted, type Referrer } from './reference.ts';
import { secretId } from './secret-name.ts';

export interface ClientCertificateContext {
  readonly view: View;
  /** The object that has the setting, or inherits it. */
  readonly object: Problem['object'];
  /** In whose name the Secret is used. */
  readonly referrer: Referrer;
  /** The ALB uses objects of other namespaces without consent. */
  readonly withoutConsent: boolean;
}

export interface ClientPolicyTranslation {
  /** Absent: nothing is said. */
  readonly policy?: ClientPolicyIR;
  readonly problems: readonly Problem[];
}

/** What ingress-nginx answers, too. */
const CLOSED: ClientPolicyIR = {
  verify: 'closed',
  status: 403,
  reason: 'InvalidClientCertificate : clients cannot be verified',
};
/** As in ingress-nginx. */
const DEFAULT_DEPTH = 1;
/**
 * clientCertificate in force -> policy. Without authorities nobody is let through.
 *
 * Source: spec ALB 5.7, LIM-03, LIM-16.
 */
export function translateClientCertificate(
  config: ClientCertificateConfig | undefined,
  context: ClientCertificateContext,
): ClientPolicyTranslation {
  if (config === undefined) return { problems: [] };
  const { secret: name, verify = 'on', verifyDepth: depth = DEFAULT_DEPTH, errorPage, matchCN, passToBackend } = config;
  if (verify === 'off' || Object.keys(config).length === 0) return { policy: { verify: 'off' }, problems: [] };
  const problems: Problem[] = [];
  const warn = (reason: Problem['reason'], message: string): void => {
    const text = `spec.config.clientCertificate.${message}`;
    problems.push({ object: context.object, reason, message: text, severity: 'Warning' });
  };
  const authorities = authoritiesOf(name ?? '', context, (reason, message) =>
    warn(reason, `secret: ${message}; requests are answered 403`),
  );
  const pattern = matchCN === undefined ? undefined : readCommonName(matchCN);
  if (typeof pattern === 'string') warn('InvalidField', `matchCN: ${pattern}; requests are answered 403`);
  if (authorities === undefined || typeof pattern === 'string') return { policy: CLOSED, problems };
  const mistake = errorPage === undefined ? undefined : errorPageMistake(errorPage);
  if (mistake !== undefined) warn('InvalidField', `errorPage: ${mistake}; ignored`);
  const page = errorPage === undefined || mistake !== undefined ? undefined : readTemplate(errorPage);
  const policy: VerifyClientIR = {
    verify,
    ...authorities,
    depth,
    ...(page === undefined || typeof page === 'string' ? {} : { errorPage: page }),
    ...(pattern === undefined ? {} : { commonName: pattern.pattern }),
    passCertificate: passToBackend === true,
  };
  return { policy, problems };
}

type Authorities = Pick<VerifyClientIR, 'authorities' | 'caPem' | 'crlPem'>;

function authoritiesOf(
  name: string,
  { view, referrer, withoutConsent }: ClientCertificateContext,
  warn: (reason: Problem['reason'], message: string) => void,
): Authorities | undefined {
  const id = secretId(name);
  if (id === undefined) {
    warn('InvalidField', `${JSON.stringify(name)} is not namespace/name`);
    return undefined;
  }
  const key = parseObjectKey(id);
  const referent = { ...key, kind: 'Secret' } as const;
  if (!mayUse(view, referrer, referent, withoutConsent)) {
    warn('RefNotPermitted', notPermitted(referent));
    return undefined;
  }
  const secret = view.get('Secret', key);
  if (secret === undefined) {
    warn('RefNotFound', `Secret ${objectKeyText(key)} not found`);
    return undefined;
  }
  const ca = certificatesOf(secret, 'ca.crt');
  if (ca === undefined) {
    warn('InvalidCertificate', `${id} has no PEM certificate in ca.crt`);
    return undefined;
  }
  const caPem = ca.join('');
  const revoked = Buffer.from(secret.data?.['ca.crl'] ?? '', 'base64').toString('latin1');
  if (revoked.trim() === '') return { authorities: `Secret ${id}`, caPem };
  const lists = pemRevocations(revoked);
  if (lists === undefined) {
    warn('InvalidCertificate', `ca.crl of ${id} holds no PEM list of revoked certificates`);
    return undefined;
  }
  return { authorities: `Secret ${id}`, caPem, crlPem: lists.join('') };
}

/** clientTLS -> ciphers; a list that OpenSSL would not take is left out. */
export function translateCiphers(
  config: ClientTlsConfig | undefined,
  object: Problem['object'],
): { readonly ciphers?: CiphersIR; readonly problems: readonly Problem[] } {
  if (config === undefined) return { problems: [] };
  const { ciphers: list, preferServerCiphers: preferServer } = config;
  const mistake = list === undefined ? undefined : cipherListMistake(list);
  const message = `spec.config.clientTLS.ciphers: ${mistake}; ignored`;
  const ciphers: CiphersIR = {
    ...(list === undefined || mistake !== undefined ? {} : { list }),
    ...(preferServer === undefined ? {} : { preferServer }),
  };
  return {
    ...(Object.keys(ciphers).length === 0 ? {} : { ciphers }),
    problems: mistake === undefined ? [] : [{ object, reason: 'InvalidField', message, severity: 'Warning' }],
  };
}
