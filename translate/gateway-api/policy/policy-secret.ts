import { ENVOY_GATEWAY_GROUP } from '@causeway/apis/envoy-gateway/bundle';
import type { SecretObjectReference } from '@causeway/apis/gateway-api/object-reference';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { Secret } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { isGranted } from '../../gateway/reference.ts';
import type { Policy } from './policy-kind.ts';
import type { Tell } from './tell.ts';

export interface SecurityContext {
  readonly view: View;
  readonly policy: Policy<'SecurityPolicy'>;
  readonly tell: Tell;
}

/** A Secret that a policy may use; otherwise it is told why not. */
export function secretOf(
  { group = '', kind = 'Secret', namespace, name }: SecretObjectReference,
  field: string,
  { view, policy, tell }: SecurityContext,
): { readonly key: ObjectKey; readonly secret: Secret } | undefined {
  const own = keyOf(policy).namespace;
  const key = { namespace: namespace ?? own, name };
  if (group !== '' || kind !== 'Secret') {
    tell(field, `kind ${kind}: only Secrets are served`);
    return undefined;
  }
  const from = { group: ENVOY_GATEWAY_GROUP, kind: 'SecurityPolicy', namespace: own };
  if (!isGranted(view, from, { group, kind, ...key })) {
    tell(field, `no ReferenceGrant in ${key.namespace} for Secret ${objectKeyText(key)}`);
    return undefined;
  }
  const secret = view.get('Secret', key);
  if (secret === undefined) {
    tell(field, `Secret ${objectKeyText(key)} not found`);
    return undefined;
  }
  return { key, secret };
}
