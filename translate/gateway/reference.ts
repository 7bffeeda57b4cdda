import type { KindName } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';

/** The object in whose name another one is used. */
export interface Referrer {
  readonly kind: 'ALB2' | 'Frontend' | 'Rule' | 'Ingress';
  readonly namespace: string;
}

/**
 * Reports whether an object may use one of another namespace: its owner must agree, or the ALB opt out of asking.
 *
 * Source: spec LIM-16; design D12.
 */
export function mayUse(
  _view: View,
  from: Referrer,
  to: { readonly kind: KindName & ('Secret' | 'ConfigMap'); readonly namespace: string; readonly name: string },
  withoutConsent: boolean,
): boolean {
  return from.namespace === to.namespace || withoutConsent;
}
