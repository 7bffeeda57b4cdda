import { type ClientPolicyIR, type FilterIR, type HostTlsIR, hostsOf, type MatchIR } from '@causeway/ir/gateway';
import type { AccessSubject } from './access.ts';
import { type ClientPolicyTranslation, translateCiphers, translateClientCertificate } from './client-certificate.ts';
import { listenerProtocol, speaksTls } from './frontend-port.ts';
import type { Inherited } from './inheritance.ts';
import type { Problem } from './problem.ts';
import { settingReferrer } from './reference.ts';

export interface TlsTranslation {
  /** Absent: nothing is said about hosts. */
  readonly hostTls?: HostTlsIR;
  /** First of all filters. */
  readonly filters: readonly FilterIR[];
  readonly problems: readonly Problem[];
}

const NO_HOST: ClientPolicyIR = {
  verify: 'closed',
  status: 403,
  reason: 'InvalidClientCertificate : no host to ask for certificates',
};

/**
 * What a Rule wants of TLS: for its hosts what it says itself, for its requests what is in force, also on ports without TLS, where
 * nobody shows a certificate.
 *
 * Source: spec ALB 5.7, LIM-03; design D12.
 *
 * @param inherited the settings in force for it, its own included
 */
export function translateRuleTls(inherited: Inherited, match: MatchIR, subject: AccessSubject): TlsTranslation {
  const { object, rule, frontend } = subject;
  const { clientCertificate, clientTLS } = rule?.spec.config ?? {};
  if (inherited.clientCertificate === undefined && clientTLS === undefined) return { filters: [], problems: [] };
  const { policy, problems } = clientPolicy(inherited, subject);
  const ciphers = translateCiphers(clientTLS, object);
  const found = [...problems, ...ciphers.problems];
  const own = clientCertificate === undefined ? undefined : policy;
  const hasTls = speaksTls(listenerProtocol(frontend));
  if (hasTls && hostsOf(match) === undefined) {
    const warn = (field: string, effect: string): void => {
      const message = `spec.config.${field}: which hosts it is for cannot be told from spec.dslx; ${effect}`;
      found.push({ object, reason: 'InvalidField', message, severity: 'Warning' });
    };
    if (ciphers.ciphers !== undefined) warn('clientTLS', 'ignored');
    if (own === undefined || own.verify === 'off') return { filters: filtersOf(policy), problems: found };
    warn('clientCertificate', 'requests are answered 403');
    return { filters: filtersOf(NO_HOST), problems: found };
  }
  const hostTls: HostTlsIR = {
    ...(own === undefined ? {} : { client: own }),
    ...(ciphers.ciphers === undefined ? {} : { ciphers: ciphers.ciphers }),
  };
  return {
    ...(hasTls && Object.keys(hostTls).length > 0 ? { hostTls } : {}),
    filters: filtersOf(policy),
    problems: found,
  };
}

/** The same of a Frontend: what it says holds for hosts of which no Rule says anything else. */
export function translateFrontendTls(inherited: Inherited, subject: AccessSubject): TlsTranslation {
  if (inherited.clientCertificate === undefined && inherited.clientTLS === undefined) {
    return { filters: [], problems: [] };
  }
  const { policy, problems } = clientPolicy(inherited, subject);
  const ciphers = translateCiphers(inherited.clientTLS, subject.object);
  const hostTls: HostTlsIR = {
    ...(policy === undefined ? {} : { client: policy }),
    ...(ciphers.ciphers === undefined ? {} : { ciphers: ciphers.ciphers }),
  };
  return {
    ...(Object.keys(hostTls).length === 0 ? {} : { hostTls }),
    filters: filtersOf(policy),
    problems: [...problems, ...ciphers.problems],
  };
}

function clientPolicy({ clientCertificate }: Inherited, subject: AccessSubject): ClientPolicyTranslation {
  const { view, object, settings } = subject;
  return translateClientCertificate(clientCertificate, {
    view,
    object,
    referrer: settingReferrer('clientCertificate', subject),
    withoutConsent: settings.allowCrossNamespaceReferences,
  });
}

function filtersOf(policy: ClientPolicyIR | undefined): readonly FilterIR[] {
  return policy === undefined || policy.verify === 'off' ? [] : [{ type: 'clientCertificate', policy }];
}
