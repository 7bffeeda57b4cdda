import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { View } from '@causeway/resources/view';
import { POLICY_KINDS } from '@causeway/translate/gateway-api/policy/policy-kind';
import { translatePolicyStatus } from '@causeway/translate/gateway-api/policy/policy-status';

/** Policies with an effect on a Gateway that are not accepted there, and why. */
export function wrongPolicies(view: View, gateway: ObjectKey): readonly string[] {
  const isHere = (ancestor: { readonly kind?: string; readonly namespace?: string; readonly name: string }) =>
    ancestor.kind === 'Gateway' && ancestor.namespace === gateway.namespace && ancestor.name === gateway.name;
  return POLICY_KINDS.flatMap((kind) =>
    view.all(kind).flatMap((policy) =>
      translatePolicyStatus(view, kind, keyOf(policy))
        .filter(({ ancestor }) => isHere(ancestor))
        .flatMap(({ conditions }) => conditions.filter(({ type, status }) => type === 'Accepted' && status === 'False'))
        .map(({ reason, message }) => `${kind} ${objectKeyText(keyOf(policy))}: ${reason}: ${message}`),
    ),
  );
}
