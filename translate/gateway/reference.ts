import type { Frontend } from '@causeway/apis/gateway/frontend';
import { ALB2Kind, FrontendKind, RuleKind } from '@causeway/apis/gateway/index';
import type { Rule } from '@causeway/apis/gateway/rule';
import type { ObjectKey } from '@causeway/apis/meta/object';
import type { View } from '@causeway/resources/view';
import type { Inherited } from './inheritance.ts';

/** The object in whose name another one is used. */
export interface Referrer {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
}

/** What is used, of the core group. */
export interface Referent extends ObjectKey {
  readonly kind: 'ConfigMap' | 'Secret';
}

/** What is used. */
interface Target extends ObjectKey {
  readonly group: string;
  readonly kind: string;
}

/**
 * Reports whether an object may use a Secret or ConfigMap. Those of another namespace need the consent of their owner: a
 * ReferenceGrant there, or the opt-out of the ALB, which asks nobody.
 *
 * Source: spec LIM-16; design D12; Gateway API v1, ReferenceGrant.
 */
export function mayUse(view: View, from: Referrer, to: Referent, withoutConsent: boolean): boolean {
  return withoutConsent || isGranted(view, from, { group: '', ...to });
}

/** The same, where nobody opts out. */
export function isGranted(view: View, from: Referrer, to: Target): boolean {
  if (from.namespace === to.namespace) return true;
  return view.by('ReferenceGrant', 'namespace', to.namespace).some(({ spec }) => {
    // What others stored may lack its shape.
    const isFrom = spec?.from?.some(
      ({ group, kind, namespace }) => group === from.group && kind === from.kind && namespace === from.namespace,
    );
    return isFrom === true && spec?.to?.some((target) => covers(target, to)) === true;
  });
}

interface GrantTarget {
  readonly group: string;
  readonly kind: string;
  readonly name?: string;
}

function covers({ group, kind, name }: GrantTarget, to: Target): boolean {
  return group === to.group && kind === to.kind && (name ?? to.name) === to.name;
}

/** How to say no to a user. */
export function notPermitted({ kind, namespace, name }: Referent): string {
  return `${kind} ${namespace}/${name} is in another namespace, without ReferenceGrant (or spec.config.allowCrossNamespaceReferences of the ALB)`;
}

export function ingressReferrer(namespace: string): Referrer {
  return { group: 'networking.k8s.io', kind: 'Ingress', namespace };
}

export function albReferrer(namespace: string): Referrer {
  return { group: ALB2Kind.names.group, kind: ALB2Kind.names.kind, namespace };
}

/** In whose name a setting that is in force was written: a Rule made from an Ingress speaks for it. */
export function settingReferrer(
  setting: keyof Inherited | 'customHeaders',
  { rule, frontend }: { readonly rule?: Rule | undefined; readonly frontend: Frontend },
): Referrer {
  if (rule?.spec.config !== undefined && setting in rule.spec.config) {
    const { source } = rule.spec;
    if (source?.type === 'ingress') return ingressReferrer(source.namespace);
    return { group: RuleKind.names.group, kind: RuleKind.names.kind, namespace: rule.metadata.namespace ?? '' };
  }
  const namespace = frontend.metadata.namespace ?? '';
  if (frontend.spec.config === undefined || !(setting in frontend.spec.config)) return albReferrer(namespace);
  return { group: FrontendKind.names.group, kind: FrontendKind.names.kind, namespace };
}
