/** The object in whose name another one is used. */
export interface Referrer {
  readonly namespace: string;
}

/**
 * Reports whether an object may use a Secret or ConfigMap of a namespace. Those of another one need the consent of their owner; there is
 * no ReferenceGrant yet, so only the opt-out of the ALB gives it.
 *
 * Source: spec LIM-16; design D12.
 */
export function mayUse(from: Referrer, namespace: string, withoutConsent: boolean): boolean {
  return from.namespace === namespace || withoutConsent;
}
