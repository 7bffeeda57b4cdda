import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { BackendTlsIR, CertificateNameIR } from '@causeway/ir/gateway';
import type { BackendTLSPolicy } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { type Verdict, verdict } from '../condition.ts';
import { authorityCertificates } from './authority.ts';
import { isBackendKind } from './backend-kind.ts';

/** What a BackendTLSPolicy asks for, and what is to be said of it. */
export interface PolicyTranslation {
  /** Absent: it cannot be kept, and its backends get no request. */
  readonly tls?: BackendTlsIR;
  readonly conditions: readonly [accepted: Verdict, resolvedRefs: Verdict];
}

/** What a BackendTLSPolicy may be for: a Service, or a Backend of Envoy Gateway. */
export interface PolicyTarget extends ObjectKey {
  readonly kind: 'Service' | 'Backend';
}

/** How TLS is spoken to one port of a Service, or to a Backend. */
export type BackendTls = { readonly tls: BackendTlsIR } | { readonly refused: string };

/** Certificates between that of a backend and the authority. */
const CHAIN_LENGTH = 8;

/**
 * How the owner of a Service wants TLS spoken to one of its ports, or that of a Backend to it; undefined: nobody wants any.
 *
 * Source: GW-40; Gateway API v1, BackendTLSPolicy.
 *
 * @param port name of the port of the Service
 */
export function backendTlsOf(view: View, target: PolicyTarget, port: string | undefined): BackendTls | undefined {
  const policies = policiesFor(view, target);
  const winner =
    (port === undefined ? undefined : firstOf(policies, target, port)) ?? firstOf(policies, target, undefined);
  if (winner === undefined) return undefined;
  const { tls, conditions } = translateBackendTlsPolicy(view, winner);
  if (tls !== undefined) return { tls };
  const failed = conditions.find(({ status }) => status !== 'True');
  return { refused: `BackendTLSPolicy ${objectKeyText(keyOf(winner))} : ${failed?.message ?? ''}` };
}

/** What the policy itself says, wherever it is in force. */
export function translateBackendTlsPolicy(view: View, policy: BackendTLSPolicy): PolicyTranslation {
  const { validation } = policy.spec;
  const { hostname, wellKnownCACertificates, subjectAltNames = [] } = validation;
  const trust = trustOf(view, policy);
  const resolvedRefs =
    trust.mistake === undefined
      ? verdict('ResolvedRefs', true, 'ResolvedRefs', 'every reference can be followed')
      : verdict('ResolvedRefs', false, trust.mistake.reason, trust.mistake.message);
  const refuse = (reason: string, message: string): PolicyTranslation => ({
    conditions: [verdict('Accepted', false, reason, message), resolvedRefs],
  });
  if (wellKnownCACertificates !== undefined && wellKnownCACertificates !== 'System') {
    return refuse(
      'Invalid',
      `validation.wellKnownCACertificates: ${wellKnownCACertificates} is not served, only System`,
    );
  }
  if (wellKnownCACertificates === undefined && trust.pem === '') {
    return refuse('NoValidCACertificate', trust.mistake?.message ?? 'validation: no certificate authority');
  }
  return {
    tls: {
      name: hostname.toLowerCase(),
      sendName: true,
      ...namesOf(hostname.toLowerCase(), subjectAltNames),
      ...(wellKnownCACertificates === undefined ? { trustPem: trust.pem } : { trustsSystem: true }),
      verifyDepth: CHAIN_LENGTH,
    },
    conditions: [verdict('Accepted', true, 'Accepted', 'its backends are verified'), resolvedRefs],
  };
}

/** Those that are not just the name that is asked for, in one order. */
function namesOf(
  hostname: string,
  subjectAltNames: NonNullable<BackendTLSPolicy['spec']['validation']['subjectAltNames']>,
): Pick<BackendTlsIR, 'names'> {
  const names = subjectAltNames.map(
    ({ type, hostname: host = '', uri = '' }): CertificateNameIR =>
      type === 'URI' ? { of: 'uri', value: uri } : { of: 'dns', value: host.toLowerCase() },
  );
  if (names.every(({ of, value }) => of === 'dns' && value === hostname)) return {};
  const texts = new Map(names.map((name) => [`${name.of} ${name.value}`, name]));
  return { names: [...texts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, name]) => name) };
}

/** What becomes of a policy where others want the same target; undefined: it has each of its targets. */
export function conflictOf(view: View, policy: BackendTLSPolicy): Verdict | undefined {
  for (const { target, sectionName } of targetsOf(policy)) {
    const first = firstOf(policiesFor(view, target), target, sectionName);
    if (first === undefined || first.metadata.name === policy.metadata.name) continue;
    const section = sectionName === undefined ? '' : ` port ${sectionName}`;
    return verdict(
      'Accepted',
      false,
      'Conflicted',
      `BackendTLSPolicy ${first.metadata.name} is in force for ${target.kind} ${target.name}${section}`,
    );
  }
  return undefined;
}

/** Those of its targets that may have such a policy. */
export function targetsOf(
  policy: BackendTLSPolicy,
): readonly { readonly target: PolicyTarget; readonly sectionName?: string | undefined }[] {
  const { namespace } = keyOf(policy);
  return policy.spec.targetRefs.flatMap(({ group, kind, name, sectionName }) => {
    if (group === '' && kind === 'Service') return { target: { kind, namespace, name }, sectionName };
    return isBackendKind(group, kind) ? { target: { kind: 'Backend', namespace, name }, sectionName } : [];
  });
}

function policiesFor(view: View, target: PolicyTarget): readonly BackendTLSPolicy[] {
  return view.by('BackendTLSPolicy', target.kind === 'Service' ? 'service' : 'backendObject', objectKeyText(target));
}

/** Of several for the same target the oldest, then the first by name. Source: GEP-713, conflict resolution. */
function firstOf(
  policies: readonly BackendTLSPolicy[],
  { kind, name }: PolicyTarget,
  section: string | undefined,
): BackendTLSPolicy | undefined {
  const named = policies.filter((policy) =>
    targetsOf(policy).some(
      ({ target, sectionName }) => target.kind === kind && target.name === name && sectionName === section,
    ),
  );
  const age = ({ metadata }: BackendTLSPolicy): string => `${metadata.creationTimestamp ?? ''} ${metadata.name}`;
  return named.reduce<BackendTLSPolicy | undefined>(
    (first, each) => (first === undefined || age(each) < age(first) ? each : first),
    undefined,
  );
}

interface Trust {
  /** `''`: none that could be read. */
  readonly pem: string;
  readonly mistake?: { readonly reason: 'InvalidCACertificateRef' | 'InvalidKind'; readonly message: string };
}

/** The authorities that can be read count, whatever others are named. */
function trustOf(view: View, policy: BackendTLSPolicy): Trust {
  const { namespace } = keyOf(policy);
  const mistakes: NonNullable<Trust['mistake']>[] = [];
  let pem = '';
  for (const [index, { group, kind, name }] of (policy.spec.validation.caCertificateRefs ?? []).entries()) {
    const field = `validation.caCertificateRefs[${index}]`;
    const key: ObjectKey = { namespace, name };
    if (group !== '' || (kind !== 'ConfigMap' && kind !== 'Secret')) {
      const named = group === '' ? kind : `${group}/${kind}`;
      mistakes.push({
        reason: 'InvalidKind',
        message: `${field}: ${named} ${name}: only ConfigMaps and Secrets are read`,
      });
      continue;
    }
    const found = authorityCertificates(view, kind, key);
    if (typeof found === 'string') {
      mistakes.push({ reason: 'InvalidCACertificateRef', message: `${field}: ${kind} ${objectKeyText(key)} ${found}` });
    } else {
      pem += found.join('');
    }
  }
  const [mistake] = mistakes;
  return { pem, ...(mistake === undefined ? {} : { mistake }) };
}
